// The decode loop on the device: it draws a token, embeds it and goes on; the host only reads the tokens.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "engine/base/clock.h"
#include "engine/model/forward_pass.h"
#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/execution/governor.h"
#include "engine/vulkan/execution/submission_queue.h"
#include "engine/vulkan/network/network.h"
#include "engine/vulkan/network/sampling.h"

namespace alcove::engine::vulkan {

// What a decoder works with; all of it outlives the decoder.
struct DecoderParts {
    const Device& device;
    const PipelineCache& pipelineCache;
    DescriptorAllocator& descriptors;
    const OperationContext& context;
    const Network& network;
    const DeviceModel& model;
    Governor& governor;
    CommandPool& commands;
    SubmissionQueue& queue;
};

// begin(), next() and end() are ForwardPass's beginDecoding(), nextTokens() and endDecoding().
//
// The commands of a step are recorded once and replayed: what changes from token to token lies in DecodeState, which
// the sampling kernel advances. Several steps are in flight, so that the device never waits for the host; their
// results come through a ring that the host reads. Per token the host allocates nothing and binds nothing.
class Decoder {
public:
    explicit Decoder(const DecoderParts& parts);
    Decoder(const Decoder&) = delete;
    Decoder& operator=(const Decoder&) = delete;
    // Blocks until the steps in flight are done.
    ~Decoder() { m_parts.queue.settle(); }

    void begin(const DecodeRun& run);
    std::span<const TokenId> next(std::span<const TokenId> draft);
    void end();
    // ForwardPass's measureKernels().
    std::optional<double> measureKernels();
    [[nodiscard]] bool stepsInFlight() const { return m_submitted > m_taken; }
    [[nodiscard]] const ForwardPassCounters& stepCounters() const { return m_counters; }

private:
    static constexpr std::uint32_t kFlight = 3;  // steps of one token
    static constexpr std::uint32_t kRingWords = 64;

    // One step, or the preparation of one: command buffers to be submitted in order.
    struct Recorded {
        std::vector<VkCommandBuffer> commands;
        std::size_t used = 0;  // of the commands
        std::uint32_t layersTogether = 0;
        RecordedCounts counts;
    };

    void recordStep(Recorded& recorded, std::uint32_t tokens);
    void recordHeadAndSampling(Recorder& recorder, std::uint32_t tokens) const;
    void recordSync();
    SubmissionQueue::Ticket submit(const Recorded& recorded);
    void syncState(std::span<const TokenId> draft);
    void submitStep();
    std::span<const TokenId> verify(std::span<const TokenId> draft);
    [[nodiscard]] TokenId drawn(std::uint64_t step) const;
    void handOut(TokenId token);

    DecoderParts m_parts;
    SamplingKernels m_kernels;
    Buffer m_logits;   // [tokens, vocab]
    Buffer m_history;  // words: every token so far
    Buffer m_ring;     // words, read by the host
    Buffer m_staging;  // DecodeState, then the history
    StoreProjection m_head;
    Sampling m_sampling;
    std::array<Recorded, kFlight> m_steps;
    std::array<Recorded, ALCOVE_MAX_STEP_TOKENS + 1> m_drafts;  // by the number of tokens
    Recorded m_sync;

    std::vector<TokenId> m_sequence;  // every token handed out or before; the last is not in the cache
    std::array<TokenId, ALCOVE_MAX_STEP_TOKENS> m_handedOut{};
    std::uint64_t m_firstStep = 0;
    std::uint32_t m_maxTokens = 0;
    std::uint32_t m_submitted = 0;  // tokens of the run, of the steps that were submitted
    std::uint32_t m_taken = 0;      // of those, handed out
    bool m_deviceBehind = false;    // the device's state is not that of the sequence
    std::array<SubmissionQueue::Ticket, kFlight> m_tickets{};
    Clock::time_point m_lastToken;
    bool m_steady = false;  // the step before was in flight while the one before it was handed out
    ForwardPassCounters m_counters;
};

}  // namespace alcove::engine::vulkan
