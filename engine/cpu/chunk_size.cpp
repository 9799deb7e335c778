#include "engine/cpu/chunk_size.h"

#include <algorithm>

namespace alcove::engine::cpu {

namespace {

// Multiplications a second that one thread does, with quantised weights and others.
constexpr double kQuantizedRate = 75e9;
constexpr double kFloatRate = 20e9;

constexpr double kChunkSeconds = 0.25;
constexpr std::uint32_t kLeastChunk = 8;
constexpr std::uint32_t kLargestChunk = 128;

}  // namespace

std::uint32_t chunkSizeFor(const ModelConfig& config, const ModelWeights& weights, unsigned threads,
                           std::uint32_t maxChunkSize) {
    double seconds = 0;  // of one thread, a token
    const auto add = [&seconds](const TensorView& tensor) {
        seconds += static_cast<double>(tensor.shape[0]) * static_cast<double>(tensor.shape[1]) /
                   (isQuantized(tensor.dtype) ? kQuantizedRate : kFloatRate);
    };
    for (const LayerWeights& layer : weights.layers) {
        const FeedForwardWeights& block = weights.feedForwards[layer.feedForward];
        for (const TensorView* tensor :
             {&layer.query, &layer.key, &layer.value, &layer.output, &block.gate, &block.up, &block.down}) {
            add(*tensor);
        }
    }
    const double fitting = std::min(kChunkSeconds * threads / seconds, static_cast<double>(kLargestChunk));
    const std::uint32_t chunk = std::max(kLeastChunk, static_cast<std::uint32_t>(fitting) / kLeastChunk * kLeastChunk);
    return std::min(maxChunkSize == 0 ? chunk : std::min(chunk, maxChunkSize), config.contextLength);
}

}  // namespace alcove::engine::cpu
