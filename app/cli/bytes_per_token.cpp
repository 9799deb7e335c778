#include "app/cli/bytes_per_token.h"

namespace alcove::cli {

double bytesPerToken(const engine::Checkpoint& checkpoint, const engine::ForwardPass& forwardPass, double positions) {
    const engine::ModelWeights& weights = checkpoint.weights();
    const engine::ModelConfig& config = checkpoint.config();
    std::uint64_t bytes = weights.head.bytes.size() + weights.embedding.bytes.size() / config.vocabSize;
    bytes += std::uint64_t{config.hiddenSize} * sizeof(float) * (2 * config.layerCount + 1);
    for (const engine::LayerWeights& layer : weights.layers) {
        const engine::FeedForwardWeights& feedForward = weights.feedForwards[layer.feedForward];
        for (const engine::TensorView* tensor : {&layer.query, &layer.key, &layer.value, &layer.output,
                                                 &feedForward.gate, &feedForward.up, &feedForward.down}) {
            bytes += tensor->bytes.size();
        }
    }
    const double perPosition = static_cast<double>(forwardPass.cacheBytes()) / forwardPass.contextSize();
    return static_cast<double>(bytes) + perPosition * positions;
}

}  // namespace alcove::cli
