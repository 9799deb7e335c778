#include "engine/text/tokenizer.h"

#include <algorithm>
#include <utility>

#include <nlohmann/json.hpp>
#include <sentencepiece_processor.h>

#include "engine/base/error.h"
#include "engine/base/memory_error.h"
#include "engine/checkpoint/gguf.h"
#include "engine/checkpoint/location.h"
#include "engine/files/bounded_json.h"
#include "engine/files/file_errors.h"
#include "engine/files/small_file.h"
#include "engine/text/gguf_vocabulary.h"
#include "engine/text/sentencepiece_model.h"
#include "engine/text/utf8.h"

namespace alcove::engine {

namespace {

constexpr std::uint64_t kModelLimit = 64ULL << 20U;  // LLaMA's is 0.5 MB, the largest known ones 4 MB
constexpr JsonLimits kAddedLimits = {.bytes = 1 << 20, .depth = 4, .values = 100'000, .text = 1 << 12};
constexpr std::string_view kWordBoundary = "\xE2\x96\x81";      // U+2581, SentencePiece's space
constexpr std::string_view kUnknownSurface = " \xE2\x81\x87 ";  // " ⁇ ", what SentencePiece decodes <unk> to

std::string surfaceOf(const VocabularyPiece& piece) {
    switch (piece.kind) {
        case PieceKind::Control:
            return {};
        case PieceKind::Unknown:
            return std::string(kUnknownSurface);
        case PieceKind::Byte:
            return std::string(1, static_cast<char>(piece.byte));
        case PieceKind::Normal:
        case PieceKind::UserDefined:
        case PieceKind::Unused:
            break;
    }
    std::string result = piece.text;
    for (std::size_t at = result.find(kWordBoundary); at != std::string::npos; at = result.find(kWordBoundary, at)) {
        result.replace(at, kWordBoundary.size(), " ");
    }
    return result;
}

// The names in added_tokens.json, by id. Every id must have a row in the embedding.
std::vector<std::pair<TokenId, std::string>> readAddedTokens(const std::filesystem::path& path,
                                                             std::uint32_t vocabSize) {
    std::vector<std::pair<TokenId, std::string>> result;
    if (!std::filesystem::exists(path)) {
        return result;
    }
    const JsonDocument document = readJsonObject(path, kAddedLimits);
    for (const auto& [name, id] : document->items()) {
        if (!id.is_number_unsigned() || id.get<std::uint64_t>() >= vocabSize) {
            throw Error(
                ErrorCode::TokenizerMismatch,
                ALCOVE_TEXT("engine", "%1 adds the token \"%2\" as number %3, but the model has only %4 tokens."), path,
                shown(name), shownValue(id), vocabSize);
        }
        result.emplace_back(id.get<TokenId>(), name);
    }
    return result;
}

}  // namespace

struct Tokenizer::Impl {
    sentencepiece::SentencePieceProcessor processor;
    Vocabulary vocabulary;
    std::vector<std::string> surfaces;                         // what each piece adds to a text
    std::vector<std::pair<TokenId, std::string>> addedTokens;  // beyond the pieces
};

Tokenizer Tokenizer::open(const std::filesystem::path& location, std::uint32_t vocabSize) {
    return withMemoryToRead(location, [&] { return Tokenizer(openedImpl(location, vocabSize)); });
}

std::unique_ptr<Tokenizer::Impl> Tokenizer::openedImpl(const std::filesystem::path& location, std::uint32_t vocabSize) {
    auto impl = std::make_unique<Impl>();
    const bool gguf = isGgufName(location) && std::filesystem::is_regular_file(location);
    const std::filesystem::path path = gguf ? location : location / "tokenizer.model";
    std::string bytes;
    if (gguf) {
        const MappedFile file(location);
        GgufVocabulary read = file.unchangedAfter([&file] { return readGgufVocabulary(GgufFile(file)); });
        bytes = writeVocabulary(read.vocabulary);
        impl->addedTokens = std::move(read.addedTokens);
    } else {
        bytes = readSmallFile(path, kModelLimit);
    }
    impl->vocabulary = readVocabulary(bytes, path.string());
    if (impl->vocabulary.pieces.size() > vocabSize) {
        throw Error(
            ErrorCode::TokenizerMismatch,
            ALCOVE_TEXT(
                "engine",
                "%1 has %2 pieces, but the model knows only %3 tokens. This tokenizer belongs to another model."),
            path, impl->vocabulary.pieces.size(), vocabSize);
    }
    if (!gguf) {
        impl->addedTokens = readAddedTokens(location / "added_tokens.json", vocabSize);
    }
    const sentencepiece::util::Status status = impl->processor.LoadFromSerializedProto(bytes);
    if (!status.ok() || impl->processor.GetPieceSize() != static_cast<int>(impl->vocabulary.pieces.size())) {
        throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1 is damaged: %2."), path,
                    shown(status.ToString()));
    }
    impl->surfaces.reserve(impl->vocabulary.pieces.size());
    for (const VocabularyPiece& piece : impl->vocabulary.pieces) {
        impl->surfaces.push_back(surfaceOf(piece));
    }
    return impl;
}

Tokenizer::Tokenizer(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {
}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

std::vector<TokenId> Tokenizer::encode(std::string_view text) const {
    std::vector<int> ids;
    const sentencepiece::util::Status status = m_impl->processor.Encode(repairUtf8(text), &ids);
    if (!status.ok()) {
        throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "The tokenizer could not encode the text: %1."),
                    status.ToString());
    }
    return ids;
}

const std::string& Tokenizer::tokenBytes(TokenId token) const {
    static const std::string nothing;
    const auto index = static_cast<std::size_t>(token);
    return token >= 0 && index < m_impl->surfaces.size() ? m_impl->surfaces[index] : nothing;
}

std::string Tokenizer::decode(const std::vector<TokenId>& tokens) const {
    std::vector<int> known;
    known.reserve(tokens.size());
    std::copy_if(tokens.begin(), tokens.end(), std::back_inserter(known), [this](TokenId token) {
        return token >= 0 && static_cast<std::size_t>(token) < m_impl->vocabulary.pieces.size();
    });
    std::string text;
    const sentencepiece::util::Status status = m_impl->processor.Decode(known, &text);
    if (!status.ok()) {
        throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "The tokenizer could not decode the tokens: %1."),
                    status.ToString());
    }
    return text;
}

std::string Tokenizer::piece(TokenId token) const {
    const auto index = static_cast<std::size_t>(token);
    if (token >= 0 && index < m_impl->vocabulary.pieces.size()) {
        return m_impl->vocabulary.pieces[index].text;
    }
    for (const auto& [id, name] : m_impl->addedTokens) {
        if (id == token) {
            return name;
        }
    }
    return {};
}

const std::vector<std::pair<TokenId, std::string>>& Tokenizer::addedTokens() const {
    return m_impl->addedTokens;
}

const Vocabulary& Tokenizer::vocabulary() const {
    return m_impl->vocabulary;
}

std::uint32_t Tokenizer::size() const {
    return static_cast<std::uint32_t>(m_impl->vocabulary.pieces.size());
}

}  // namespace alcove::engine
