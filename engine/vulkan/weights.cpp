#include "engine/vulkan/weights.h"

#include <string>

#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/quantization.h"

namespace alcove::engine::vulkan {

namespace {

std::uint64_t normBytes(const WeightsPlan& plan) {
    return plan.norms.size() * rowPitch(plan.h) * sizeof(float);
}

}  // namespace

std::uint64_t WeightsPlan::bytes() const {
    std::uint64_t total = embedding.bytes() + (head ? head->bytes() : 0) + normBytes(*this);
    for (const Layer& layer : layers) {
        total += layer.queryKeyValue.bytes() + layer.output.bytes();
    }
    for (const FeedForward& feedForward : feedForwards) {
        total += feedForward.gateUp.bytes() + feedForward.down.bytes();
    }
    return total;
}

WeightsPlan planWeights(const ModelWeights& weights, std::uint64_t maxStorageRange, std::uint32_t maxRowsPerPart) {
    const auto plan = [&](const std::string& name, std::initializer_list<TensorView> tensors) {
        return planMatrix(maxStorageRange, maxRowsPerPart, name, std::span(tensors.begin(), tensors.size()));
    };
    WeightsPlan result;
    result.h = static_cast<std::uint32_t>(weights.embedding.shape[1]);
    result.embedding = plan("embedding", {weights.embedding});
    if (!weights.tiedEmbedding) {
        result.head = plan("head", {weights.head});
    }
    for (std::size_t i = 0; i < weights.layers.size(); ++i) {
        const LayerWeights& layer = weights.layers[i];
        const std::string of = " of layer " + std::to_string(i);
        result.layers.push_back({plan("query, key and value" + of, {layer.query, layer.key, layer.value}),
                                 plan("attention output" + of, {layer.output})});
        result.norms.push_back(layer.attentionNorm);
        result.norms.push_back(layer.feedForwardNorm);
    }
    result.norms.push_back(weights.finalNorm);
    for (std::size_t i = 0; i < weights.feedForwards.size(); ++i) {
        const FeedForwardWeights& feedForward = weights.feedForwards[i];
        const std::string of = " of feed-forward block " + std::to_string(i);
        result.feedForwards.push_back(
            {plan("gate and up" + of, {feedForward.gate, feedForward.up}), plan("down" + of, {feedForward.down})});
    }
    return result;
}

Weights::Weights(const Device& device, const WeightsPlan& plan, const ModelWeights& weights)
    : embedding(device, plan.embedding), norms(device, normBytes(plan), MemoryUse::DeviceOnly, "norms") {
    if (plan.head) {
        head.emplace(device, *plan.head);
    }
    for (const WeightsPlan::FeedForward& feedForward : plan.feedForwards) {
        feedForwards.push_back({Matrix(device, feedForward.gateUp), Matrix(device, feedForward.down)});
    }
    for (std::size_t i = 0; i < plan.layers.size(); ++i) {
        layers.push_back({Matrix(device, plan.layers[i].queryKeyValue), Matrix(device, plan.layers[i].output),
                          weights.layers[i].feedForward});
    }
}

void Weights::upload(Uploader& uploader, const WeightsPlan& plan) const {
    for (std::size_t i = 0; i < plan.norms.size(); ++i) {
        requireFinite(plan.norms[i]);
        std::vector<float> gamma(plan.h);
        dequantize(plan.norms[i].dtype, plan.norms[i].bytes, gamma);
        const std::uint64_t pitch = rowPitch(plan.h) * sizeof(float);
        uploader.write(norms, i * pitch, std::as_bytes(std::span(gamma)), 1, pitch);
    }
    embedding.upload(uploader, plan.embedding);
    if (head) {
        head->upload(uploader, *plan.head);
    }
    for (std::size_t i = 0; i < feedForwards.size(); ++i) {
        feedForwards[i].gateUp.upload(uploader, plan.feedForwards[i].gateUp);
        feedForwards[i].down.upload(uploader, plan.feedForwards[i].down);
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].queryKeyValue.upload(uploader, plan.layers[i].queryKeyValue);
        layers[i].output.upload(uploader, plan.layers[i].output);
    }
    uploader.finish();
}

std::vector<DType> Weights::dtypes() const {
    std::vector<DType> result;
    const auto add = [&result](const Matrix& matrix) {
        for (const Matrix::Part& part : matrix.parts()) {
            result.push_back(part.dtype);
        }
    };
    add(embedding);
    if (head) {
        add(*head);
    }
    for (const Layer& layer : layers) {
        add(layer.queryKeyValue);
        add(layer.output);
    }
    for (const FeedForward& feedForward : feedForwards) {
        add(feedForward.gateUp);
        add(feedForward.down);
    }
    return result;
}

}  // namespace alcove::engine::vulkan
