#include "engine/vulkan/vulkan_forward_pass.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/error.h"
#include "engine/model/host_sampling.h"
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

// Most bytes of logits that the device holds for the host at once.
constexpr std::uint64_t kRowLogitsBytes = 32ULL << 20U;

Tuning tuningWith(const PhysicalDevice& device, const VulkanForwardPassOptions& options) {
    Tuning tuning = tuningFor(device);
    tuning.alwaysBarrier = options.alwaysBarrier;
    return tuning;
}

class VulkanForwardPass final : public HostSampledForwardPass {
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

    // The head over several rows, made when they are first asked for.
    struct RowHead {
        RowHead(const OperationContext& context, const Device& device, const Matrix& head, const Buffer& normed,
                std::uint32_t rowCount)
            : rows(rowCount),
              logits(device, std::uint64_t{rowCount} * rowPitch(head.rows()) * sizeof(float), MemoryUse::Readback,
                     "logits of rows"),
              projection(context, head, normed, logits, Projection::Into::Overwrite) {}
        std::uint32_t rows;  // at most, in one submission
        Buffer logits;       // [rows, vocab], read by the host
        Projection projection;
    };

    void record(Recorder& recorder, std::uint32_t n, bool wantsLogits) const;
    template <class Record>
    Recorded recordedAs(const std::string& name, const Record& record);
    const Recorded& recorded(std::uint32_t n, bool wantsLogits);
    const Recorded& recordedRows(std::uint32_t first, std::uint32_t n);
    void submit(const Recorded& recorded);
    void copyFinite(const float* computed, std::span<float> logits) const;
    void computeRows(std::span<float> logits);
    [[nodiscard]] const Matrix& headMatrix() const {
        return m_model.weights.head ? *m_model.weights.head : m_model.weights.embedding;
    }

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
    std::optional<RowHead> m_rowHead;
    CommandPool m_commands;
    Submission m_submission;
    std::map<std::pair<std::uint32_t, bool>, Recorded> m_recorded;  // by chunk size and whether logits are wanted
    std::map<std::pair<std::uint32_t, std::uint32_t>, Recorded> m_recordedRows;  // by the first row and their number
    ForwardPassCounters m_counters;
};

VulkanForwardPass::VulkanForwardPass(const DeviceInfo& device, const ModelConfig& config, const ModelWeights& weights,
                                     const VulkanForwardPassOptions& options)
    : HostSampledForwardPass(config.vocabSize),
      m_vocabSize(config.vocabSize),
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
      m_head(m_context, headMatrix(), m_model.activations.normed, m_model.logits, Projection::Into::Overwrite),
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

template <class Record>
VulkanForwardPass::Recorded VulkanForwardPass::recordedAs(const std::string& name, const Record& record) {
    Recorded recorded;
    recorded.commands = m_commands.allocate(name);
    beginCommands(m_device, recorded.commands, false);
    Recorder recorder(m_device, recorded.commands, m_tuning.alwaysBarrier);
    recorder.begin();
    record(recorder);
    endCommands(m_device, recorded.commands);
    recorded.counts = recorder.counts();
    return recorded;
}

const VulkanForwardPass::Recorded& VulkanForwardPass::recorded(std::uint32_t n, bool wantsLogits) {
    const auto known = m_recorded.find({n, wantsLogits});
    if (known != m_recorded.end()) {
        return known->second;
    }
    const Recorded made =
        recordedAs("chunk of " + std::to_string(n), [&](Recorder& recorder) { record(recorder, n, wantsLogits); });
    return m_recorded.emplace(std::pair(n, wantsLogits), made).first->second;
}

// The last steps alone, for rows of x that an earlier submission left there.
const VulkanForwardPass::Recorded& VulkanForwardPass::recordedRows(std::uint32_t first, std::uint32_t n) {
    const auto known = m_recordedRows.find({first, n});
    if (known != m_recordedRows.end()) {
        return known->second;
    }
    const Recorded made = recordedAs("logits of " + std::to_string(n), [&](Recorder& recorder) {
        m_finalNorm.record(recorder, n, first);     // normed [n, h] = RMSNorm(rows of x)
        m_rowHead->projection.record(recorder, n);  // logits [n, vocab] = normed · Wheadᵗ
        recorder.finishForHost();
    });
    return m_recordedRows.emplace(std::pair(first, n), made).first->second;
}

void VulkanForwardPass::submit(const Recorded& recorded) {
    m_submission.submit(recorded.commands);
    m_submission.wait();
    m_counters.dispatches += recorded.counts.dispatches;
    m_counters.barriers += recorded.counts.barriers;
    ++m_counters.submissions;
}

void VulkanForwardPass::copyFinite(const float* computed, std::span<float> logits) const {
    std::copy_n(computed, logits.size(), logits.begin());
    if (!std::all_of(logits.begin(), logits.end(), [](float value) { return std::isfinite(value); })) {
        throw Error(ErrorCode::NotFinite,
                    "The model computed values that are not numbers. The checkpoint may be damaged, or the "
                    "driver of " +
                        m_device.name() + " at fault: load the checkpoint again, or choose another device.");
    }
}

// In submissions of their own: the head over a whole chunk may be more work, and a larger buffer, than one may be.
void VulkanForwardPass::computeRows(std::span<float> logits) {
    const std::uint32_t pitch = rowPitch(m_vocabSize);
    if (!m_rowHead) {
        const Matrix& head = headMatrix();
        const std::uint64_t fitting =
            std::min(m_device.maxStorageRange(), kRowLogitsBytes) / (pitch * std::uint64_t{sizeof(float)});
        const std::uint64_t quick = std::max<std::uint64_t>(
            m_tuning.chunkMultiplications / (std::uint64_t{head.rows()} * head.columns()), m_tuning.many.columns);
        const std::uint64_t rows = std::clamp<std::uint64_t>(std::min(fitting, quick), 1, chunkSize());
        m_rowHead.emplace(m_context, m_device, head, m_model.activations.normed, static_cast<std::uint32_t>(rows));
    }
    const auto n = static_cast<std::uint32_t>(logits.size() / m_vocabSize);
    for (std::uint32_t first = 0; first < n; first += m_rowHead->rows) {
        const std::uint32_t count = std::min(m_rowHead->rows, n - first);
        submit(recordedRows(first, count));
        const float* computed = m_rowHead->logits.as<const float>();
        for (std::uint32_t row = 0; row < count; ++row) {
            copyFinite(computed + std::size_t{row} * pitch,
                       logits.subspan((std::size_t{first} + row) * m_vocabSize, m_vocabSize));
        }
    }
}

void VulkanForwardPass::evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) {
    assert(!tokens.empty() && tokens.size() <= chunkSize());
    assert(position + tokens.size() <= contextSize());
    assert(logits.empty() || logits.size() == m_vocabSize || logits.size() == tokens.size() * m_vocabSize);

    State& state = *m_model.state.as<State>();
    state.position = position;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        assert(tokens[i] >= 0 && static_cast<std::uint32_t>(tokens[i]) < m_vocabSize);
        state.tokens[i] = static_cast<std::uint32_t>(tokens[i]);
    }
    const bool wantsLast = logits.size() == m_vocabSize;
    m_counters = {};
    submit(recorded(static_cast<std::uint32_t>(tokens.size()), wantsLast));
    if (wantsLast) {
        copyFinite(m_model.logits.as<const float>(), logits);
    } else if (!logits.empty()) {
        computeRows(logits);
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
