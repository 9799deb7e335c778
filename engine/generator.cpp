#include "engine/generator.h"

#include <algorithm>
#include <utility>

#include "engine/cpu/cpu_device.h"
#include "engine/cpu/cpu_forward_pass.h"
#include "engine/devices/device_list.h"
#include "engine/devices/device_selection.h"
#include "engine/generation/generation_loop.h"
#include "engine/model/resilient_forward_pass.h"
#include "engine/text/template_selection.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "engine/vulkan/tuning/tuning.h"

namespace alcove::engine {

namespace {

// Shares of the progress: nearly all the time goes into reading and uploading the weights.
constexpr double kCheckpointRead = 0.04;
constexpr double kTokenizerRead = 0.05;

constexpr double kReleaseEvery = 0.02;  // of the weights

VulkanForwardPassOptions forwardOptionsFrom(const OpenOptions& options, const ModelConfig& config) {
    VulkanForwardPassOptions result;
    const bool shorter = options.contextSize != 0 && options.contextSize < config.contextLength;
    result.contextSize = shorter ? options.contextSize : config.contextLength;
    result.kvType = options.kvType;
    result.submissionSeconds = options.submissionSeconds;
    result.mayStepDown = options.mayStepDown;
    if (options.maxTier >= 0) {
        result.device.maxTier = static_cast<vulkan::Tier>(options.maxTier);
    }
    return result;
}

// The time of a submission that the device is given by itself.
double usualSubmissionSeconds(const DeviceInfo& device) {
    vulkan::PhysicalDevice physical;
    physical.info = device;
    return vulkan::tuningFor(physical, vulkan::likelySelection(physical)).submissionSeconds;
}

VulkanFactory vulkanFactoryOf(const OpenOptions& options) {
    return options.vulkanFactory ? options.vulkanFactory : VulkanFactory(makeVulkanForwardPass);
}

}  // namespace

// Everything that opening found, in the order in which it depends on each other.
struct Generator::Impl {
    // `opened` was opened with `forwardOptions` on the device.
    Impl(Checkpoint checkpoint, Tokenizer tokenizer, DeviceInfo device, std::unique_ptr<ForwardPass> opened,
         VulkanForwardPassOptions forwardOptions, const OpenOptions& options, ChatTemplate chatTemplate,
         bool workedExample)
        : m_checkpoint(std::move(checkpoint)),
          m_tokenizer(std::move(tokenizer)),
          m_device(std::move(device)),
          m_forwardOptions(std::move(forwardOptions)),
          m_vulkanFactory(vulkanFactoryOf(options)),
          m_forwardPass(std::make_unique<ResilientForwardPass>(
              std::move(opened), m_checkpoint.config().vocabSize,
              [this](const Recovery& recovery) { return openAgain(recovery); }, options.notice)),
          m_loop({.forwardPass = *m_forwardPass,
                  .tokenizer = m_tokenizer,
                  .chatTemplate = std::move(chatTemplate),
                  .workedExample = workedExample,
                  .vocabSize = m_checkpoint.config().vocabSize,
                  .bosToken = m_checkpoint.config().bosToken,
                  .eosTokens = m_checkpoint.config().eosTokens}) {}

    // A device that hangs may have been given too much at once; after a second hang the processor takes over.
    [[nodiscard]] std::unique_ptr<ForwardPass> openAgain(const Recovery& recovery) {
        std::unique_ptr<ForwardPass> opened;
        if (recovery.losses > 1) {
            opened = makeCpuForwardPass(m_checkpoint.config(), m_checkpoint.weights(),
                                        {.contextSize = m_forwardPass->contextSize(),
                                         .kvType = m_forwardOptions.kvType,
                                         .cancel = recovery.stop});
            m_device = cpuDevice();
        } else {
            VulkanForwardPassOptions options = m_forwardOptions;
            options.submissionSeconds =
                (options.submissionSeconds > 0 ? options.submissionSeconds : usualSubmissionSeconds(m_device)) / 2;
            options.contextSize = m_forwardPass->contextSize();
            options.cancel = recovery.stop;
            opened = m_vulkanFactory(m_device, m_checkpoint.config(), m_checkpoint.weights(), options);
        }
        m_checkpoint.requireUnchanged();
        m_checkpoint.releasePages();
        return opened;
    }

    Checkpoint m_checkpoint;
    Tokenizer m_tokenizer;
    DeviceInfo m_device;
    VulkanForwardPassOptions m_forwardOptions;  // with nothing of the caller's
    VulkanFactory m_vulkanFactory;
    std::unique_ptr<ForwardPass> m_forwardPass;
    GenerationLoop m_loop;
};

Generator::Generator(std::unique_ptr<Impl> impl) : m_impl(std::move(impl)) {
}

Generator::~Generator() = default;

GenerationResult Generator::generate(const Request& request,
                                     const std::function<void(const GenerationProgress&)>& onProgress,
                                     const Cancellation& stop) {
    return m_impl->m_loop.generate(request, onProgress, stop);
}

PromptSize Generator::shortestPrompt(std::span<const Message> messages, std::uint32_t maxTokens) const {
    return m_impl->m_loop.shortestPrompt(messages, maxTokens);
}

std::vector<float> Generator::logits(std::span<const TokenId> tokens) {
    return m_impl->m_loop.logits(tokens);
}

std::vector<std::vector<double>> Generator::logLikelihoods(std::span<const TokenId> context,
                                                           std::span<const std::vector<TokenId>> continuations,
                                                           const Cancellation& stop) {
    return m_impl->m_loop.logLikelihoods(context, continuations, stop);
}

void Generator::distributions(std::span<const TokenId> context, std::span<const std::vector<TokenId>> continuations,
                              const DistributionVisitor& visit, const Cancellation& stop) {
    m_impl->m_loop.distributions(context, continuations, visit, stop);
}

const Checkpoint& Generator::checkpoint() const {
    return m_impl->m_checkpoint;
}

const Tokenizer& Generator::tokenizer() const {
    return m_impl->m_tokenizer;
}

const DeviceInfo& Generator::device() const {
    return m_impl->m_device;
}

ForwardPass& Generator::forwardPass() {
    return *m_impl->m_forwardPass;
}

const std::string& Generator::chatTemplate() const {
    return m_impl->m_loop.chatTemplate().name;
}

std::unique_ptr<Generator> Generator::open(const OpenOptions& options) {
    double furthest = 0;
    const auto reached = [&options, &furthest](double share) {
        options.cancel.check(ALCOVE_TEXT("engine", "Opening the model was cancelled."));
        if (options.progress) {
            furthest = std::max(furthest, share);
            options.progress(furthest);
        }
    };
    reached(0);
    Checkpoint checkpoint = Checkpoint::open(options.checkpoint, options.cancel);
    reached(kCheckpointRead);
    const ModelConfig& config = checkpoint.config();
    Tokenizer tokenizer = Tokenizer::open(checkpoint.location(), config.vocabSize);
    TemplateSelection selection = selectTemplate(checkpoint.location());
    if (!options.chatTemplate.empty()) {
        selection.name = options.chatTemplate;
    }
    ChatTemplate chatTemplate = templateNamed(selection.name);
    reached(kTokenizerRead);

    SelectionOptions choosing;
    choosing.cancel = options.cancel;
    choosing.measuring = options.notice;
    // Asking for Vulkan's devices takes a while, which the processor need not wait for.
    DeviceInfo device =
        meansProcessor(options.device) ? cpuDevice() : selectDevice(listDevices(), options.device, choosing).device;
    VulkanForwardPassOptions forwardOptions = forwardOptionsFrom(options, config);
    forwardOptions.cancel = options.cancel;
    double released = 0;
    forwardOptions.progress = [&](double share) {
        reached(kTokenizerRead + (1 - kTokenizerRead) * share);
        if (share >= released + kReleaseEvery) {
            checkpoint.requireUnchanged();
            checkpoint.releasePages();  // what the device holds already need not be in memory twice
            released = share;
        }
    };
    const auto make = [&]() -> std::unique_ptr<ForwardPass> {
        if (device.kind != DeviceKind::Processor) {
            return vulkanFactoryOf(options)(device, config, checkpoint.weights(), forwardOptions);
        }
        CpuForwardPassOptions cpuOptions;
        cpuOptions.contextSize = forwardOptions.contextSize;
        cpuOptions.kvType = forwardOptions.kvType;
        cpuOptions.mayStepDown = options.mayStepDown;
        cpuOptions.progress = forwardOptions.progress;
        cpuOptions.cancel = forwardOptions.cancel;
        return makeCpuForwardPass(config, checkpoint.weights(), cpuOptions);
    };
    Sentence setback;
    std::unique_ptr<ForwardPass> forwardPass;
    try {
        forwardPass = make();
    } catch (const Error& error) {
        if (error.code() != ErrorCode::OutOfMemory || device.kind == DeviceKind::Processor || !options.mayStepDown) {
            throw;
        }
        setback = {ALCOVE_TEXT("engine", "The model runs on the processor, because %1 has too little memory. %2"),
                   device.name, error.sentence()};
        device = cpuDevice();
        forwardPass = make();
    }
    checkpoint.requireUnchanged();
    checkpoint.releasePages();
    const Sentence note = Sentence::joined({setback, forwardPass->note()});
    forwardOptions.cancel = {};  // both are used for opening alone
    forwardOptions.progress = nullptr;
    auto impl =
        std::make_unique<Impl>(std::move(checkpoint), std::move(tokenizer), std::move(device), std::move(forwardPass),
                               std::move(forwardOptions), options, std::move(chatTemplate), selection.workedExample);
    reached(1);
    if (options.notice && !note.empty()) {
        options.notice(note);
    }
    return std::unique_ptr<Generator>(new Generator(std::move(impl)));
}

}  // namespace alcove::engine
