#include "tests/vulkan/random_weights.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "engine/checkpoint/quantization.h"

namespace alcove::tests {

using engine::DType;
using engine::TensorView;

TensorView RandomTensors::make(const std::string& name, DType dtype, std::vector<std::uint64_t> shape, float spread,
                               float mean) {
    std::size_t count = 1;
    for (const std::uint64_t size : shape) {
        count *= size;
    }
    std::vector<float> values(count);
    for (float& value : values) {
        // Not a standard distribution: those differ between libraries.
        const float unit = static_cast<float>(m_random() >> 8) / static_cast<float>(1 << 23) - 1.0F;
        value = mean + spread * unit;
    }
    std::vector<std::byte>& bytes = m_storage.emplace_back(engine::storedBytes(dtype, count));
    engine::quantize(dtype, values, bytes);
    return {.name = name, .dtype = dtype, .shape = std::move(shape), .bytes = bytes};
}

RandomModel makeRandomModel(const RandomModelShape& shape) {
    RandomModel model;
    engine::ModelConfig& config = model.config;
    config.architecture = "LlamaForCausalLM";
    config.hiddenSize = shape.hidden;
    config.ffnSize = shape.ffn;
    config.layerCount = shape.layers;
    config.headCount = shape.heads;
    config.kvHeadCount = shape.kvHeads;
    config.headDim = shape.headDim;
    config.vocabSize = shape.vocab;
    config.contextLength = shape.context;

    std::size_t turn = 0;
    const auto matrix = [&](const char* name, std::uint64_t rows, std::uint64_t columns) {
        const DType dtype = shape.dtypes[turn++ % shape.dtypes.size()];
        return model.tensors.make(name, dtype, {rows, columns}, 1.7F / std::sqrt(static_cast<float>(columns)));
    };
    const auto norm = [&](const char* name) {
        const DType dtype = shape.dtypes[turn++ % shape.dtypes.size()];
        return model.tensors.make(name, engine::isQuantized(dtype) ? DType::F32 : dtype, {shape.hidden}, 0.5F, 1.0F);
    };
    engine::ModelWeights& weights = model.weights;
    weights.embedding = matrix("embedding", shape.vocab, shape.hidden);
    for (std::uint32_t i = 0; i < shape.layers; ++i) {
        engine::LayerWeights layer;
        layer.attentionNorm = norm("attention norm");
        layer.query = matrix("query", shape.heads * shape.headDim, shape.hidden);
        layer.key = matrix("key", shape.kvHeads * shape.headDim, shape.hidden);
        layer.value = matrix("value", shape.kvHeads * shape.headDim, shape.hidden);
        layer.output = matrix("output", shape.hidden, shape.heads * shape.headDim);
        layer.feedForwardNorm = norm("feed-forward norm");
        layer.feedForward = shape.feedForwardOfLayer[i];
        weights.layers.push_back(layer);
    }
    const std::size_t blocks = 1 + *std::ranges::max_element(shape.feedForwardOfLayer);
    for (std::size_t i = 0; i < blocks; ++i) {
        weights.feedForwards.push_back({matrix("gate", shape.ffn, shape.hidden), matrix("up", shape.ffn, shape.hidden),
                                        matrix("down", shape.hidden, shape.ffn)});
    }
    weights.finalNorm = norm("final norm");
    weights.tiedEmbedding = shape.tied;
    weights.head = shape.tied ? weights.embedding : matrix("head", shape.vocab, shape.hidden);
    return model;
}

}  // namespace alcove::tests
