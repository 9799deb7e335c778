// How a text longer than the context is read: in windows that overlap, each token being measured once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace alcove::engine {

// Tokens [begin, measured) are given, tokens [measured, end) are new in this window.
struct TextWindow {
    std::size_t begin = 0;
    std::size_t measured = 0;
    std::size_t end = 0;
};

// <s> and the tokens of `text`. Invalid UTF-8 is read as the tokenizer reads it. Throws Error{InvalidRequest} where
// there is nothing to measure.
[[nodiscard]] std::vector<TokenId> textTokens(const Tokenizer& tokenizer, std::string_view text, TokenId bosToken);

// Over `tokens` tokens, the first of which is given. A window is as many tokens as the context has positions; each
// begins `stride` tokens after the one before, so that every token is predicted from at least contextSize − stride
// tokens, as far as the text has them. `stride` is 1 … contextSize − 1; 0: half of the context. Throws
// Error{InvalidRequest} for any other, and for a context of 1.
[[nodiscard]] std::vector<TextWindow> textWindows(std::size_t tokens, std::uint32_t contextSize, std::uint32_t stride);

}  // namespace alcove::engine
