#include "engine/evaluation/measured_model.h"

namespace alcove::engine {

MeasuredModel measuredModel(Generator& generator, const Cancellation& stop) {
    return {
        .logLikelihoods =
            [&generator, stop](std::span<const TokenId> context, std::span<const std::vector<TokenId>> continuations) {
                return generator.logLikelihoods(context, continuations, stop);
            },
        .tokenizer = generator.tokenizer(),
        .bosToken = generator.checkpoint().config().bosToken,
        .contextSize = generator.forwardPass().contextSize()};
}

}  // namespace alcove::engine
