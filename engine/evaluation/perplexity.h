// How well a model predicts a text.
#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

#include "engine/evaluation/measured_model.h"

namespace alcove::engine {

struct PerplexityResult {
    std::uint64_t tokens = 0;          // measured: all of the text, without <s>
    std::uint64_t bytes = 0;           // of the text as it is given
    std::uint64_t words = 0;           // runs of anything but ASCII white space
    std::uint64_t windows = 0;         // in which the text was read
    std::uint32_t windowSize = 0;      // tokens
    std::uint32_t stride = 0;          // tokens from one window to the next
    double negativeLogLikelihood = 0;  // nats, of the whole text

    [[nodiscard]] double perplexity() const;      // exp(nats per token)
    [[nodiscard]] double bitsPerByte() const;     // does not depend on the vocabulary
    [[nodiscard]] double wordPerplexity() const;  // exp(nats per word); infinite without words
};

// Measures every token of <s> `text` but <s> itself, each once. A window is as many tokens as the context has
// positions. The first one begins with <s>, each further one `stride` tokens later, and measures what is new in it:
// every token is predicted from at least the windowSize − stride tokens before it, as far as the text has them.
// `stride` is 1 … contextSize − 1; 0: half of the context. Invalid UTF-8 is read as the tokenizer reads it.
// Calls `onProgress` with the tokens measured, and all tokens, after each window. Throws Error{InvalidRequest} for an
// empty text or a stride outside the range, and as the model does.
[[nodiscard]] PerplexityResult measurePerplexity(const MeasuredModel& model, std::string_view text,
                                                 std::uint32_t stride,
                                                 const std::function<void(std::uint64_t, std::uint64_t)>& onProgress);

}  // namespace alcove::engine
