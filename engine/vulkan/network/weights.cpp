#include "engine/vulkan/network/weights.h"

#include <string>

#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/quantization.h"

namespace alcove::engine::vulkan {

namespace {

std::uint64_t normBytes(const WeightsPlan& plan) {
    return plan.norms.size() * std::uint64_t{floatPitch(plan.h)} * sizeof(float);
}

}  // namespace

void WeightsPlan::forEach(const std::function<void(Epilogue, const MatrixPlan&)>& call) const {
    for (const Layer& layer : layers) {
        call(Epilogue::Rope, layer.queryKeyValue);
        call(Epilogue::Residual, layer.output);
    }
    for (const FeedForward& feedForward : feedForwards) {
        call(Epilogue::Swiglu, feedForward.gateUp);
        call(Epilogue::Residual, feedForward.down);
    }
    call(Epilogue::Store, head ? *head : embedding);
}

std::uint64_t WeightsPlan::bytes() const {
    std::uint64_t total = normBytes(*this) + (head ? embedding.bytes() : 0);
    forEach([&total](Epilogue, const MatrixPlan& matrix) { total += matrix.bytes(); });
    return total;
}

std::uint64_t WeightsPlan::largestTileBytes() const {
    std::uint64_t largest = embedding.tileBytes();
    forEach([&largest](Epilogue, const MatrixPlan& matrix) {
        largest = std::max<std::uint64_t>(largest, matrix.tileBytes());
    });
    return largest;
}

bool WeightsPlan::allQuantized() const {
    bool all = true;
    forEach([&all](Epilogue, const MatrixPlan& matrix) { all = all && isQuantized(matrix.dtype); });
    return all;
}

KernelNeeds WeightsPlan::kernelNeeds(ActivationType activations, KvType cache, std::uint32_t headDim) const {
    KernelNeeds needs{.embedding = embedding.dtype,
                      .projections = {},
                      .activations = activations,
                      .cache = cache,
                      .headDim = headDim};
    forEach([&needs](Epilogue epilogue, const MatrixPlan& matrix) {
        needs.projections.push_back({epilogue, matrix.dtype});
    });
    return needs;
}

WeightsPlan planWeights(const ModelConfig& config, const ModelWeights& weights, std::uint64_t maxStorageRange) {
    const auto plan = [&](const std::string& name, std::vector<TensorView> tensors, RowOrder order) {
        return planMatrix(maxStorageRange, name, std::move(tensors), std::move(order));
    };
    WeightsPlan result;
    result.h = config.hiddenSize;
    result.embedding = plan("embedding", {weights.embedding}, plainRows(config.vocabSize));
    if (!weights.tiedEmbedding) {
        result.head = plan("head", {weights.head}, plainRows(config.vocabSize));
    }
    for (std::size_t i = 0; i < weights.layers.size(); ++i) {
        const LayerWeights& layer = weights.layers[i];
        const std::string of = " of layer " + std::to_string(i);
        result.layers.push_back({plan("query, key and value" + of, {layer.query, layer.key, layer.value},
                                      headRows(config.headCount, config.kvHeadCount, config.headDim)),
                                 plan("attention output" + of, {layer.output}, plainRows(config.hiddenSize))});
        result.norms.push_back(layer.attentionNorm);
        result.norms.push_back(layer.feedForwardNorm);
    }
    result.norms.push_back(weights.finalNorm);
    for (std::size_t i = 0; i < weights.feedForwards.size(); ++i) {
        const FeedForwardWeights& feedForward = weights.feedForwards[i];
        const std::string of = " of feed-forward block " + std::to_string(i);
        result.feedForwards.push_back(
            {plan("gate and up" + of, {feedForward.gate, feedForward.up}, gateUpRows(config.ffnSize)),
             plan("down" + of, {feedForward.down}, plainRows(config.hiddenSize))});
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

void Weights::upload(Uploader& uploader, const WeightsPlan& plan, const Cancellation& cancel) const {
    for (std::size_t i = 0; i < plan.norms.size(); ++i) {
        requireFinite(plan.norms[i], cancel);
        std::vector<float> gamma(plan.h);
        dequantize(plan.norms[i].dtype, plan.norms[i].bytes, gamma);
        const std::uint64_t pitch = floatPitch(plan.h) * sizeof(float);
        uploader.write(norms, i * pitch, std::as_bytes(std::span(gamma)), 1, pitch);
    }
    embedding.upload(uploader, plan.embedding, cancel);
    if (head) {
        head->upload(uploader, *plan.head, cancel);
    }
    for (std::size_t i = 0; i < feedForwards.size(); ++i) {
        feedForwards[i].gateUp.upload(uploader, plan.feedForwards[i].gateUp, cancel);
        feedForwards[i].down.upload(uploader, plan.feedForwards[i].down, cancel);
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].queryKeyValue.upload(uploader, plan.layers[i].queryKeyValue, cancel);
        layers[i].output.upload(uploader, plan.layers[i].output, cancel);
    }
    uploader.finish();
}

}  // namespace alcove::engine::vulkan
