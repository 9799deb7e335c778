// How many tokens a pass takes at once.
#pragma once

#include <cstdint>

#include "engine/checkpoint/checkpoint.h"

namespace alcove::engine::cpu {

// As many as a current processor computes in about a quarter of a second, so that Stop acts soon on one half as fast,
// too; at most `maxChunkSize` unless that is 0.
[[nodiscard]] std::uint32_t chunkSizeFor(const ModelConfig& config, const ModelWeights& weights, unsigned threads,
                                         std::uint32_t maxChunkSize);

}  // namespace alcove::engine::cpu
