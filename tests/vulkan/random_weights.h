// Weights made up for tests, in any storage type.
#pragma once

#include <deque>
#include <random>
#include <string>
#include <vector>

#include "engine/checkpoint/checkpoint.h"

namespace alcove::tests {

// Makes tensors and keeps their bytes. Equal seeds give equal tensors.
class RandomTensors {
public:
    explicit RandomTensors(std::uint32_t seed = 1) : m_random(seed) {}

    // Values spread evenly over mean ± spread, rounded to the storage type.
    engine::TensorView make(const std::string& name, engine::DType dtype, std::vector<std::uint64_t> shape,
                            float spread, float mean = 0);

private:
    std::mt19937 m_random;
    std::deque<std::vector<std::byte>> m_storage;
};

struct RandomModel {
    RandomTensors tensors;
    engine::ModelConfig config;
    engine::ModelWeights weights;
};

struct RandomModelShape {
    std::uint32_t hidden = 172;
    std::uint32_t ffn = 171;
    std::uint32_t layers = 3;
    std::uint32_t heads = 4;
    std::uint32_t kvHeads = 2;
    std::uint32_t headDim = 10;  // heads * headDim need not be `hidden`
    std::uint32_t vocab = 511;
    std::uint32_t context = 160;
    std::vector<std::size_t> feedForwardOfLayer = {0, 1, 0};
    bool tied = false;
    // Taken in turn, tensor by tensor, so that several make every matrix a mixture.
    std::vector<engine::DType> dtypes = {engine::DType::F16};
};

[[nodiscard]] RandomModel makeRandomModel(const RandomModelShape& shape);

}  // namespace alcove::tests
