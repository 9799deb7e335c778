// A ForwardPass that computes nothing: fakes override what they need.
#pragma once

#include "engine/model/forward_pass.h"

namespace alcove::fakes {

class IdleForwardPass : public engine::ForwardPass {
public:
    IdleForwardPass(std::uint32_t contextSize, std::uint32_t chunkSize)
        : m_contextSize(contextSize), m_chunkSize(chunkSize) {}

    void beginDecoding(const engine::DecodeRun& /*run*/) override {}
    std::span<const engine::TokenId> nextTokens(std::span<const engine::TokenId> /*draft*/) override { return {}; }
    void endDecoding() override {}
    std::uint32_t contextSize() const override { return m_contextSize; }
    std::uint32_t chunkSize() const override { return m_chunkSize; }
    std::uint64_t weightBytes() const override { return 0; }
    std::uint64_t cacheBytes() const override { return 0; }
    engine::ForwardPassCounters counters() const override { return {}; }
    double measureReadBandwidth() override { return 0; }

private:
    std::uint32_t m_contextSize;
    std::uint32_t m_chunkSize;
};

}  // namespace alcove::fakes
