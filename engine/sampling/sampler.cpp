#include "engine/sampling/sampler.h"

#include <algorithm>
#include <cassert>
#include <cmath>

#include "engine/base/error.h"
#include "engine/sampling/philox.h"

namespace alcove::engine {

namespace {

void require(bool holds, TranslatableText sentence) {
    if (!holds) {
        throw Error(ErrorCode::InvalidRequest, sentence);
    }
}

}  // namespace

void requireInRange(const SamplingParameters& parameters) {
    // Written so that NaN fails each of them.
    require(parameters.temperature >= 0 && parameters.temperature <= 100,
            ALCOVE_TEXT("engine", "The temperature must be from 0 to 100."));
    require(parameters.topP > 0 && parameters.topP <= 1, ALCOVE_TEXT("engine", "Top-p must be above 0 and at most 1."));
    require(parameters.minP >= 0 && parameters.minP <= 1, ALCOVE_TEXT("engine", "Min-p must be from 0 to 1."));
    require(parameters.repetitionPenalty >= 0.01F && parameters.repetitionPenalty <= 100,
            ALCOVE_TEXT("engine", "The repetition penalty must be from 0.01 to 100."));
}

Sampler::Sampler(const SamplingParameters& parameters, std::uint32_t vocabSize)
    : m_parameters(parameters), m_values(vocabSize), m_lastSeen(vocabSize, 0) {
    requireInRange(parameters);
    m_candidates.reserve(vocabSize);
}

TokenId Sampler::sample(std::span<const float> logits, std::span<const TokenId> history, std::uint64_t step) {
    assert(logits.size() == m_values.size());
    collect(logits);
    penalise(history);
    if (m_parameters.temperature == 0) {
        return static_cast<TokenId>(std::max_element(m_values.begin(), m_values.end()) - m_values.begin());
    }
    keepTopK();
    toProbabilities();
    keepTopP();
    keepMinP();
    return draw(step);
}

void Sampler::collect(std::span<const float> logits) {
    bool any = false;
    for (std::size_t i = 0; i < logits.size(); ++i) {
        const float logit = logits[i];
        if (std::isnan(logit) || (std::isinf(logit) && logit > 0)) {
            throw Error(ErrorCode::NotFinite,
                        ALCOVE_TEXT("engine",
                                    "The model computed a value that is not a number. Its weights may be damaged; open "
                                    "it again, or download it anew if this keeps happening."));
        }
        any = any || std::isfinite(logit);
        m_values[i] = logit;
    }
    if (!any) {
        throw Error(ErrorCode::NotFinite,
                    ALCOVE_TEXT("engine",
                                "The model gave no token any chance at all. Its weights may be damaged; open it again, "
                                "or download it anew if this keeps happening."));
    }
}

void Sampler::penalise(std::span<const TokenId> history) {
    const double penalty = m_parameters.repetitionPenalty;
    if (penalty == 1) {
        return;
    }
    ++m_call;
    const std::size_t count = std::min<std::size_t>(history.size(), m_parameters.repetitionWindow);
    for (const TokenId token : history.last(count)) {
        const auto index = static_cast<std::size_t>(token);
        assert(index < m_values.size());
        if (m_lastSeen[index] != m_call) {
            m_lastSeen[index] = m_call;
            m_values[index] = m_values[index] > 0 ? m_values[index] / penalty : m_values[index] * penalty;
        }
    }
}

void Sampler::keepTopK() {
    m_candidates.clear();
    for (std::size_t i = 0; i < m_values.size(); ++i) {
        if (std::isfinite(m_values[i])) {
            m_candidates.push_back({m_values[i], static_cast<TokenId>(i)});
        }
    }
    const auto likelier = [](const Candidate& a, const Candidate& b) {
        return a.weight != b.weight ? a.weight > b.weight : a.token < b.token;
    };
    const std::size_t wanted = m_parameters.topK == 0 ? m_candidates.size() : m_parameters.topK;
    const std::size_t kept = std::min(wanted, m_candidates.size());
    std::partial_sort(m_candidates.begin(), m_candidates.begin() + static_cast<std::ptrdiff_t>(kept),
                      m_candidates.end(), likelier);
    m_candidates.resize(kept);
}

void Sampler::toProbabilities() {
    const double largest = m_candidates.front().weight;
    for (Candidate& candidate : m_candidates) {
        candidate.weight = std::exp((candidate.weight - largest) / m_parameters.temperature);
    }
}

void Sampler::keepTopP() {
    if (m_parameters.topP >= 1) {
        return;
    }
    double total = 0;
    for (const Candidate& candidate : m_candidates) {
        total += candidate.weight;
    }
    double reached = 0;
    std::size_t kept = 0;
    while (kept < m_candidates.size() && (kept == 0 || reached < m_parameters.topP * total)) {
        reached += m_candidates[kept++].weight;
    }
    m_candidates.resize(kept);
}

void Sampler::keepMinP() {
    const double least = m_parameters.minP * m_candidates.front().weight;
    while (m_candidates.back().weight < least) {
        m_candidates.pop_back();
    }
}

TokenId Sampler::draw(std::uint64_t step) const {
    double total = 0;
    for (const Candidate& candidate : m_candidates) {
        total += candidate.weight;
    }
    const double target = uniformDraw(m_parameters.seed, step) * total;
    double reached = 0;
    for (const Candidate& candidate : m_candidates) {
        reached += candidate.weight;
        if (target < reached) {
            return candidate.token;
        }
    }
    return m_candidates.front().token;  // rounding put the target at the very end
}

}  // namespace alcove::engine
