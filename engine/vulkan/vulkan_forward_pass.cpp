#include "engine/vulkan/vulkan_forward_pass.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/vulkan/commands.h"
#include "engine/vulkan/device_model.h"
#include "engine/vulkan/kernels.h"
#include "engine/vulkan/operations.h"
#include "engine/vulkan/pipeline_cache.h"
#include "engine/vulkan/read_bandwidth.h"
#include "shaders/interface.h"

namespace alcove::engine {

namespace vulkan {

namespace {

Tuning tuningWith(const PhysicalDevice& device, const VulkanForwardPassOptions& options) {
    Tuning tuning = tuningFor(device);
    tuning.alwaysBarrier = options.alwaysBarrier;
    return tuning;
}

class VulkanForwardPass final : public ForwardPass {
public:
    VulkanForwardPass(const DeviceInfo& device, const ModelConfig& config, const ModelWeights& weights,
                      const VulkanForwardPassOptions& options);

    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override;
    std::uint32_t contextSize() const override { return m_model.attentionShape.cache.contextSize; }
    std::uint32_t chunkSize() const override { return m_model.chunkSize; }
    std::uint64_t weightBytes() const override { return m_model.weightBytes; }
    std::uint64_t cacheBytes() const override { return m_model.attentionShape.cache.bytes(); }
    ForwardPassCounters counters() const override { return m_counters; }
    double measureReadBandwidth() override { return vulkan::measureReadBandwidth(m_device, m_pipelineCache); }

private:
    struct Layer {
        RmsNorm attentionNorm;
        Projection queryKeyValue;
        RopeStore ropeStore;
        Attention attention;
        Projection output;
        RmsNorm feedForwardNorm;
        Projection gateUp;
        Swiglu swiglu;
        Projection down;
    };
    struct Recorded {
        VkCommandBuffer commands = VK_NULL_HANDLE;
        RecordedCounts counts;
    };

    void record(Recorder& recorder, std::uint32_t n, bool wantsLogits) const;
    const Recorded& recorded(std::uint32_t n, bool wantsLogits);

    std::uint32_t m_vocabSize;
    Device m_device;  // before every handle made from it
    Tuning m_tuning;
    PipelineCache m_pipelineCache;
    DeviceModel m_model;
    Kernels m_kernels;
    DescriptorAllocator m_descriptors;
    OperationContext m_context;
    Embedding m_embedding;
    std::vector<Layer> m_layers;
    RmsNorm m_finalNorm;
    Projection m_head;
    CommandPool m_commands;
    Submission m_submission;
    std::map<std::pair<std::uint32_t, bool>, Recorded> m_recorded;  // by chunk size and whether logits are wanted
    ForwardPassCounters m_counters;
};

VulkanForwardPass::VulkanForwardPass(const DeviceInfo& device, const ModelConfig& config, const ModelWeights& weights,
                                     const VulkanForwardPassOptions& options)
    : m_vocabSize(config.vocabSize),
      m_device(device, {.instance = {}, .maxStorageRange = options.maxStorageRange}),
      m_tuning(tuningWith(m_device.physical(), options)),
      m_pipelineCache(m_device, options.pipelineCacheFolder.value_or(defaultPipelineCacheFolder())),
      m_model(loadModel(m_device, m_tuning, config, weights, options)),
      m_kernels(m_device, m_pipelineCache, m_tuning, m_model.weights.dtypes()),
      m_descriptors(m_device),
      m_context{&m_kernels, &m_descriptors, &m_model.state},
      m_embedding(m_context, m_model.weights.embedding, m_model.activations.x),
      m_finalNorm(m_context, m_model.activations.x, m_model.weights.norms, m_model.activations.normed,
                  config.hiddenSize, 2 * config.layerCount, config.rmsNormEpsilon),
      m_head(m_context, m_model.weights.head ? *m_model.weights.head : m_model.weights.embedding,
             m_model.activations.normed, m_model.logits, Projection::Into::Overwrite),
      m_commands(m_device),
      m_submission(m_device, "evaluate") {
    const Activations& a = m_model.activations;
    const AttentionShape& shape = m_model.attentionShape;
    const auto norm = [&](std::uint32_t index) {
        return RmsNorm(m_context, a.x, m_model.weights.norms, a.normed, config.hiddenSize, index,
                       config.rmsNormEpsilon);
    };
    for (std::uint32_t i = 0; i < config.layerCount; ++i) {
        const Weights::Layer& layer = m_model.weights.layers[i];
        const Weights::FeedForward& feedForward = m_model.weights.feedForwards[layer.feedForward];
        const std::vector<KvCache::Part>& cache = m_model.cache.layer(i);
        m_layers.push_back({
            .attentionNorm = norm(2 * i),
            .queryKeyValue = {m_context, layer.queryKeyValue, a.normed, a.qkv, Projection::Into::Overwrite},
            .ropeStore = {m_context, shape, cache, a.qkv, m_model.angles},
            .attention = {m_context, shape, cache, a.qkv, a.attended},
            .output = {m_context, layer.output, a.attended, a.x, Projection::Into::Add},
            .feedForwardNorm = norm(2 * i + 1),
            .gateUp = {m_context, feedForward.gateUp, a.normed, a.gateUp, Projection::Into::Overwrite},
            .swiglu = {m_context, a.gateUp, a.activated, config.ffnSize},
            .down = {m_context, feedForward.down, a.activated, a.x, Projection::Into::Add},
        });
    }
    if (!m_pipelineCache.loaded()) {
        // Without the file, pipelines are compiled anew next time; nothing else is lost.
        static_cast<void>(m_pipelineCache.save());
    }
}

// LLaMA (arXiv 2302.13971) with MobiLlama's one feed-forward block (arXiv 2402.16840). h: hidden size, H: query
// heads, K: key/value heads, d: dimensions of a head, f: feed-forward size.
void VulkanForwardPass::record(Recorder& recorder, std::uint32_t n, bool wantsLogits) const {
    m_embedding.record(recorder, n);  // x [n, h]
    for (const Layer& layer : m_layers) {
        layer.attentionNorm.record(recorder, n);    // normed [n, h] = RMSNorm(x)
        layer.queryKeyValue.record(recorder, n);    // qkv [n, (H + 2K) d] = normed · Wqkvᵗ
        layer.ropeStore.record(recorder, n);        // q rotated in place; cache [K, position, d] = rotated k, v
        layer.attention.record(recorder, n);        // attended [n, H d] = softmax(q · kᵗ / √d) · v
        layer.output.record(recorder, n);           // x += attended · Woᵗ
        layer.feedForwardNorm.record(recorder, n);  // normed [n, h] = RMSNorm(x)
        layer.gateUp.record(recorder, n);           // gateUp [n, 2f] = normed · [Wgate, Wup]ᵗ
        layer.swiglu.record(recorder, n);           // activated [n, f] = silu(gate) · up
        layer.down.record(recorder, n);             // x += activated · Wdownᵗ
    }
    if (wantsLogits) {
        m_finalNorm.record(recorder, 1, n - 1);  // normed [1, h] = RMSNorm(last row of x)
        m_head.record(recorder, 1);              // logits [1, vocab] = normed · Wheadᵗ
        recorder.finishForHost();
    }
}

const VulkanForwardPass::Recorded& VulkanForwardPass::recorded(std::uint32_t n, bool wantsLogits) {
    const auto [entry, isNew] = m_recorded.try_emplace({n, wantsLogits});
    Recorded& recorded = entry->second;
    if (isNew) {
        recorded.commands = m_commands.allocate("chunk of " + std::to_string(n));
        beginCommands(m_device, recorded.commands, false);
        Recorder recorder(m_device, recorded.commands, m_tuning.alwaysBarrier);
        recorder.begin();
        record(recorder, n, wantsLogits);
        endCommands(m_device, recorded.commands);
        recorded.counts = recorder.counts();
    }
    return recorded;
}

void VulkanForwardPass::evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) {
    assert(!tokens.empty() && tokens.size() <= chunkSize());
    assert(position + tokens.size() <= contextSize());
    assert(logits.empty() || logits.size() == m_vocabSize);

    State& state = *m_model.state.as<State>();
    state.position = position;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        assert(tokens[i] >= 0 && static_cast<std::uint32_t>(tokens[i]) < m_vocabSize);
        state.tokens[i] = static_cast<std::uint32_t>(tokens[i]);
    }
    const Recorded& commands = recorded(static_cast<std::uint32_t>(tokens.size()), !logits.empty());
    m_submission.submit(commands.commands);
    m_submission.wait();
    m_counters = {.dispatches = commands.counts.dispatches, .barriers = commands.counts.barriers, .submissions = 1};

    if (!logits.empty()) {
        const float* computed = m_model.logits.as<const float>();
        std::copy_n(computed, logits.size(), logits.begin());
        if (!std::all_of(logits.begin(), logits.end(), [](float value) { return std::isfinite(value); })) {
            throw Error(ErrorCode::NotFinite,
                        "The model computed values that are not numbers. The checkpoint may be damaged, or the "
                        "driver of " +
                            m_device.name() + " at fault: load the checkpoint again, or choose another device.");
        }
    }
}

}  // namespace

}  // namespace vulkan

std::unique_ptr<ForwardPass> makeVulkanForwardPass(const DeviceInfo& device, const ModelConfig& config,
                                                   const ModelWeights& weights,
                                                   const VulkanForwardPassOptions& options) {
    assert(options.contextSize > 0);
    return std::make_unique<vulkan::VulkanForwardPass>(device, config, weights, options);
}

}  // namespace alcove::engine
