// SentencePiece tokenizer of the LLaMA family (BPE with byte fallback).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/model_config.h"

namespace alcove::engine {

class Tokenizer {
public:
    // Reads `folder`/tokenizer.model (size-limited). Throws Error if it is missing, damaged, or has more
    // pieces than `vocabSize` rows of the embedding.
    [[nodiscard]] static Tokenizer open(const std::filesystem::path& folder, std::uint32_t vocabSize);

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

private:
    struct Impl;
    explicit Tokenizer(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove::engine
