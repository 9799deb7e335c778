#include "engine/model/example_model.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>
#include <map>
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

// `rows` rows of `columns` values of variance 1 / columns.
std::vector<std::byte> randomRows(DType dtype, std::uint64_t rows, std::uint64_t columns) {
    assert(columns % dtypeTraits(dtype).blockElements == 0);
    const float spread = std::sqrt(3.0F / static_cast<float>(columns));
    const std::size_t distinct = std::min<std::size_t>(rows, kDistinctRows);
    std::vector<float> values(distinct * columns);
    Numbers numbers;
    std::generate(values.begin(), values.end(), [&] { return numbers.next(spread); });
    const std::uint64_t rowBytes = storedBytes(dtype, columns);
    std::vector<std::byte> bytes(rows * rowBytes);
    quantize(dtype, values, std::span(bytes).first(distinct * rowBytes));
    for (std::size_t row = distinct; row < rows; ++row) {
        std::memcpy(&bytes[row * rowBytes], &bytes[(row - distinct) * rowBytes], rowBytes);
    }
    return bytes;
}

}  // namespace

ExampleModel makeExampleModel(const ModelConfig& config, DType dtype) {
    ExampleModel model;
    model.config = config;
    const std::uint64_t h = config.hiddenSize;
    const std::uint64_t f = config.ffnSize;
    const std::uint64_t queryRows = std::uint64_t{config.headCount} * config.headDim;
    const std::uint64_t kvRows = std::uint64_t{config.kvHeadCount} * config.headDim;
    const std::uint64_t mostRows = std::max({h, f, queryRows, kvRows, std::uint64_t{config.vocabSize}});
    std::map<std::uint64_t, std::span<const std::byte>> byColumns;
    const auto matrix = [&](const char* name, std::uint64_t rows, std::uint64_t columns) {
        std::span<const std::byte>& bytes = byColumns[columns];
        if (bytes.empty()) {
            bytes = model.storage.emplace_back(randomRows(dtype, mostRows, columns));
        }
        return TensorView{.name = name,
                          .dtype = dtype,
                          .shape = {rows, columns},
                          .bytes = bytes.first(storedBytes(dtype, rows * columns))};
    };
    std::vector<std::byte>& ones = model.storage.emplace_back(h * sizeof(float));
    quantize(DType::F32, std::vector<float>(h, 1.0F), ones);
    const TensorView norm = {.name = "norm", .dtype = DType::F32, .shape = {h}, .bytes = ones};

    ModelWeights& weights = model.weights;
    weights.embedding = matrix("embedding", config.vocabSize, h);
    weights.head = weights.embedding;
    weights.tiedEmbedding = true;
    weights.finalNorm = norm;
    weights.feedForwards = {{.gate = matrix("gate", f, h), .up = matrix("up", f, h), .down = matrix("down", h, f)}};
    weights.layers.assign(config.layerCount, {.attentionNorm = norm,
                                              .query = matrix("query", queryRows, h),
                                              .key = matrix("key", kvRows, h),
                                              .value = matrix("value", kvRows, h),
                                              .output = matrix("output", h, queryRows),
                                              .feedForwardNorm = norm});
    return model;
}

}  // namespace alcove::engine
