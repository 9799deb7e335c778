#include "engine/model/host_sampling.h"

#include <algorithm>
#include <cassert>

#include "engine/base/error.h"

namespace alcove::engine {

void HostSampledForwardPass::beginDecoding(const DecodeRun& run) {
    assert(!run.history.empty() && run.history.size() - 1 + run.maxTokens <= contextSize());
    m_sampler.emplace(run.sampling, m_vocabSize);
    m_sequence.reserve(run.history.size() + run.maxTokens + kMaxDraft);
    m_sequence.assign(run.history.begin(), run.history.end());
    m_step = run.firstStep;
    m_left = run.maxTokens;
    m_drawn.reserve(kMaxDraft + 1);
    m_inputs.reserve(kMaxDraft + 1);
    m_logits.resize(std::size_t{kMaxDraft + 1} * m_vocabSize);
}

std::span<const TokenId> HostSampledForwardPass::nextTokens(std::span<const TokenId> draft) {
    assert(m_sampler && m_left > 0 && draft.size() <= kMaxDraft);
    const auto position = static_cast<std::uint32_t>(m_sequence.size() - 1);
    const std::size_t guesses = std::min<std::size_t>({draft.size(), m_left - 1, chunkSize() - 1});
    m_inputs.assign(1, m_sequence.back());
    m_inputs.insert(m_inputs.end(), draft.begin(), draft.begin() + static_cast<std::ptrdiff_t>(guesses));
    m_drawn.clear();
    try {
        const std::span<float> logits = std::span(m_logits).first(m_inputs.size() * m_vocabSize);
        evaluate(m_inputs, position, logits);
        for (std::size_t row = 0; row < m_inputs.size(); ++row) {
            const TokenId token = m_sampler->sample(logits.subspan(row * m_vocabSize, m_vocabSize), m_sequence, m_step);
            ++m_step;
            m_drawn.push_back(token);
            m_sequence.push_back(token);
            if (row < guesses && token != draft[row]) {
                break;
            }
        }
    } catch (const Error&) {
        m_sampler.reset();
        throw;
    }
    m_left -= static_cast<std::uint32_t>(m_drawn.size());
    return m_drawn;
}

}  // namespace alcove::engine
