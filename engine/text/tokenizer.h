// SentencePiece tokenizer of the LLaMA family (BPE with byte fallback).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/checkpoint/model_config.h"

namespace alcove::engine {

struct Vocabulary;

class Tokenizer {
public:
    // Reads tokenizer.model in the folder `location` (size-limited), or the vocabulary in the GGUF file `location`.
    // Throws Error if it is missing, damaged, or has more pieces than `vocabSize` rows of the embedding.
    [[nodiscard]] static Tokenizer open(const std::filesystem::path& location, std::uint32_t vocabSize);

    Tokenizer(Tokenizer&&) noexcept;
    Tokenizer& operator=(Tokenizer&&) noexcept;
    ~Tokenizer();

    // SentencePiece's own encoding of `text`, without <s>. Invalid UTF-8 becomes U+FFFD first. Control
    // tokens written in the text (such as "</s>") are plain text here and never become their ids.
    [[nodiscard]] std::vector<TokenId> encode(std::string_view text) const;

    // The bytes that one token adds in mid-text: U+2581 as a space, byte pieces as their byte, control
    // tokens as nothing. Concatenated bytes of a whole text are UTF-8, those of one token need not be.
    [[nodiscard]] const std::string& tokenBytes(TokenId token) const;

    // The whole text of a sequence, as SentencePiece decodes it (leading dummy space removed).
    [[nodiscard]] std::string decode(const std::vector<TokenId>& tokens) const;

    // The piece as written in the vocabulary, for people ("▁the", "<0x0A>").
    [[nodiscard]] std::string piece(TokenId token) const;

    [[nodiscard]] std::uint32_t size() const;

    // What it was read from, for those who write it elsewhere (engine/text/sentencepiece_model.h).
    [[nodiscard]] const Vocabulary& vocabulary() const;

    // Names of ids beyond the pieces, as far as the checkpoint gives them (added_tokens.json).
    [[nodiscard]] const std::vector<std::pair<TokenId, std::string>>& addedTokens() const;

private:
    struct Impl;
    explicit Tokenizer(std::unique_ptr<Impl> impl);
    static std::unique_ptr<Impl> openedImpl(const std::filesystem::path& location, std::uint32_t vocabSize);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove::engine
