#include "engine/evaluation/continuation_split.h"

#include <algorithm>
#include <array>
#include <string>

namespace alcove::engine {

namespace {

// The bytes of the white space character that `text` ends in; 0 if it ends in another.
std::size_t whiteSpaceAtEnd(std::string_view text) {
    if (text.empty()) {
        return 0;
    }
    const char last = text.back();
    if (last == ' ' || (last >= '\t' && last <= '\r') || (last >= '\x1C' && last <= '\x1F')) {
        return 1;
    }
    constexpr std::array<std::string_view, 19> kWide = {
        "\u0085", "\u00A0", "\u1680", "\u2000", "\u2001", "\u2002", "\u2003", "\u2004", "\u2005", "\u2006",
        "\u2007", "\u2008", "\u2009", "\u200A", "\u2028", "\u2029", "\u202F", "\u205F", "\u3000"};
    const auto* const found =
        std::find_if(kWide.begin(), kWide.end(), [text](std::string_view space) { return text.ends_with(space); });
    return found == kWide.end() ? 0 : found->size();
}

}  // namespace

ContextEnd endOfContext(const Tokenizer& tokenizer, std::string_view context) {
    std::size_t length = context.size();
    while (const std::size_t space = whiteSpaceAtEnd(context.substr(0, length))) {
        length -= space;
    }
    return {context.substr(0, length), context.substr(length), tokenizer.encode(context.substr(0, length))};
}

std::vector<TokenId> continuationTokens(const Tokenizer& tokenizer, const ContextEnd& end,
                                        std::string_view continuation) {
    std::string text(end.context);
    text += end.whiteSpace;
    text += continuation;
    std::vector<TokenId> tokens = tokenizer.encode(text);
    const auto first = static_cast<std::ptrdiff_t>(std::min(end.tokens.size(), tokens.size()));
    tokens.erase(tokens.begin(), tokens.begin() + first);
    return tokens;
}

}  // namespace alcove::engine
