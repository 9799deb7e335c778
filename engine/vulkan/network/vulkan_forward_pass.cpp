#include "engine/vulkan/network/vulkan_forward_pass.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/model/example_model.h"
#include "engine/vulkan/driver/device_files.h"
#include "engine/vulkan/execution/governor.h"
#include "engine/vulkan/execution/submission_queue.h"
#include "engine/vulkan/network/decoder.h"
#include "engine/vulkan/network/device_model.h"
#include "engine/vulkan/network/kernels.h"
#include "engine/vulkan/network/network.h"
#include "engine/vulkan/resources/pipeline_cache.h"
#include "engine/vulkan/tuning/read_bandwidth.h"
#include "engine/vulkan/tuning/tuning_search.h"
#include "engine/vulkan/tuning/tuning_store.h"

namespace alcove::engine {

namespace vulkan {

namespace {

// Most bytes of logits that the device holds for the host at once.
constexpr std::uint64_t kRowLogitsBytes = 32ULL << 20U;
constexpr std::uint32_t kQueueDepth = 256;  // three steps of a submission for each layer fit

std::filesystem::path cacheFolder(const VulkanForwardPassOptions& options) {
    return options.pipelineCacheFolder.value_or(defaultCacheFolder());
}

Tuning tuningWith(const PhysicalDevice& device, const std::optional<KernelSelection>& selection,
                  const VulkanForwardPassOptions& options) {
    Tuning tuning = tuningFor(device, selection.value_or(likelySelection(device)));
    tuning.alwaysBarrier = options.alwaysBarrier;
    if (options.submissionSeconds > 0) {
        tuning.submissionSeconds = options.submissionSeconds;
    }
    return tuning;
}

DeviceOptions deviceOptions(const VulkanForwardPassOptions& options) {
    DeviceOptions result = options.device;
    result.cancel = options.cancel;
    return result;
}

GovernorLimits governorLimits(const Tuning& tuning, const ModelConfig& config, std::uint32_t largestChunk) {
    // Of one token and layer, without attention over the context.
    const double headRows = 2.0 * (config.headCount + config.kvHeadCount) * config.headDim;
    const double multiplications = config.hiddenSize * (headRows + 3.0 * config.ffnSize);
    GovernorLimits limits;
    limits.submissionSeconds = tuning.submissionSeconds;
    limits.chunkSeconds = std::max(limits.chunkSeconds, tuning.submissionSeconds);
    limits.layers = config.layerCount;
    limits.largestChunk = largestChunk;
    limits.tokensTogether = tuning.promptTokens();
    limits.firstGuess = multiplications / tuning.multiplicationsPerSecond;
    return limits;
}

class VulkanForwardPass final : public ForwardPass {
public:
    // Without a selection the likely one is taken.
    VulkanForwardPass(const DeviceInfo& device, const ModelConfig& config, const ModelWeights& weights,
                      const VulkanForwardPassOptions& options, const std::optional<KernelSelection>& selection);

    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override;
    void beginDecoding(const DecodeRun& run) override {
        m_decoder.begin(run);
        m_counters = m_decoder.stepCounters();
    }
    std::span<const TokenId> nextTokens(std::span<const TokenId> draft) override { return m_decoder.next(draft); }
    bool stepsInFlight() const override { return m_decoder.stepsInFlight(); }
    double draftCost() const override { return m_governor.draftCost(); }
    void endDecoding() override { m_decoder.end(); }
    void watch(const Cancellation& stop) override { m_device.watch(stop); }

    std::uint32_t contextSize() const override { return m_model.attentionShape.cache.contextSize; }
    std::uint32_t chunkSize() const override { return m_governor.chunkTokens(); }
    std::uint64_t weightBytes() const override { return m_model.weightBytes; }
    std::uint64_t cacheBytes() const override { return m_model.attentionShape.cache.bytes(); }
    ForwardPassCounters counters() const override { return m_counters; }
    Sentence note() const override { return m_model.memoryNote; }
    std::string kernels() const override { return describe(m_tuning.selection); }
    std::optional<double> measureKernels() override { return m_decoder.measureKernels(); }
    double measureReadBandwidth() override { return vulkan::measureReadBandwidth(m_device, m_pipelineCache); }

private:
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

    void setState(std::span<const TokenId> tokens, std::uint32_t position);
    template <class Record>
    void submit(const Record& record);
    void copyFinite(const float* computed, std::span<float> logits) const;
    void computeRows(std::span<float> logits);

    std::uint32_t m_vocabSize;
    Device m_device;  // before every handle made from it
    Tuning m_tuning;
    PipelineCache m_pipelineCache;
    DeviceModel m_model;
    Kernels m_kernels;
    DescriptorAllocator m_descriptors;
    OperationContext m_context;
    Network m_network;
    StoreProjection m_head;
    std::optional<RowHead> m_rowHead;
    Buffer m_staging;  // struct DecodeState
    Governor m_governor;
    CommandPool m_commands;
    std::vector<VkCommandBuffer> m_chunk;  // of the newest chunk's submissions
    std::size_t m_chunkUsed = 0;
    SubmissionQueue m_queue;
    Decoder m_decoder;
    ForwardPassCounters m_counters;
};

VulkanForwardPass::VulkanForwardPass(const DeviceInfo& device, const ModelConfig& config, const ModelWeights& weights,
                                     const VulkanForwardPassOptions& options,
                                     const std::optional<KernelSelection>& selection)
    : m_vocabSize(config.vocabSize),
      m_device(device, deviceOptions(options)),
      m_tuning(tuningWith(m_device.physical(), selection, options)),
      m_pipelineCache(m_device, cacheFolder(options)),
      m_model(loadModel(m_device, m_tuning, config, weights, options)),
      m_kernels(m_device, m_pipelineCache, m_tuning, m_model.kernelNeeds),
      m_descriptors(m_device),
      m_context{&m_kernels, &m_descriptors, &m_model.activationShape, &m_model.state, config.rmsNormEpsilon},
      m_network(m_context, config, m_model),
      m_head(m_context, m_model.weights.headMatrix(), m_network.finalNormed(), m_model.logits),
      m_staging(m_device, sizeof(DecodeState), MemoryUse::Upload, "tokens of a chunk"),
      m_governor(governorLimits(m_tuning, config, m_model.chunkSize)),
      m_commands(m_device),
      m_queue(m_device, kQueueDepth, "forward pass"),
      m_decoder({.device = m_device,
                 .pipelineCache = m_pipelineCache,
                 .descriptors = m_descriptors,
                 .context = m_context,
                 .network = m_network,
                 .model = m_model,
                 .governor = m_governor,
                 .commands = m_commands,
                 .queue = m_queue}) {
    // Without the file, pipelines are only compiled again next time.
    static_cast<void>(m_pipelineCache.save());
    m_device.watch({});
}

// Records and submits a part of the chunk. Few chunks are of the same size, so their commands are not kept.
template <class Record>
void VulkanForwardPass::submit(const Record& record) {
    if (m_chunkUsed == m_chunk.size()) {
        m_chunk.push_back(m_commands.allocate("chunk " + std::to_string(m_chunkUsed)));
    }
    VkCommandBuffer commands = m_chunk[m_chunkUsed++];
    beginCommands(m_device, commands, true);
    Recorder recorder(m_device, commands, m_tuning.alwaysBarrier);
    record(recorder);
    endCommands(m_device, commands);
    static_cast<void>(m_queue.submit(commands));
    m_counters.dispatches += recorder.counts().dispatches;
    m_counters.barriers += recorder.counts().barriers;
    ++m_counters.submissions;
}

void VulkanForwardPass::copyFinite(const float* computed, std::span<float> logits) const {
    std::copy_n(computed, logits.size(), logits.begin());
    if (!std::all_of(logits.begin(), logits.end(), [](float value) { return std::isfinite(value); })) {
        throw Error(ErrorCode::NotFinite,
                    ALCOVE_TEXT("engine",
                                "The model produced invalid numbers. Its file may be damaged, or the "
                                "driver of %1 may be faulty: load the model again, or choose another device."),
                    m_device.name());
    }
}

// In submissions of their own: the head over a whole chunk may be more work, and a larger buffer, than one may be.
void VulkanForwardPass::computeRows(std::span<float> logits) {
    const std::uint32_t pitch = floatPitch(m_vocabSize);
    if (!m_rowHead) {
        const Matrix& head = m_model.weights.headMatrix();
        const std::uint64_t fitting =
            std::min(m_device.maxStorageRange(), kRowLogitsBytes) / (pitch * std::uint64_t{sizeof(float)});
        const double quick = m_tuning.multiplicationsPerSecond * m_tuning.submissionSeconds /
                             (static_cast<double>(head.rows()) * head.columns());
        const std::uint64_t wanted = std::max(static_cast<std::uint64_t>(quick), std::uint64_t{ALCOVE_MAX_STEP_TOKENS});
        const std::uint64_t rows = std::clamp<std::uint64_t>(std::min(fitting, wanted), 1, m_model.chunkSize);
        m_rowHead.emplace(m_context, m_device, head, m_network.finalNormed(), static_cast<std::uint32_t>(rows));
    }
    const auto n = static_cast<std::uint32_t>(logits.size() / m_vocabSize);
    for (std::uint32_t first = 0; first < n; first += m_rowHead->rows) {
        const std::uint32_t count = std::min(m_rowHead->rows, n - first);
        submit([&](Recorder& recorder) {
            recorder.begin();
            m_rowHead->projection.record(recorder, count, first);  // logits [n, vocab] = RMSNorm(rows of x) · Wheadᵗ
            recorder.finishForHost();
        });
        m_queue.waitAll();
        const float* computed = m_rowHead->logits.as<const float>();
        for (std::uint32_t row = 0; row < count; ++row) {
            copyFinite(computed + std::size_t{row} * pitch,
                       logits.subspan((std::size_t{first} + row) * m_vocabSize, m_vocabSize));
        }
    }
}

void VulkanForwardPass::setState(std::span<const TokenId> tokens, std::uint32_t position) {
    auto& state = *m_staging.as<DecodeState>();
    state.position = position;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        assert(tokens[i] >= 0 && static_cast<std::uint32_t>(tokens[i]) < m_vocabSize);
        state.tokens[i] = static_cast<std::uint32_t>(tokens[i]);
    }
}

void VulkanForwardPass::evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) {
    assert(!tokens.empty() && tokens.size() <= m_model.chunkSize);
    assert(position + tokens.size() <= contextSize());
    assert(logits.empty() || logits.size() == m_vocabSize || logits.size() == tokens.size() * m_vocabSize);

    m_counters = {};
    m_chunkUsed = 0;
    setState(tokens, position);
    const auto n = static_cast<std::uint32_t>(tokens.size());
    const bool wantsLast = logits.size() == m_vocabSize;
    const std::uint32_t layers = m_network.layerCount();
    const std::uint32_t together = m_governor.layersPerSubmission(n);
    const Clock::time_point begun = Clock::now();
    for (std::uint32_t first = 0; first < layers; first += together) {
        const std::uint32_t count = std::min(together, layers - first);
        submit([&](Recorder& recorder) {
            if (first == 0) {
                recorder.upload(m_staging, 0, m_model.state, sizeof(DecodeState));
            }
            recorder.begin();
            m_network.recordLayers(recorder, n, first, count);
            if (wantsLast && first + count == layers) {
                m_head.record(recorder, 1, n - 1);  // logits [1, vocab] = RMSNorm(last row of x) · Wheadᵗ
                recorder.finishForHost();
            }
        });
    }
    m_queue.waitAll();
    m_governor.measured(n, secondsSince(begun));
    if (wantsLast) {
        copyFinite(m_model.logits.as<const float>(), logits);
    } else if (!logits.empty()) {
        computeRows(logits);
    }
}

// The kernels that were found for the device earlier, or are found now. None: likelySelection() is used.
std::optional<KernelSelection> selectionFor(const DeviceInfo& device, const ModelConfig& config,
                                            const ModelWeights& weights, const VulkanForwardPassOptions& options) {
    // For software drivers the best kernels are known; where the tier is limited, tests expect certain kernels.
    if (options.device.maxTier || (device.kind == DeviceKind::Software && !options.device.hooks.adjustPhysical)) {
        return std::nullopt;
    }
    const PhysicalDevice physical = Device(device, options.device).physical();
    if (physical.info.kind == DeviceKind::Software) {
        return std::nullopt;
    }
    const FeedForwardWeights& block = weights.feedForwards.front();
    const DType dtype = commonDType(std::array{block.gate, block.up});
    const TuningStore store(physical, cacheFolder(options));
    const std::string subject = tuningSubject(config, dtype);
    if (const std::optional<KernelSelection> known = store.find(subject)) {
        return known;
    }
    const TuningSearch search =
        tryTunings(physical, config, dtype, [&](const KernelSelection& selection, const ExampleModel& example) {
            VulkanForwardPassOptions exampleOptions = options;
            exampleOptions.contextSize = example.config.contextLength;
            exampleOptions.progress = {};
            return std::make_unique<VulkanForwardPass>(device, example.config, example.weights, exampleOptions,
                                                       selection);
        });
    if (search.trials.front().seconds) {
        static_cast<void>(store.remember(subject, search));
    }
    return search.best;
}

}  // namespace

}  // namespace vulkan

std::unique_ptr<ForwardPass> makeVulkanForwardPass(const DeviceInfo& device, const ModelConfig& config,
                                                   const ModelWeights& weights,
                                                   const VulkanForwardPassOptions& options) {
    assert(options.contextSize > 0);
    return std::make_unique<vulkan::VulkanForwardPass>(device, config, weights, options,
                                                       vulkan::selectionFor(device, config, weights, options));
}

}  // namespace alcove::engine
