// Decoding for forward passes that leave the choice of tokens to the processor.
#pragma once

#include <optional>
#include <vector>

#include "engine/model/forward_pass.h"

namespace alcove::engine {

// Decodes by evaluate() and Sampler: one step at a time, nothing in flight.
class HostSampledForwardPass : public ForwardPass {
public:
    explicit HostSampledForwardPass(std::uint32_t vocabSize) : m_vocabSize(vocabSize) {}

    void beginDecoding(const DecodeRun& run) override;
    std::span<const TokenId> nextTokens(std::span<const TokenId> draft) override;
    void endDecoding() override { m_sampler.reset(); }

private:
    std::uint32_t m_vocabSize;
    std::optional<Sampler> m_sampler;  // while decoding
    std::vector<TokenId> m_sequence;   // every token so far; the last is not in the cache
    std::uint64_t m_step = 0;
    std::uint32_t m_left = 0;       // of the run's tokens
    std::vector<TokenId> m_inputs;  // of the newest step
    std::vector<TokenId> m_drawn;
    std::vector<float> m_logits;  // [inputs, vocab]
};

}  // namespace alcove::engine
