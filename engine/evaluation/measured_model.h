// What measuring needs of a model: tokens of a text, and how likely the model finds them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "engine/generator.h"

namespace alcove::engine {

// Keeps references to what it was made from.
struct MeasuredModel {
    // As Generator::logLikelihoods, without its `stop`.
    std::function<std::vector<std::vector<double>>(std::span<const TokenId> context,
                                                   std::span<const std::vector<TokenId>> continuations)>
        logLikelihoods;
    const Tokenizer& tokenizer;
    TokenId bosToken = 1;
    std::uint32_t contextSize = 0;  // positions
};

[[nodiscard]] MeasuredModel measuredModel(Generator& generator, const Cancellation& stop);

}  // namespace alcove::engine
