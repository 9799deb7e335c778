#include "app/cli/token_list.h"

#include <charconv>

namespace alcove::cli {

std::optional<std::vector<engine::TokenId>> parseTokenList(std::string_view text) {
    constexpr std::string_view kSeparators = " ,\t\n";
    std::vector<engine::TokenId> tokens;
    while (true) {
        const std::size_t begin = text.find_first_not_of(kSeparators);
        if (begin == std::string_view::npos) {
            break;
        }
        text.remove_prefix(begin);
        const std::string_view word = text.substr(0, text.find_first_of(kSeparators));
        engine::TokenId token = 0;
        const auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), token);
        if (failure != std::errc() || end != word.data() + word.size()) {
            return std::nullopt;
        }
        tokens.push_back(token);
        text.remove_prefix(word.size());
    }
    return tokens.empty() ? std::nullopt : std::optional(tokens);
}

}  // namespace alcove::cli
