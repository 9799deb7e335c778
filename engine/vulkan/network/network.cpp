#include "engine/vulkan/network/network.h"

namespace alcove::engine::vulkan {

namespace {

NormedStream streamOf(const DeviceModel& model) {
    const Activations& a = model.activations;
    return {&a.x, &a.z, &a.squares, &model.weights.norms};
}

}  // namespace

Network::Network(const OperationContext& context, const ModelConfig& config, const DeviceModel& model)
    : m_model(&model), m_embedding(context, model.weights.embedding, streamOf(model), 0) {
    const Activations& a = model.activations;
    const AttentionShape& shape = model.attentionShape;
    const NormedStream stream = streamOf(model);
    m_layers.reserve(config.layerCount);
    for (std::uint32_t i = 0; i < config.layerCount; ++i) {
        const Weights::Layer& layer = model.weights.layers[i];
        const Weights::FeedForward& feedForward = model.weights.feedForwards[layer.feedForward];
        const KvCache::Layer& cache = model.cache.layer(i);
        m_layers.push_back({
            .queryKeyValue = {context, layer.queryKeyValue, finalNormed(), shape, cache, a.queries, model.angles},
            .attention = {context, shape, cache, a.queries, a.heads, a.attended},
            .output = {context, layer.output, {&a.attended, nullptr}, stream, 2 * i + 1},
            .gateUp = {context, feedForward.gateUp, finalNormed(), a.activated},
            .down = {context, feedForward.down, {&a.activated, nullptr}, stream, 2 * i + 2},
        });
    }
}

ProjectionInput Network::finalNormed() const {
    return {&m_model->activations.z, &m_model->activations.squares};
}

// LLaMA (arXiv 2302.13971) with MobiLlama's one feed-forward block (arXiv 2402.16840). h: hidden size, H: query
// heads, K: key/value heads, d: dimensions of a head, f: feed-forward size.
//
// Every step that changes x leaves z [n, h] = γ ⊙ x behind, and x's sums of squares, for the norm that comes next:
// RMSNorm(x) · Wᵗ is z · Wᵗ times one factor for each token.
void Network::recordLayers(Recorder& recorder, std::uint32_t n, std::uint32_t first, std::uint32_t count) const {
    if (first == 0) {
        m_embedding.record(recorder, n);  // x [n, h]
    }
    for (std::uint32_t i = first; i < first + count; ++i) {
        const Layer& layer = m_layers[i];
        layer.queryKeyValue.record(recorder, n);  // q, k, v = RMSNorm(x) · Wqkvᵗ, q and k rotated; k, v to the cache
        layer.attention.record(recorder, n);      // attended [n, H d] = softmax(q · kᵗ / √d) · v
        layer.output.record(recorder, n);         // x += attended · Woᵗ
        layer.gateUp.record(recorder, n);  // activated [n, f] = silu(gate) · up of RMSNorm(x) · [Wgate, Wup]ᵗ
        layer.down.record(recorder, n);    // x += activated · Wdownᵗ
    }
}

}  // namespace alcove::engine::vulkan
