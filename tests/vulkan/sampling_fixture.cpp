#include "tests/vulkan/sampling_fixture.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <random>

#include "engine/base/error.h"
#include "engine/sampling/philox.h"
#include "engine/vulkan/network/matrix.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace alcove::tests {

namespace {

constexpr std::uint32_t kHistoryRoom = 300;

}  // namespace

SamplingFixture::SamplingFixture(KernelFixture& fixture, const SamplingKernels& kernels, std::uint32_t vocab,
                                 std::uint32_t maxTokens)
    : m_fixture(&fixture),
      m_vocab(vocab),
      m_logits(fixture.device(), std::uint64_t{maxTokens} * floatPitch(vocab) * sizeof(float), MemoryUse::Upload,
               "test logits"),
      m_history(fixture.device(), (kHistoryRoom + 8) * sizeof(std::uint32_t), MemoryUse::Upload, "test history"),
      m_state(fixture.device(), sizeof(DecodeState), MemoryUse::Upload, "test decode state"),
      m_ring(fixture.device(), kRing * sizeof(std::uint32_t), MemoryUse::Readback, "test ring"),
      m_sampling(fixture.device(), kernels, fixture.descriptors(), {&m_logits, &m_history, &m_state, &m_ring}, vocab,
                 maxTokens) {
}

void SamplingFixture::setLogits(std::uint32_t row, std::span<const float> logits) {
    std::ranges::copy(logits, m_logits.as<float>() + std::size_t{row} * floatPitch(m_vocab));
}

void SamplingFixture::begin(const SamplingParameters& parameters, std::span<const TokenId> sequence, std::uint32_t step,
                            std::span<const TokenId> draft) {
    DecodeState state{};
    setSampling(state, parameters, m_vocab);
    state.position = static_cast<std::uint32_t>(sequence.size() - 1);
    state.step = step;
    state.stepTokens = static_cast<std::uint32_t>(1 + draft.size());
    state.historyLength = static_cast<std::uint32_t>(sequence.size());
    state.tokens[0] = static_cast<std::uint32_t>(sequence.back());
    std::ranges::copy(draft, state.tokens + 1);
    *m_state.as<DecodeState>() = state;
    std::ranges::copy(sequence.first(sequence.size() - 1), m_history.as<std::uint32_t>());
}

void SamplingFixture::run(std::uint32_t tokens) {
    m_counts = m_fixture->run([&](Recorder& recorder) {
        m_sampling.record(recorder, tokens);
        recorder.finishForHost();
    });
}

TokenId SamplingFixture::drawn(std::uint32_t step) const {
    return static_cast<TokenId>(m_ring.as<const std::uint32_t>()[step % kRing]);
}

const DecodeState& SamplingFixture::state() const {
    return *m_state.as<const DecodeState>();
}

std::vector<float> normalLogits(std::uint32_t vocab, double spread, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> result(vocab);
    for (float& logit : result) {
        double sum = -6;
        for (int i = 0; i < 12; ++i) {
            sum += static_cast<double>(random()) * 0x1p-32;
        }
        logit = static_cast<float>(spread * sum);
    }
    return result;
}

std::vector<TokenId> randomTokens(std::size_t count, std::uint32_t vocab, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<TokenId> result(count);
    for (TokenId& token : result) {
        token = static_cast<TokenId>(random() % vocab);
    }
    return result;
}

TokenId sampledOnHost(const SamplingParameters& parameters, std::span<const float> logits,
                      std::span<const TokenId> sequence, std::uint32_t step) {
    Sampler sampler(parameters, static_cast<std::uint32_t>(logits.size()));
    try {
        return sampler.sample(logits, sequence, step);
    } catch (const Error&) {
        return kNoToken;
    }
}

double margin(const SamplingParameters& parameters, std::span<const float> logits, std::span<const TokenId> sequence,
              std::uint32_t step) {
    const double penalty = parameters.repetitionPenalty;
    std::vector<double> values(logits.begin(), logits.end());
    const std::size_t window = std::min<std::size_t>(sequence.size(), parameters.repetitionWindow);
    std::vector<bool> seen(values.size());
    for (const TokenId token : sequence.last(window)) {
        const auto index = static_cast<std::size_t>(token);
        if (!seen[index]) {
            values[index] = values[index] > 0 ? values[index] / penalty : values[index] * penalty;
            seen[index] = true;
        }
    }
    std::erase_if(values, [](double value) { return std::isinf(value); });
    std::ranges::sort(values, std::greater());
    if (parameters.topK != 0 && parameters.topK < values.size()) {
        values.resize(parameters.topK);
    }
    double total = 0;
    const double largest = values.front();
    for (double& value : values) {
        value = std::exp((value - largest) / double{parameters.temperature});
        total += value;
    }
    double least = 1;
    double reached = 0;
    std::size_t kept = parameters.topP < 1 ? 0 : values.size();
    while (kept < values.size() && (kept == 0 || reached < parameters.topP * total)) {
        least = std::min(least, std::abs(reached - parameters.topP * total) / total);
        reached += values[kept++];
        least = std::min(least, std::abs(reached - parameters.topP * total) / total);
    }
    values.resize(kept);
    while (values.back() < parameters.minP) {
        least = std::min(least, parameters.minP - values.back());
        values.pop_back();
    }
    least = parameters.minP > 0 ? std::min(least, values.back() - parameters.minP) : least;
    total = 0;
    for (const double value : values) {
        total += value;
    }
    const double target = uniformDraw(parameters.seed, step);
    reached = 0;
    for (const double value : values) {
        reached += value / total;
        least = std::min(least, std::abs(reached - target));
    }
    return least;
}

}  // namespace alcove::tests
