#include "engine/generation/prompt_lookup.h"

#include <algorithm>
#include <cassert>

namespace alcove::engine {

namespace {

// Tokens that must, and tokens that may, agree at the end.
constexpr std::size_t kShortest = 2;
constexpr std::size_t kLongestMatch = 4;

// A step that verifies a draft takes longer than one of a single token; below this many tokens a step it is not
// worth it.
constexpr double kLeastTokensPerStep = 1.3;
constexpr double kNewest = 0.25;  // weight of the newest step in the average
constexpr std::size_t kFirstPause = 16;
constexpr std::size_t kLongestPause = 256;

// Where the longest, and of equals the latest, earlier occurrence of the end of `sequence` ends; 0: nowhere.
std::size_t endOfMatch(std::span<const TokenId> sequence) {
    std::size_t best = 0;
    std::size_t bestLength = kShortest - 1;
    for (std::size_t end = sequence.size() - 1; end > bestLength && bestLength < kLongestMatch; --end) {
        std::size_t length = 0;
        while (length < kLongestMatch && length < end &&
               sequence[end - 1 - length] == sequence[sequence.size() - 1 - length]) {
            ++length;
        }
        if (length > bestLength) {
            best = end;
            bestLength = length;
        }
    }
    return best;
}

}  // namespace

std::span<const TokenId> PromptLookup::propose(std::span<const TokenId> sequence, std::size_t most) {
    m_proposed = 0;
    if (m_pause > 0) {
        --m_pause;
        return {};
    }
    if (sequence.size() <= kShortest || most == 0) {
        return {};
    }
    const std::size_t end = endOfMatch(sequence);
    if (end == 0) {
        return {};
    }
    m_proposed = std::min({most, sequence.size() - end, std::size_t{kMaxDraft}});
    return sequence.subspan(end, m_proposed);
}

void PromptLookup::stepGave(std::size_t tokens, double cost) {
    assert(tokens > 0);
    if (m_proposed == 0) {
        return;
    }
    const auto newest = static_cast<double>(tokens);
    m_tokensPerStep =
        m_measured ? (1 - kNewest) * m_tokensPerStep + kNewest * newest : (newest + std::max(cost, 2.0)) / 2;
    m_measured = true;
    if (m_tokensPerStep < std::max(cost, kLeastTokensPerStep)) {
        m_nextPause = std::clamp(2 * m_nextPause, kFirstPause, kLongestPause);
        m_pause = m_nextPause;
        m_measured = false;
    } else if (tokens > 2) {
        m_nextPause = 0;
    }
}

}  // namespace alcove::engine
