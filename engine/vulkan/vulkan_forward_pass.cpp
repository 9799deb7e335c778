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
        RopeProjection queryKeyValue;
        Attention attention;
        ResidualProjection output;
        SwigluProjection gateUp;
        ResidualProjection down;
    };
    struct Recorded {
        VkCommandBuffer commands = VK_NULL_HANDLE;
        RecordedCounts counts;
    };

    // The head over several rows, made when they are first asked for.
    struct RowHead {
        RowHead(const OperationContext& context, const Device& device, const Matrix& head, const ProjectionInput& input,
                std::uint32_t rowCount)
            : rows(rowCount),
              logits(device, std::uint64_t{rowCount} * floatPitch(head.rows()) * sizeof(float), MemoryUse::Readback,
                     "logits of rows"),
              projection(context, head, input, logits) {}
        std::uint32_t rows;  // at most, in one submission
        Buffer logits;       // [rows, vocab], read by the host
        StoreProjection projection;
    };

    void record(Recorder& recorder, std::uint32_t n, bool wantsLogits) const;
    template <class Record>
    Recorded recordedAs(const std::string& name, const Record& record);
    const Recorded& recorded(std::uint32_t n, bool wantsLogits);
    const Recorded& recordedRows(std::uint32_t first, std::uint32_t n);
    void submit(const Recorded& recorded);
    void copyFinite(const float* computed, std::span<float> logits) const;
    void computeRows(std::span<float> logits);
    [[nodiscard]] NormedStream stream() const {
        const Activations& a = m_model.activations;
        return {&a.x, &a.z, &a.squares, &m_model.weights.norms};
    }
    [[nodiscard]] ProjectionInput normed() const { return {&m_model.activations.z, &m_model.activations.squares}; }

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
    StoreProjection m_head;
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
      m_kernels(m_device, m_pipelineCache, m_tuning, m_model.kernelNeeds),
      m_descriptors(m_device),
      m_context{&m_kernels, &m_descriptors, &m_model.activationShape, &m_model.state, config.rmsNormEpsilon},
      m_embedding(m_context, m_model.weights.embedding, stream(), 0),
      m_head(m_context, m_model.weights.headMatrix(), normed(), m_model.logits),
      m_commands(m_device),
      m_submission(m_device, "evaluate") {
    const Activations& a = m_model.activations;
    const AttentionShape& shape = m_model.attentionShape;
    m_layers.reserve(config.layerCount);
    for (std::uint32_t i = 0; i < config.layerCount; ++i) {
        const Weights::Layer& layer = m_model.weights.layers[i];
        const Weights::FeedForward& feedForward = m_model.weights.feedForwards[layer.feedForward];
        const KvCache::Layer& cache = m_model.cache.layer(i);
        m_layers.push_back({
            .queryKeyValue = {m_context, layer.queryKeyValue, normed(), shape, cache, a.queries, m_model.angles},
            .attention = {m_context, shape, cache, a.queries, a.heads, a.attended},
            .output = {m_context, layer.output, {&a.attended, nullptr}, stream(), 2 * i + 1},
            .gateUp = {m_context, feedForward.gateUp, normed(), a.activated},
            .down = {m_context, feedForward.down, {&a.activated, nullptr}, stream(), 2 * i + 2},
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
    // Every step that changes x leaves z [n, h] = γ ⊙ x behind, and x's sums of squares, for the norm that comes next:
    // RMSNorm(x) · Wᵗ is z · Wᵗ times one factor for each token.
    m_embedding.record(recorder, n);  // x [n, h]
    for (const Layer& layer : m_layers) {
        layer.queryKeyValue.record(recorder, n);  // q, k, v = RMSNorm(x) · Wqkvᵗ, q and k rotated; k, v to the cache
        layer.attention.record(recorder, n);      // attended [n, H d] = softmax(q · kᵗ / √d) · v
        layer.output.record(recorder, n);         // x += attended · Woᵗ
        layer.gateUp.record(recorder, n);  // activated [n, f] = silu(gate) · up of RMSNorm(x) · [Wgate, Wup]ᵗ
        layer.down.record(recorder, n);    // x += activated · Wdownᵗ
    }
    if (wantsLogits) {
        m_head.record(recorder, 1, n - 1);  // logits [1, vocab] = RMSNorm(last row of x) · Wheadᵗ
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
        m_rowHead->projection.record(recorder, n, first);  // logits [n, vocab] = RMSNorm(rows of x) · Wheadᵗ
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
    const std::uint32_t pitch = floatPitch(m_vocabSize);
    if (!m_rowHead) {
        const Matrix& head = m_model.weights.headMatrix();
        const std::uint64_t fitting =
            std::min(m_device.maxStorageRange(), kRowLogitsBytes) / (pitch * std::uint64_t{sizeof(float)});
        const std::uint64_t quick = std::max<std::uint64_t>(
            m_tuning.chunkMultiplications / (std::uint64_t{head.rows()} * head.columns()), m_tuning.columns.back());
        const std::uint64_t rows = std::clamp<std::uint64_t>(std::min(fitting, quick), 1, chunkSize());
        m_rowHead.emplace(m_context, m_device, head, normed(), static_cast<std::uint32_t>(rows));
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
