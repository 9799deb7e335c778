// How much work one submission to the device holds: little enough that drawing the screen is not held up, that Stop
// acts soon, and that no driver takes a long submission for a hang.
#pragma once

#include <array>
#include <cstdint>

namespace alcove::engine::vulkan {

struct GovernorLimits {
    double submissionSeconds = 0.008;  // of one submission
    double chunkSeconds = 0.25;        // of one chunk of a prompt: Stop acts between chunks
    std::uint32_t layers = 0;          // of the model
    std::uint32_t largestChunk = 0;    // tokens
    std::uint32_t tokensTogether = 1;  // tokens that are computed together: chunks are multiples of this
    double firstGuess = 0.001;         // seconds of one layer for one token, until something was measured
};

// Estimates from the times that were measured. The times of a layer for one token, for each of a few (a draft) and for
// each of many (a prompt) are kept apart: one token is bound by memory, many by arithmetic, and many may have kernels
// of their own.
class Governor {
public:
    explicit Governor(const GovernorLimits& limits);

    // Tokens of the next chunk, from 1 to largestChunk.
    [[nodiscard]] std::uint32_t chunkTokens() const;
    // Layers of one submission for `tokens` tokens, at least 1.
    [[nodiscard]] std::uint32_t layersPerSubmission(std::uint32_t tokens) const;
    // What kMaxDraft + 1 tokens cost in one pass, in passes of one token.
    [[nodiscard]] double draftCost() const;
    // A pass through all layers for `tokens` tokens took `seconds`.
    void measured(std::uint32_t tokens, double seconds);

private:
    [[nodiscard]] double layerSeconds(std::uint32_t tokens) const;

    GovernorLimits m_limits;
    // Of one layer: for one token, for each of a few, of many. What was not measured yet is guessed.
    std::array<double, 3> m_tokenSeconds;
    std::array<bool, 3> m_known{};
};

}  // namespace alcove::engine::vulkan
