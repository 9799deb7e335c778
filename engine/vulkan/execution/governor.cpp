#include "engine/vulkan/execution/governor.h"

#include <algorithm>
#include <cassert>

#include "engine/model/forward_pass.h"

namespace alcove::engine::vulkan {

namespace {

constexpr double kNewest = 0.25;  // weight of the newest measurement
constexpr double kLeast = 1e-9;   // seconds of a layer

enum Kind : std::uint8_t { One, Few, Many };

Kind kindOf(std::uint32_t tokens) {
    return tokens == 1 ? One : tokens <= kMaxDraft + 1 ? Few : Many;
}

}  // namespace

Governor::Governor(const GovernorLimits& limits)
    : m_limits(limits), m_tokenSeconds{limits.firstGuess, limits.firstGuess / 4, limits.firstGuess / 4} {
    assert(limits.layers > 0 && limits.largestChunk > 0 && limits.tokensTogether > 0);
}

double Governor::layerSeconds(std::uint32_t tokens) const {
    return m_tokenSeconds[kindOf(tokens)] * tokens;
}

std::uint32_t Governor::chunkTokens() const {
    // A single layer has to fit into a submission, and the whole chunk into its time.
    const double layer = m_limits.submissionSeconds / m_tokenSeconds[Many];
    const double chunk = m_limits.chunkSeconds / (m_tokenSeconds[Many] * m_limits.layers);
    const double fitting = std::min({layer, chunk, static_cast<double>(m_limits.largestChunk)});
    const auto tokens = static_cast<std::uint32_t>(std::max(fitting, 1.0));
    const std::uint32_t whole = std::max(tokens / m_limits.tokensTogether, 1U) * m_limits.tokensTogether;
    return std::min(whole, m_limits.largestChunk);
}

std::uint32_t Governor::layersPerSubmission(std::uint32_t tokens) const {
    const double fitting = m_limits.submissionSeconds / layerSeconds(tokens);
    return static_cast<std::uint32_t>(std::clamp(fitting, 1.0, static_cast<double>(m_limits.layers)));
}

double Governor::draftCost() const {
    return layerSeconds(kMaxDraft + 1) / layerSeconds(1);
}

void Governor::measured(std::uint32_t tokens, double seconds) {
    const Kind kind = kindOf(tokens);
    const double each = seconds / (static_cast<double>(tokens) * m_limits.layers);
    double& known = m_tokenSeconds[kind];
    known = m_known[kind] ? known + kNewest * (each - known) : each;
    m_known[kind] = true;
    known = std::max(known, kLeast);
    if (const Kind other = kind == Few ? Many : Few; kind != One && !m_known[other]) {
        m_tokenSeconds[other] = known;
    }
}

}  // namespace alcove::engine::vulkan
