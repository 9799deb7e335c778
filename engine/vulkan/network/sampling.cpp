#include "engine/vulkan/network/sampling.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/vulkan/network/matrix.h"
#include "shader_code.h"

namespace alcove::engine::vulkan {

namespace {

PipelineInfo samplingInfo(const char* name, std::span<const std::uint32_t> code) {
    return {.name = name, .code = code, .buffers = 4, .pushBytes = sizeof(SamplePush), .constants = {}};
}

std::uint32_t words(const Buffer& buffer) {
    return static_cast<std::uint32_t>(buffer.size() / sizeof(std::uint32_t));
}

}  // namespace

SamplingKernels::SamplingKernels(const Device& device, const PipelineCache& cache)
    : scan(device, cache, samplingInfo("sample scan", shaders::kSampleScan)),
      filter(device, cache, samplingInfo("sample filter", shaders::kSampleFilter)),
      select(device, cache, samplingInfo("sample select", shaders::kSampleSelect)) {
}

void setSampling(DecodeState& state, const SamplingParameters& parameters, std::uint32_t vocab) {
    state.seedLow = static_cast<std::uint32_t>(parameters.seed);
    state.seedHigh = static_cast<std::uint32_t>(parameters.seed >> 32U);
    // A device may flush the smallest floats to zero, which would switch the parameter off.
    constexpr float kLeast = std::numeric_limits<float>::min();
    state.temperature = parameters.temperature == 0 ? 0 : std::max(parameters.temperature, kLeast);
    state.topK = parameters.topK;
    state.topP = parameters.topP;
    state.minP = parameters.minP;
    state.penalty = parameters.repetitionPenalty;
    state.window = parameters.repetitionWindow;
    state.vocab = vocab;
    const double perNat = state.temperature == 0 ? 0 : std::numbers::log2e / double{state.temperature};
    state.perNat = static_cast<float>(std::min(perNat, double{std::numeric_limits<float>::max()}));
}

Sampling::Sampling(const Device& device, const SamplingKernels& kernels, DescriptorAllocator& descriptors,
                   const Buffers& buffers, std::uint32_t vocab, std::uint32_t maxTokens)
    : m_kernels(&kernels),
      m_buffers(buffers),
      m_vocab(vocab),
      m_maxTokens(maxTokens),
      m_slices((vocab + ALCOVE_SAMPLE_SLICE - 1) / ALCOVE_SAMPLE_SLICE),
      m_rowWords(ALCOVE_SAMPLE_HEAD_WORDS + m_slices * ALCOVE_SAMPLE_PART_WORDS + vocab),
      m_memory(device, std::uint64_t{maxTokens} * m_rowWords * sizeof(std::uint32_t), MemoryUse::DeviceOnly,
               "candidates for the next token"),
      m_scanSet(descriptors.allocate(kernels.scan, {buffers.logits, buffers.history, &m_memory, buffers.state})),
      m_filterSet(descriptors.allocate(kernels.filter, {buffers.logits, buffers.history, &m_memory, buffers.state})),
      m_selectSet(descriptors.allocate(kernels.select, {buffers.logits, &m_memory, buffers.state, buffers.ring})) {
    // Tokens are three digits of the order.
    assert(vocab > 0 && vocab <= 1U << 24U && maxTokens > 0 && maxTokens <= ALCOVE_MAX_STEP_TOKENS);
}

void Sampling::record(Recorder& recorder, std::uint32_t tokens) const {
    assert(tokens > 0 && tokens <= m_maxTokens);
    const SamplePush push{.pitch = floatPitch(m_vocab),
                          .slices = m_slices,
                          .rowWords = m_rowWords,
                          .historyWords = words(*m_buffers.history),
                          .ringWords = words(*m_buffers.ring),
                          .advance = tokens == 1 ? 1U : 0U};
    recorder.access({m_buffers.logits, m_buffers.state}, {m_buffers.history, &m_memory});
    recorder.dispatch(m_kernels->scan, m_scanSet, push, m_slices, tokens);
    recorder.access({m_buffers.logits, m_buffers.state, m_buffers.history}, {&m_memory});
    recorder.dispatch(m_kernels->filter, m_filterSet, push, m_slices, tokens);
    recorder.access({m_buffers.logits, &m_memory}, {m_buffers.state, m_buffers.ring});
    recorder.dispatch(m_kernels->select, m_selectSet, push, tokens);
}

}  // namespace alcove::engine::vulkan
