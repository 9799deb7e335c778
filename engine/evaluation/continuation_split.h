// Where a context ends and its continuation begins, in tokens.
#pragma once

#include <string_view>
#include <vector>

#include "engine/text/tokenizer.h"

namespace alcove::engine {

struct ContextEnd {
    std::string_view context;     // without the white space at its end
    std::string_view whiteSpace;  // that space: it belongs to the continuation
    std::vector<TokenId> tokens;  // of `context`, without <s>
};

// White space (Unicode's) leaves the end of a context because tokens begin with the space before a word. Holds views
// into `context`.
[[nodiscard]] ContextEnd endOfContext(const Tokenizer& tokenizer, std::string_view context);

// The tokens of context + continuation that come after as many as the context alone has. May be empty, where both
// grow together into one token.
[[nodiscard]] std::vector<TokenId> continuationTokens(const Tokenizer& tokenizer, const ContextEnd& end,
                                                      std::string_view continuation);

}  // namespace alcove::engine
