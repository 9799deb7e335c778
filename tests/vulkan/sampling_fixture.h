// The device's selection of tokens by itself, and what it is compared with.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/sampling/sampler.h"
#include "engine/vulkan/network/sampling.h"
#include "tests/vulkan/kernel_fixture.h"

namespace alcove::tests {

// The buffers around a Sampling.
class SamplingFixture {
public:
    static constexpr std::uint32_t kRing = 16;  // draws that are kept

    SamplingFixture(KernelFixture& fixture, const engine::vulkan::SamplingKernels& kernels, std::uint32_t vocab,
                    std::uint32_t maxTokens);

    void setLogits(std::uint32_t row, std::span<const float> logits);
    // `sequence` is every token so far; `draft` follows it.
    void begin(const engine::SamplingParameters& parameters, std::span<const engine::TokenId> sequence,
               std::uint32_t step, std::span<const engine::TokenId> draft = {});
    void run(std::uint32_t tokens);

    [[nodiscard]] engine::TokenId drawn(std::uint32_t step) const;
    [[nodiscard]] const engine::vulkan::DecodeState& state() const;
    [[nodiscard]] const engine::vulkan::RecordedCounts& counts() const { return m_counts; }

private:
    KernelFixture* m_fixture;
    std::uint32_t m_vocab;
    engine::vulkan::Buffer m_logits;
    engine::vulkan::Buffer m_history;
    engine::vulkan::Buffer m_state;
    engine::vulkan::Buffer m_ring;
    engine::vulkan::Sampling m_sampling;
    engine::vulkan::RecordedCounts m_counts;
};

// About normally distributed around 0.
[[nodiscard]] std::vector<float> normalLogits(std::uint32_t vocab, double spread, std::uint32_t seed);
[[nodiscard]] std::vector<engine::TokenId> randomTokens(std::size_t count, std::uint32_t vocab, std::uint32_t seed);

inline constexpr engine::TokenId kNoToken = -1;  // ALCOVE_NO_TOKEN

// What Sampler takes; kNoToken where it throws.
[[nodiscard]] engine::TokenId sampledOnHost(const engine::SamplingParameters& parameters, std::span<const float> logits,
                                            std::span<const engine::TokenId> sequence, std::uint32_t step);

// How far Sampler's decisions were from falling otherwise, as a share of the whole: its rules once more, in double.
[[nodiscard]] double margin(const engine::SamplingParameters& parameters, std::span<const float> logits,
                            std::span<const engine::TokenId> sequence, std::uint32_t step);

}  // namespace alcove::tests
