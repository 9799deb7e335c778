// A model that computes nothing of use: for timing a device and checking its arithmetic before a real model runs.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

#include "engine/checkpoint/checkpoint.h"

namespace alcove::engine {

struct ExampleModel {
    ModelConfig config;
    ModelWeights weights;  // views of `storage`
    std::deque<std::vector<std::byte>> storage;
};

// Two layers with the widths of `config`, one shared feed-forward block, a vocabulary of `vocabSize` (the embedding
// tied to the head) and a context of `contextLength`. Matrices are of `dtype` (F32, F16, BF16, Q8_0 or Q4_0, as
// quantize() makes them; whole rows of blocks, asserted), made up from a few rows that repeat, the same each time;
// norms are F32 ones. Values stay near 1 on the way through the layers, as in a trained model.
[[nodiscard]] ExampleModel makeExampleModel(const ModelConfig& config, DType dtype, std::uint32_t vocabSize,
                                            std::uint32_t contextLength);

}  // namespace alcove::engine
