#include "engine/devices/speed_probe.h"

#include <algorithm>
#include <array>
#include <memory>
#include <span>

#include "engine/base/clock.h"
#include "engine/base/error.h"
#include "engine/cpu/cpu_forward_pass.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"

namespace alcove::engine {

namespace {

constexpr double kWholeLayers = 22;  // of MobiLlama-0.5B
constexpr std::uint32_t kContext = 128;
constexpr std::size_t kPromptTokens = 32;
constexpr std::size_t kFirstTokens = 4;
constexpr std::uint32_t kReplyTokens = 34;
constexpr double kPhaseSeconds = 0.1;      // after which no further run begins
constexpr double kSlowStepSeconds = 0.05;  // of which one is enough
constexpr int kMostRuns = 8;

constexpr TranslatableText kMeasuringStopped = ALCOVE_TEXT("engine", "Measuring the device was stopped.");

template <class Work>
double timed(const Work& work) {
    const Clock::time_point begin = Clock::now();
    work();
    return secondsSince(begin);
}

// The shortest time that `run()` returns; it is called at least once.
template <class Run>
double leastOf(const Cancellation& cancel, const Run& run) {
    const Clock::time_point begin = Clock::now();
    double least = run();
    for (int runs = 1; runs < kMostRuns && secondsSince(begin) < kPhaseSeconds; ++runs) {
        cancel.check(kMeasuringStopped);
        least = std::min(least, run());
    }
    return least;
}

std::array<TokenId, kPromptTokens + 1> promptFor(std::uint32_t vocab) {
    std::array<TokenId, kPromptTokens + 1> tokens{};
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = static_cast<TokenId>((i * 7919 + 1) % vocab);
    }
    return tokens;
}

std::unique_ptr<ForwardPass> openProbe(const DeviceInfo& device, const ExampleModel& model,
                                       const Cancellation& cancel) {
    if (device.kind == DeviceKind::Processor) {
        CpuForwardPassOptions options;
        options.contextSize = kContext;
        options.cancel = cancel;
        return makeCpuForwardPass(model.config, model.weights, options);
    }
    VulkanForwardPassOptions options;
    options.contextSize = kContext;
    options.cancel = cancel;
    return makeVulkanForwardPass(device, model.config, model.weights, options);
}

}  // namespace

ExampleModel probeModel(const ProbeShape& shape) {
    ModelConfig config;
    config.architecture = "LlamaForCausalLM";
    config.hiddenSize = shape.hidden;
    config.ffnSize = shape.ffn;
    config.layerCount = shape.layers;
    config.headCount = shape.heads;
    config.kvHeadCount = shape.heads;
    config.headDim = shape.hidden / shape.heads;
    config.vocabSize = shape.vocab;
    config.contextLength = kContext;
    return makeExampleModel(config, DType::Q4_0);
}

DeviceSpeed measureSpeed(ForwardPass& pass, std::uint32_t vocab, const Cancellation& cancel) {
    DeviceSpeed speed;
    const auto prompt = promptFor(vocab);
    const auto read = [&](std::size_t count) {
        return timed([&] { pass.evaluate(std::span(prompt).first(count), 0, {}); });
    };
    // Warms up, and determines how long a prompt may be.
    cancel.check(kMeasuringStopped);
    const std::size_t first = std::min<std::size_t>(kFirstTokens, pass.chunkSize());
    const double firstSeconds = read(first);
    cancel.check(kMeasuringStopped);
    const double affordable = static_cast<double>(first) * kPhaseSeconds / std::max(firstSeconds, 1e-9);
    const std::size_t longest = std::max(first, std::min<std::size_t>(kPromptTokens, pass.chunkSize()));
    const std::size_t count =
        affordable >= static_cast<double>(longest) ? longest : std::max(first, static_cast<std::size_t>(affordable));
    speed.promptSeconds = leastOf(cancel, [&] { return read(std::min<std::size_t>(count, pass.chunkSize())); }) /
                          static_cast<double>(count);

    DecodeRun run{.history = std::span(prompt).first(count + 1), .sampling = {}, .maxTokens = kReplyTokens};
    run.sampling.temperature = 0;
    run.sampling.repetitionPenalty = 1;
    pass.beginDecoding(run);
    const auto write = [&](int tokens) {
        return timed([&] {
            for (int i = 0; i < tokens; ++i) {
                static_cast<void>(pass.nextTokens({}));
            }
        });
    };
    // Two warm up. Devices keep several steps in flight, so that single ones seem shorter or longer than they are.
    static_cast<void>(write(1));
    const int together = write(1) < kSlowStepSeconds ? 4 : 1;
    speed.replySeconds = leastOf(cancel, [&] { return write(together); }) / together;
    pass.endDecoding();
    return speed;
}

Probe probeDevice(const DeviceInfo& device, const ProbeShape& shape, const Cancellation& cancel) {
    const ExampleModel model = probeModel(shape);
    const std::unique_ptr<ForwardPass> pass = openProbe(device, model, cancel);
    Probe result;
    result.speed = measureSpeed(*pass, shape.vocab, cancel);
    const double whole = kWholeLayers / shape.layers;
    result.speed.promptSeconds *= whole;
    result.speed.replySeconds *= whole;
    const auto prompt = promptFor(shape.vocab);
    result.logits.resize(shape.vocab);
    pass->evaluate(std::span(prompt).first(std::min<std::size_t>(kFirstTokens, pass->chunkSize())), 0, result.logits);
    return result;
}

}  // namespace alcove::engine
