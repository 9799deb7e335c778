#include "engine/evaluation/text_windows.h"

#include <algorithm>

#include "engine/base/error.h"

namespace alcove::engine {

std::vector<TokenId> textTokens(const Tokenizer& tokenizer, std::string_view text, TokenId bosToken) {
    if (text.empty()) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "The text is empty: there is nothing to measure."));
    }
    std::vector<TokenId> tokens = tokenizer.encode(text);
    if (tokens.empty()) {
        throw Error(ErrorCode::InvalidRequest, ALCOVE_TEXT("engine", "The text has no tokens for this model."));
    }
    tokens.insert(tokens.begin(), bosToken);
    return tokens;
}

std::vector<TextWindow> textWindows(std::size_t tokens, std::uint32_t contextSize, std::uint32_t stride) {
    if (contextSize < 2) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "A context of 1 token leaves nothing to predict: use at least 2."));
    }
    if (stride >= contextSize) {
        throw Error(ErrorCode::InvalidRequest,
                    ALCOVE_TEXT("engine", "The stride must be less than the context of %1 tokens."), contextSize);
    }
    const std::size_t step = stride == 0 ? contextSize / 2 : stride;
    std::vector<TextWindow> windows;
    std::size_t measured = 1;  // <s> is given
    for (std::size_t begin = 0; measured < tokens; begin += step) {
        const std::size_t end = std::min<std::size_t>(begin + contextSize, tokens);
        windows.push_back({.begin = begin, .measured = measured, .end = end});
        measured = end;
    }
    return windows;
}

}  // namespace alcove::engine
