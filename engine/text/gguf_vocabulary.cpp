#include "engine/text/gguf_vocabulary.h"

#include <algorithm>
#include <cmath>

#include "engine/checkpoint/gguf_model.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

// A byte piece's name is "<0x0A>".
bool isByteName(std::string_view text) {
    return text.size() == 6 && text.starts_with("<0x") && text.ends_with('>');
}

// Files without a list of kinds: the usual special tokens by their ids and names.
PieceKind guessedKind(const GgufFile& gguf, std::uint64_t id, std::string_view text) {
    if (id == gguf.number("tokenizer.ggml.unknown_token_id").value_or(0)) {
        return PieceKind::Unknown;
    }
    if (id == gguf.number("tokenizer.ggml.bos_token_id").value_or(1) ||
        id == gguf.number("tokenizer.ggml.eos_token_id").value_or(2)) {
        return PieceKind::Control;
    }
    return isByteName(text) ? PieceKind::Byte : PieceKind::Normal;
}

}  // namespace

GgufVocabulary readGgufVocabulary(const GgufFile& gguf) {
    const std::string_view model = gguf.text("tokenizer.ggml.model").value_or("none");
    if (model != "llama") {
        failUnsupported(gguf.path(),
                        ALCOVE_TEXT("engine",
                                    "its tokenizer is \"%1\", and Alcove runs SentencePiece BPE tokenizers "
                                    "(\"llama\"), as MobiLlama and LLaMA 1 and 2 have them"),
                        shown(model));
    }
    const auto texts = gguf.texts("tokenizer.ggml.tokens");
    const auto scores = gguf.floats("tokenizer.ggml.scores");
    const auto kinds = gguf.integers("tokenizer.ggml.token_type");
    if (!texts || !scores || texts->empty()) {
        failDamaged(gguf.path(), ALCOVE_TEXT("engine", "it lacks the tokens of its vocabulary or their scores"));
    }
    if (scores->size() != texts->size() || (kinds && kinds->size() != texts->size())) {
        failDamaged(gguf.path(), ALCOVE_TEXT("engine", "it gives %1 tokens, but another number of scores or kinds"),
                    texts->size());
    }
    GgufVocabulary result;
    result.vocabulary.addSpacePrefix = gguf.flag("tokenizer.ggml.add_space_prefix").value_or(true);
    result.vocabulary.removeExtraSpaces = gguf.flag("tokenizer.ggml.remove_extra_whitespaces").value_or(false);
    const std::uint64_t pieces =
        std::min<std::uint64_t>(gguf.number(alcove_key::kPieces).value_or(texts->size()), texts->size());
    for (std::uint64_t id = 0; id < texts->size(); ++id) {
        const std::string_view text = (*texts)[id];
        const std::int64_t kind = kinds ? (*kinds)[id] : static_cast<std::int64_t>(guessedKind(gguf, id, text));
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
            {.text = std::string(text), .kind = static_cast<PieceKind>(kind), .score = (*scores)[id]});
    }
    result.vocabulary.byteFallback =
        std::any_of(result.vocabulary.pieces.begin(), result.vocabulary.pieces.end(),
                    [](const VocabularyPiece& piece) { return piece.kind == PieceKind::Byte; });
    return result;
}

}  // namespace alcove::engine
