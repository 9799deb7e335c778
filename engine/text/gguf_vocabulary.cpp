#include "engine/text/gguf_vocabulary.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/checkpoint/gguf_cursor.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

constexpr const char* kKinds = "tokenizer.ggml.token_type";

// A byte piece's name is "<0x0A>".
bool isByteName(std::string_view text) {
    return text.size() == 6 && text.starts_with("<0x") && text.ends_with('>');
}

// For files without a list of kinds: the usual special tokens by their ids and names.
class KindGuess {
public:
    explicit KindGuess(const GgufFile& gguf)
        : m_unknown(gguf.number("tokenizer.ggml.unknown_token_id").value_or(0)),
          m_begin(gguf.number("tokenizer.ggml.bos_token_id").value_or(1)),
          m_end(gguf.number("tokenizer.ggml.eos_token_id").value_or(2)) {}

    [[nodiscard]] PieceKind of(std::uint64_t id, std::string_view text) const {
        if (id == m_unknown) {
            return PieceKind::Unknown;
        }
        if (id == m_begin || id == m_end) {
            return PieceKind::Control;
        }
        return isByteName(text) ? PieceKind::Byte : PieceKind::Normal;
    }

private:
    std::uint64_t m_unknown;
    std::uint64_t m_begin;
    std::uint64_t m_end;
};

// Lists that belong together: a value of each for every token.
struct Lists {
    GgufArray texts;
    GgufArray scores;
    bool kinds = false;
};

Lists requireLists(const GgufFile& gguf) {
    const std::string_view model = gguf.text("tokenizer.ggml.model").value_or("none");
    if (model != "llama") {
        failUnsupported(gguf.path(),
                        ALCOVE_TEXT("engine",
                                    "its tokenizer is \"%1\", and Alcove runs SentencePiece BPE tokenizers "
                                    "(\"llama\"), as MobiLlama and LLaMA 1 and 2 have them"),
                        shown(model));
    }
    const std::optional<GgufArray> texts = gguf.list("tokenizer.ggml.tokens");
    const std::optional<GgufArray> scores = gguf.list("tokenizer.ggml.scores");
    const std::optional<GgufArray> kinds = gguf.list(kKinds);
    if (!texts || !scores || texts->count == 0 || texts->type != GgufType::String ||
        scores->type != GgufType::Float32) {
        failDamaged(gguf.path(), ALCOVE_TEXT("engine", "it lacks the tokens of its vocabulary or their scores"));
    }
    if (scores->count != texts->count || (kinds && kinds->count != texts->count)) {
        failDamaged(gguf.path(), ALCOVE_TEXT("engine", "it gives %1 tokens, but another number of scores or kinds"),
                    texts->count);
    }
    return {*texts, *scores, kinds.has_value()};
}

}  // namespace

void checkGgufVocabulary(const GgufFile& gguf) {
    static_cast<void>(requireLists(gguf));
}

GgufVocabulary readGgufVocabulary(const GgufFile& gguf) {
    const Lists lists = requireLists(gguf);
    GgufVocabulary result;
    result.vocabulary.addSpacePrefix = gguf.flag("tokenizer.ggml.add_space_prefix").value_or(true);
    result.vocabulary.removeExtraSpaces = gguf.flag("tokenizer.ggml.remove_extra_whitespaces").value_or(false);
    const std::uint64_t pieces = gguf.number(alcove_key::kPieces).value_or(lists.texts.count);
    GgufCursor texts(lists.texts.bytes, gguf.path());
    GgufCursor scores(lists.scores.bytes, gguf.path());
    const KindGuess guess(gguf);
    std::optional<std::vector<std::int64_t>> kinds;
    for (std::uint64_t id = 0; id < lists.texts.count; ++id) {
        const std::string_view text = texts.takeText();
        if (text.empty()) {  // what the holes of a sparse file read as; so the file holds what is kept of it
            failDamaged(gguf.path(), ALCOVE_TEXT("engine", "token %1 of its vocabulary is empty"), id);
        }
        if (lists.kinds && !kinds) {
            kinds = gguf.integers(kKinds, lists.texts.count);
        }
        const auto score = scores.take<float>();
        const std::int64_t kind = kinds ? (*kinds)[id] : static_cast<std::int64_t>(guess.of(id, text));
        if (kind < 1 || kind > 6) {
            failDamaged(gguf.path(), ALCOVE_TEXT("engine", "token %1 is of an unknown kind"), id);
        }
        if (id >= pieces) {
            if (static_cast<PieceKind>(kind) != PieceKind::Unused) {
                result.addedTokens.emplace_back(static_cast<TokenId>(id), text);
            }
            continue;
        }
        result.vocabulary.pieces.push_back(
            {.text = std::string(text), .kind = static_cast<PieceKind>(kind), .score = score});
    }
    result.vocabulary.byteFallback =
        std::any_of(result.vocabulary.pieces.begin(), result.vocabulary.pieces.end(),
                    [](const VocabularyPiece& piece) { return piece.kind == PieceKind::Byte; });
    return result;
}

}  // namespace alcove::engine
