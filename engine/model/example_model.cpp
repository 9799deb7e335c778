#include "engine/model/example_model.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <span>

#include "engine/checkpoint/quantization.h"

namespace alcove::engine {

namespace {

constexpr std::size_t kDistinctRows = 61;  // coprime with every block and tile, and quick to make

// Numbers that look random (a linear congruential generator, Numerical Recipes), the same on every machine.
class Numbers {
public:
    // In [−spread, spread).
    float next(float spread) {
        m_state = m_state * 1664525U + 1013904223U;
        return spread * (static_cast<float>(m_state >> 8U) / static_cast<float>(1U << 23U) - 1.0F);
    }

private:
    std::uint32_t m_state = 1;
};

class Maker {
public:
    Maker(ExampleModel& model, DType dtype) : m_model(&model), m_dtype(dtype) {}

    TensorView matrix(const char* name, std::uint64_t rows, std::uint64_t columns) {
        assert(columns % dtypeTraits(m_dtype).blockElements == 0);
        const float spread = std::sqrt(3.0F / static_cast<float>(columns));  // variance 1 / columns
        const std::size_t distinct = std::min<std::size_t>(rows, kDistinctRows);
        std::vector<float> values(distinct * columns);
        std::generate(values.begin(), values.end(), [&] { return m_numbers.next(spread); });
        const std::uint64_t rowBytes = storedBytes(m_dtype, columns);
        std::vector<std::byte>& bytes = m_model->storage.emplace_back(rows * rowBytes);
        quantize(m_dtype, values, std::span(bytes).first(distinct * rowBytes));
        for (std::size_t row = distinct; row < rows; ++row) {
            std::memcpy(&bytes[row * rowBytes], &bytes[(row - distinct) * rowBytes], rowBytes);
        }
        return {.name = name, .dtype = m_dtype, .shape = {rows, columns}, .bytes = bytes};
    }

    TensorView norm(const char* name, std::uint64_t columns) {
        std::vector<std::byte>& bytes = m_model->storage.emplace_back(columns * sizeof(float));
        quantize(DType::F32, std::vector<float>(columns, 1.0F), bytes);
        return {.name = name, .dtype = DType::F32, .shape = {columns}, .bytes = bytes};
    }

private:
    ExampleModel* m_model;
    DType m_dtype;
    Numbers m_numbers;
};

}  // namespace

ExampleModel makeExampleModel(const ModelConfig& config, DType dtype, std::uint32_t vocabSize,
                              std::uint32_t contextLength) {
    constexpr std::uint32_t kLayers = 2;
    ExampleModel model;
    model.config = config;
    model.config.layerCount = kLayers;
    model.config.vocabSize = vocabSize;
    model.config.contextLength = contextLength;
    Maker maker(model, dtype);
    ModelWeights& weights = model.weights;
    const std::uint64_t h = config.hiddenSize;
    const std::uint64_t queryRows = std::uint64_t{config.headCount} * config.headDim;
    const std::uint64_t kvRows = std::uint64_t{config.kvHeadCount} * config.headDim;
    weights.embedding = maker.matrix("embedding", vocabSize, h);
    for (std::uint32_t i = 0; i < kLayers; ++i) {
        weights.layers.push_back({.attentionNorm = maker.norm("attention norm", h),
                                  .query = maker.matrix("query", queryRows, h),
                                  .key = maker.matrix("key", kvRows, h),
                                  .value = maker.matrix("value", kvRows, h),
                                  .output = maker.matrix("output", h, queryRows),
                                  .feedForwardNorm = maker.norm("feed-forward norm", h)});
    }
    weights.feedForwards = {{.gate = maker.matrix("gate", config.ffnSize, h),
                             .up = maker.matrix("up", config.ffnSize, h),
                             .down = maker.matrix("down", h, config.ffnSize)}};
    weights.finalNorm = maker.norm("final norm", h);
    weights.head = weights.embedding;
    weights.tiedEmbedding = true;
    return model;
}

}  // namespace alcove::engine
