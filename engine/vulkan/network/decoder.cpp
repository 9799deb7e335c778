#include "engine/vulkan/network/decoder.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <string>

#include "engine/base/error.h"
#include "engine/vulkan/execution/dispatch_timer.h"

namespace alcove::engine::vulkan {

namespace {

std::uint64_t historyBytes(const DeviceModel& model) {
    return (std::uint64_t{model.attentionShape.cache.contextSize} + ALCOVE_MAX_STEP_TOKENS) * sizeof(std::uint32_t);
}

}  // namespace

Decoder::Decoder(const DecoderParts& parts)
    : m_parts(parts),
      m_kernels(parts.device, parts.pipelineCache),
      m_logits(
          parts.device,
          std::uint64_t{ALCOVE_MAX_STEP_TOKENS} * floatPitch(parts.model.weights.headMatrix().rows()) * sizeof(float),
          MemoryUse::DeviceOnly, "logits of a step"),
      m_history(parts.device, historyBytes(parts.model), MemoryUse::DeviceOnly, "history"),
      m_ring(parts.device, kRingWords * sizeof(std::uint32_t), MemoryUse::Readback, "token ring"),
      m_staging(parts.device, sizeof(DecodeState) + historyBytes(parts.model), MemoryUse::Upload, "run of decoding"),
      m_head(parts.context, parts.model.weights.headMatrix(), parts.network.finalNormed(), m_logits),
      m_sampling(parts.device, m_kernels, parts.descriptors,
                 {.logits = &m_logits, .history = &m_history, .state = &parts.model.state, .ring = &m_ring},
                 parts.model.weights.headMatrix().rows(), ALCOVE_MAX_STEP_TOKENS) {
    m_sequence.reserve(historyBytes(parts.model) / sizeof(std::uint32_t) + 1);
    recordSync();
}

void Decoder::recordSync() {
    m_sync.commands.push_back(m_parts.commands.allocate("decode state"));
    m_sync.used = 1;
    beginCommands(m_parts.device, m_sync.commands[0], false);
    Recorder recorder(m_parts.device, m_sync.commands[0]);
    recorder.upload(m_staging, 0, m_parts.model.state, sizeof(DecodeState));
    recorder.upload(m_staging, sizeof(DecodeState), m_history, historyBytes(m_parts.model));
    endCommands(m_parts.device, m_sync.commands[0]);
}

// The pass in groups of layers that the governor allows in one submission, then head and sampling.
void Decoder::recordStep(Recorded& recorded, std::uint32_t tokens) {
    const std::uint32_t layers = m_parts.network.layerCount();
    recorded.layersTogether = m_parts.governor.layersPerSubmission(tokens);
    recorded.counts = {};
    recorded.used = 0;
    for (std::uint32_t first = 0; first < layers; first += recorded.layersTogether) {
        const std::uint32_t count = std::min(recorded.layersTogether, layers - first);
        if (recorded.used == recorded.commands.size()) {
            recorded.commands.push_back(m_parts.commands.allocate("step of " + std::to_string(tokens)));
        }
        VkCommandBuffer commands = recorded.commands[recorded.used++];
        beginCommands(m_parts.device, commands, false);
        Recorder recorder(m_parts.device, commands, m_parts.context.kernels->tuning().alwaysBarrier);
        recorder.begin();
        m_parts.network.recordLayers(recorder, tokens, first, count);
        if (first + count == layers) {
            recordHeadAndSampling(recorder, tokens);
        }
        endCommands(m_parts.device, commands);
        recorded.counts.dispatches += recorder.counts().dispatches;
        recorded.counts.barriers += recorder.counts().barriers;
    }
}

void Decoder::recordHeadAndSampling(Recorder& recorder, std::uint32_t tokens) const {
    m_head.record(recorder, tokens);
    m_sampling.record(recorder, tokens);
    recorder.finishForHost();
}

SubmissionQueue::Ticket Decoder::submit(const Recorded& recorded) {
    SubmissionQueue::Ticket ticket = 0;
    for (std::size_t i = 0; i < recorded.used; ++i) {
        ticket = m_parts.queue.submit(recorded.commands[i]);
    }
    return ticket;
}

void Decoder::begin(const DecodeRun& run) {
    requireInRange(run.sampling);
    assert(!run.history.empty());
    assert(run.history.size() - 1 + run.maxTokens <= m_parts.model.attentionShape.cache.contextSize);
    m_sequence.assign(run.history.begin(), run.history.end());
    m_firstStep = run.firstStep;
    m_maxTokens = run.maxTokens;
    m_submitted = 0;
    m_taken = 0;
    m_steady = false;
    m_deviceBehind = true;
    auto& state = *m_staging.as<DecodeState>();
    setSampling(state, run.sampling, m_parts.model.weights.headMatrix().rows());
    auto* history = reinterpret_cast<std::uint32_t*>(m_staging.bytes().data() + sizeof(DecodeState));
    std::copy(m_sequence.begin(), m_sequence.end(), history);
    // By newer measurements the layers may be grouped otherwise.
    if (const std::uint32_t together = m_parts.governor.layersPerSubmission(1); together != m_steps[0].layersTogether) {
        for (Recorded& step : m_steps) {
            recordStep(step, 1);
        }
    }
    m_counters = {.dispatches = m_steps[0].counts.dispatches,
                  .barriers = m_steps[0].counts.barriers,
                  .submissions = static_cast<std::uint32_t>(m_steps[0].used)};
}

// Sets the device's state to the end of the sequence, followed by a draft.
void Decoder::syncState(std::span<const TokenId> draft) {
    auto& state = *m_staging.as<DecodeState>();
    state.position = static_cast<std::uint32_t>(m_sequence.size() - 1);
    state.step = static_cast<std::uint32_t>(m_firstStep + m_taken);
    state.stepTokens = static_cast<std::uint32_t>(draft.size() + 1);
    state.historyLength = static_cast<std::uint32_t>(m_sequence.size());
    state.tokens[0] = static_cast<std::uint32_t>(m_sequence.back());
    std::copy(draft.begin(), draft.end(), state.tokens + 1);
    submit(m_sync);
    m_deviceBehind = !draft.empty();
}

void Decoder::submitStep() {
    if (m_deviceBehind) {
        syncState({});
    }
    m_tickets[m_submitted % kFlight] = submit(m_steps[m_submitted % kFlight]);
    ++m_submitted;
}

TokenId Decoder::drawn(std::uint64_t step) const {
    const std::uint32_t token = m_ring.as<const std::uint32_t>()[step % kRingWords];
    if (token == ALCOVE_NO_TOKEN) {
        throw Error(ErrorCode::NotFinite,
                    ALCOVE_TEXT("engine",
                                "The model produced invalid numbers. Its file may be damaged, or the "
                                "driver of %1 may be faulty: load the model again, or choose another device."),
                    m_parts.device.name());
    }
    return static_cast<TokenId>(token);
}

void Decoder::handOut(TokenId token) {
    auto* history = reinterpret_cast<std::uint32_t*>(m_staging.bytes().data() + sizeof(DecodeState));
    history[m_sequence.size()] = static_cast<std::uint32_t>(token);
    m_sequence.push_back(token);
    ++m_taken;
}

std::span<const TokenId> Decoder::next(std::span<const TokenId> draft) {
    assert(m_taken < m_maxTokens && draft.size() <= kMaxDraft);
    // As many as the run may still draw and the activations have rows for.
    const std::size_t guesses =
        std::min<std::size_t>({draft.size(), m_maxTokens - m_taken - 1, m_parts.model.chunkSize - 1});
    const bool guessing = guesses > 0;
    if (guessing && m_submitted == m_taken) {
        return verify(draft.first(guesses));
    }
    const bool steady = m_steady && m_submitted > m_taken;
    if (!guessing) {
        while (m_submitted - m_taken < kFlight && m_submitted < m_maxTokens) {
            submitStep();
        }
    }
    m_parts.queue.wait(m_tickets[m_taken % kFlight]);
    const Clock::time_point now = Clock::now();
    if (steady) {
        m_parts.governor.measured(1, secondsBetween(m_lastToken, now));
    }
    m_lastToken = now;
    m_steady = m_submitted - m_taken > 1;
    m_handedOut[0] = drawn(m_firstStep + m_taken);
    handOut(m_handedOut[0]);
    return std::span(m_handedOut).first(1);
}

std::span<const TokenId> Decoder::verify(std::span<const TokenId> draft) {
    const auto tokens = static_cast<std::uint32_t>(draft.size() + 1);
    Recorded& step = m_drafts[tokens];
    if (step.used == 0) {
        recordStep(step, tokens);
    }
    const std::uint64_t first = m_firstStep + m_taken;
    const Clock::time_point begun = Clock::now();
    syncState(draft);
    m_parts.queue.wait(submit(step));
    m_parts.governor.measured(tokens, secondsSince(begun));
    std::size_t count = 0;
    while (true) {
        m_handedOut[count] = drawn(first + count);
        handOut(m_handedOut[count]);
        ++count;
        if (count == tokens || m_handedOut[count - 1] != draft[count - 1]) {
            break;
        }
    }
    m_submitted = m_taken;
    m_deviceBehind = true;
    m_steady = false;
    return std::span(m_handedOut).first(count);
}

std::optional<double> Decoder::measureKernels() {
    constexpr int kRuns = 5;
    assert(m_submitted == m_taken || m_maxTokens == 0);
    if (m_sequence.empty() || m_sequence.size() > m_parts.model.attentionShape.cache.contextSize ||
        !DispatchTimer::isAvailable(m_parts.device)) {
        return std::nullopt;
    }
    DispatchTimer timer(m_parts.device, std::max(m_steps[0].counts.dispatches, 1U));
    VkCommandBuffer commands = m_parts.commands.allocate("timed step");
    beginCommands(m_parts.device, commands, false);
    Recorder recorder(m_parts.device, commands, m_parts.context.kernels->tuning().alwaysBarrier, &timer);
    recorder.begin();
    m_parts.network.recordLayers(recorder, 1, 0, m_parts.network.layerCount());
    recordHeadAndSampling(recorder, 1);
    endCommands(m_parts.device, commands);
    double least = std::numeric_limits<double>::infinity();
    for (int run = 0; run < kRuns; ++run) {
        syncState({});
        m_parts.queue.wait(m_parts.queue.submit(commands));
        least = std::min(least, timer.seconds());
    }
    m_deviceBehind = true;
    return least;
}

void Decoder::end() {
    m_parts.queue.waitAll();
    m_maxTokens = 0;
}

}  // namespace alcove::engine::vulkan
