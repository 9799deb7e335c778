// How likely a model found one token, and what else it might have written there.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/checkpoint/model_config.h"

namespace alcove::engine {

struct RankedToken {
    TokenId token = 0;
    double logProbability = 0;  // natural logarithm, of the model's own distribution: before any sampling parameter
};

struct TokenReport {
    RankedToken written;
    double entropy = 0;            // nats, of the whole distribution
    std::vector<RankedToken> top;  // likeliest first; ties go to the lower id
};

// `logits`: those that `token` was drawn from, finite or -inf; at most `most` tokens in `top`.
[[nodiscard]] TokenReport reportToken(std::span<const float> logits, TokenId token, std::size_t most);

}  // namespace alcove::engine
