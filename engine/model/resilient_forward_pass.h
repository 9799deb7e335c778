// A forward pass that survives the loss of its device.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/model/forward_pass.h"

namespace alcove::engine {

// Why a forward pass is asked for.
struct Recovery {
    // 1: the same device is to be opened again, and given less work at once; 2: the device is given up, another kind
    // of device is to take its place.
    std::uint32_t losses = 1;
    Cancellation stop{};  // as for watch(); leads to Error{Cancelled}
};

// Error{DeviceLost} of the forward pass within is answered by a new one, which is given the tokens that the cache held
// and goes on where the lost one was: draws depend on seed and step alone, so a reply stays the same. A forward pass
// that fails while it is being made counts as lost. Losses are counted for good, also if years lie between them.
class ResilientForwardPass final : public ForwardPass {
public:
    // Called on the thread of the call that found the loss, after the lost forward pass is destroyed. The new one has
    // at least as large a context. Null: there is none. May throw Error.
    using Factory = std::function<std::unique_ptr<ForwardPass>(const Recovery&)>;
    using Notice = std::function<void(const Sentence&)>;

    // `first` is not null. `notice` may be empty; it is called on the same thread as the factory.
    ResilientForwardPass(std::unique_ptr<ForwardPass> first, std::uint32_t vocabSize, Factory factory, Notice notice);

    // These throw Error{DeviceLost} when the factory has no answer to a second loss, or that is lost, too; and then
    // always.
    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override;
    void beginDecoding(const DecodeRun& run) override;
    std::span<const TokenId> nextTokens(std::span<const TokenId> draft) override;
    [[nodiscard]] std::optional<double> measureKernels() override;
    [[nodiscard]] double measureReadBandwidth() override;

    // A device that is lost after `stop` was requested is opened again only when it is next needed: what found the loss
    // throws Error{Cancelled}, and so does what finds `stop` requested while it opens the device again.
    void watch(const Cancellation& stop) override;

    // A device lost here is opened again only when it is next needed: the reply is complete.
    void endDecoding() override;

    [[nodiscard]] bool stepsInFlight() const override { return m_inner && m_inner->stepsInFlight(); }
    [[nodiscard]] double draftCost() const override { return m_inner ? m_inner->draftCost() : 1; }
    [[nodiscard]] std::uint32_t contextSize() const override { return m_contextSize; }
    [[nodiscard]] std::uint32_t chunkSize() const override;
    [[nodiscard]] std::uint64_t weightBytes() const override { return m_inner ? m_inner->weightBytes() : 0; }
    [[nodiscard]] std::uint64_t cacheBytes() const override { return m_inner ? m_inner->cacheBytes() : 0; }
    [[nodiscard]] ForwardPassCounters counters() const override;
    [[nodiscard]] Sentence note() const override { return m_inner ? m_inner->note() : Sentence(); }
    [[nodiscard]] std::string kernels() const override { return m_inner ? m_inner->kernels() : std::string(); }

private:
    template <class Work>
    auto withDevice(const Work& work);
    void lose(const Error& error);
    void reopen();
    void restore(ForwardPass& opened) const;
    [[nodiscard]] Error lostForGood() const;

    std::unique_ptr<ForwardPass> m_inner;  // null: lost
    std::uint32_t m_vocabSize;
    std::uint32_t m_contextSize;
    Factory m_factory;
    Notice m_notice;
    std::uint32_t m_losses = 0;
    std::uint32_t m_lostChunkSize = 1;  // the last chunkSize() of the newest one lost
    bool m_reopened = false;            // after the first loss
    Sentence m_reason;                  // of the newest loss
    Cancellation m_stop;

    std::vector<TokenId> m_tokens;  // in the cache; while decoding also the last token, which is not
    bool m_decoding = false;
    SamplingParameters m_sampling;  // of the run
    std::uint64_t m_nextStep = 0;
    std::uint32_t m_left = 0;  // of the run's tokens
};

}  // namespace alcove::engine
