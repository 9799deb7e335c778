// Choosing the next tokens on the device, as Sampler does on the host.
#pragma once

#include <cstdint>

#include "engine/sampling/sampler.h"
#include "engine/vulkan/execution/recorder.h"
#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/descriptors.h"
#include "engine/vulkan/resources/pipeline.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

struct SamplingKernels {
    Pipeline scan;
    Pipeline filter;
    Pipeline select;

    SamplingKernels(const Device& device, const PipelineCache& cache);
};

// Puts what stays the same during a run into `state`: `parameters`, which Sampler would accept, and `vocab`.
void setSampling(DecodeState& state, const SamplingParameters& parameters, std::uint32_t vocab);

// Draws a token for each row of logits [tokens, vocab] whose rows are rowPitch(vocab) floats. The parameters, the
// number of the first draw and the tokens so far are in `state` (a DecodeState) and `history`, as interface.h
// describes. Row i draws with step + i, after the history and tokens[0 .. i]. The token drawn with step s is written to
// word s % size of `ring`; ALCOVE_NO_TOKEN where Sampler throws.
//
// The tokens are those of Sampler, which computes in double precision where this has weights of 2^-40 made from
// floats: draws within about 1e-6 of a boundary between two tokens may fall to either side. Greedy choices and the
// order of the logits are exact. Equal inputs give equal tokens, on every device.
class Sampling {
public:
    struct Buffers {
        const Buffer* logits;
        const Buffer* history;  // words
        const Buffer* state;
        const Buffer* ring;  // words
    };
    // At most `maxTokens` rows. Buffers and kernels must outlive the operation. Throws as Buffer does.
    Sampling(const Device& device, const SamplingKernels& kernels, DescriptorAllocator& descriptors,
             const Buffers& buffers, std::uint32_t vocab, std::uint32_t maxTokens);

    // For rows 0 .. tokens - 1, of which those from state.stepTokens on do nothing. One token: the state then stands at
    // the next token, with tokens[0] the one drawn (0 for ALCOVE_NO_TOKEN). Several: the state stays.
    void record(Recorder& recorder, std::uint32_t tokens) const;

private:
    const SamplingKernels* m_kernels;
    Buffers m_buffers;
    std::uint32_t m_vocab;
    std::uint32_t m_maxTokens;
    std::uint32_t m_slices;
    std::uint32_t m_rowWords;
    Buffer m_memory;  // [maxTokens, rowWords], between the kernels
    VkDescriptorSet m_scanSet;
    VkDescriptorSet m_filterSet;
    VkDescriptorSet m_selectSet;
};

}  // namespace alcove::engine::vulkan
