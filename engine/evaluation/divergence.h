// How far one model diverges from another of the same vocabulary: a quantised copy from its original, or one device
// from another.
#pragma once

#include <cstdint>
#include <functional>
#include <span>

#include "engine/model/forward_pass.h"

namespace alcove::engine {

struct DivergenceResult {
    std::uint64_t tokens = 0;    // after which the two were compared
    double kullbackLeibler = 0;  // nats, of the other's distribution from the original's, the mean
    double worst = 0;            // the largest of these
    double sameTop = 0;          // share of the tokens after which both find the same token the likeliest
    double normalisedError = 0;  // Σ (other's logits − the original's)² / Σ the original's²
};

// Reads `tokens` in windows of `window` tokens (1 … the lesser of the two contexts; asserted), each into empty caches
// that begin with `bosToken` in place of the window's first position, and compares the logits after every token.
// Neither model may be decoding. Calls `onProgress` with the tokens done after each window. Throws Error{Cancelled}
// once `stop` is set, and as the models do.
[[nodiscard]] DivergenceResult measureDivergence(ForwardPass& original, ForwardPass& other,
                                                 std::span<const TokenId> tokens, TokenId bosToken,
                                                 std::uint32_t vocabSize, std::uint32_t window,
                                                 const std::function<void(std::uint64_t)>& onProgress,
                                                 const Cancellation& stop);

}  // namespace alcove::engine
