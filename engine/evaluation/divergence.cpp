#include "engine/evaluation/divergence.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <vector>

#include "engine/base/error.h"

namespace alcove::engine {

namespace {

// Sums over the tokens compared.
class TextComparison {
public:
    void add(std::span<const float> original, std::span<const float> other) {
        const double originalLog = logOfSum(original);
        const double otherLog = logOfSum(other);
        double divergence = 0;
        for (std::size_t i = 0; i < original.size(); ++i) {
            const double p = double{original[i]} - originalLog;
            divergence += std::exp(p) * (p - (double{other[i]} - otherLog));
            const double difference = double{other[i]} - double{original[i]};
            m_error += difference * difference;
            m_size += double{original[i]} * double{original[i]};
        }
        divergence = std::max(divergence, 0.0);  // what rounding makes of zero
        m_divergence += divergence;
        m_worst = std::max(m_worst, divergence);
        m_same += top(original) == top(other) ? 1 : 0;
        ++m_count;
    }

    [[nodiscard]] DivergenceResult result() const {
        const auto count = static_cast<double>(m_count);
        return {.tokens = m_count,
                .kullbackLeibler = m_divergence / count,
                .worst = m_worst,
                .sameTop = static_cast<double>(m_same) / count,
                .normalisedError = m_size > 0 ? m_error / m_size : 0};
    }

private:
    static double logOfSum(std::span<const float> logits) {
        const double highest = *std::max_element(logits.begin(), logits.end());
        double sum = 0;
        for (const float logit : logits) {
            sum += std::exp(double{logit} - highest);
        }
        return highest + std::log(sum);
    }

    static std::ptrdiff_t top(std::span<const float> logits) {
        return std::max_element(logits.begin(), logits.end()) - logits.begin();
    }

    std::uint64_t m_count = 0;
    std::uint64_t m_same = 0;
    double m_divergence = 0;
    double m_worst = 0;
    double m_error = 0;
    double m_size = 0;
};

}  // namespace

DivergenceResult measureDivergence(ForwardPass& original, ForwardPass& other, std::span<const TokenId> tokens,
                                   TokenId bosToken, std::uint32_t vocabSize, std::uint32_t window,
                                   const std::function<void(std::uint64_t)>& onProgress, const Cancellation& stop) {
    assert(!tokens.empty() && window > 0 && window <= std::min(original.contextSize(), other.contextSize()));
    const Watching watchingOriginal(original, stop);
    const Watching watchingOther(other, stop);
    TextComparison comparison;
    std::vector<float> originalLogits;
    std::vector<float> otherLogits;
    std::vector<TokenId> read;
    for (std::size_t begin = 0; begin < tokens.size(); begin += window) {
        const std::size_t count = std::min<std::size_t>(window, tokens.size() - begin);
        read.assign(tokens.begin() + static_cast<std::ptrdiff_t>(begin),
                    tokens.begin() + static_cast<std::ptrdiff_t>(begin + count));
        read.front() = bosToken;
        for (std::size_t done = 0; done < count;) {
            stop.check(ALCOVE_TEXT("engine", "The measurement was stopped."));
            const std::size_t chunk = std::min<std::size_t>({count - done, original.chunkSize(), other.chunkSize()});
            const std::span<const TokenId> part = std::span(read).subspan(done, chunk);
            originalLogits.resize(chunk * vocabSize);
            otherLogits.resize(chunk * vocabSize);
            original.evaluate(part, static_cast<std::uint32_t>(done), originalLogits);
            other.evaluate(part, static_cast<std::uint32_t>(done), otherLogits);
            for (std::size_t i = 0; i < chunk; ++i) {
                comparison.add(std::span(originalLogits).subspan(i * vocabSize, vocabSize),
                               std::span(otherLogits).subspan(i * vocabSize, vocabSize));
            }
            done += chunk;
        }
        if (onProgress) {
            onProgress(begin + count);
        }
    }
    return comparison.result();
}

}  // namespace alcove::engine
