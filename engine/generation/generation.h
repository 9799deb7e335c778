// What is asked of a model and what it answers: plain values.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/model_config.h"
#include "engine/sampling/sampler.h"
#include "engine/text/message.h"

namespace alcove::engine {

struct Request {
    // Either a conversation, rendered through the chat template and ending in a user's message …
    std::vector<Message> messages;
    // … or, if set, a raw prompt evaluated right after <s> (may be empty).
    std::optional<std::string> rawPrompt;
    SamplingParameters sampling;
    // A reply that was begun and is gone on with: the draws go on where they were. Its tokens; or, where those are not
    // known, its text, which is read as a part of the prompt.
    std::vector<TokenId> begunTokens;
    std::string begunText;         // only where there are no begunTokens
    std::size_t firstMessage = 0;  // with either: GenerationResult::firstMessageInContext when it was begun
    // 0: to the end of the context. A reply that is gone on with ends where it would have ended; one that has reached
    // this limit gets as many tokens again.
    std::uint32_t maxTokens = 0;
    std::vector<std::string> stopStrings;  // beside those of the template
    bool speculation = true;               // guesses tokens ahead to write faster; the reply is the same without
};

enum class StopReason { EndOfText, StopString, MaxTokens, ContextFull, Cancelled };

struct GenerationResult {
    StopReason reason = StopReason::EndOfText;
    std::vector<TokenId> prompt;  // as it was evaluated, with <s>
    std::vector<TokenId> tokens;  // of the reply, those it was begun with too; without the end token
    std::size_t begunTokens = 0;  // of those, that it was begun with
    std::uint32_t promptTokens = 0;
    std::uint32_t reusedTokens = 0;         // of those, already in the KV cache
    std::uint32_t contextUsed = 0;          // positions in use afterwards
    std::size_t firstMessageInContext = 0;  // messages before this index did not fit and were left out whole
    double prefillSeconds = 0;              // up to the first token
    double decodeSeconds = 0;               // after the first token
    std::uint32_t draftedTokens = 0;        // guessed ahead
    std::uint32_t acceptedTokens = 0;       // of those, right
};

// Called with the logits from which token number `index` of continuation number `which` is drawn: vocabSize elements,
// valid during the call.
using DistributionVisitor = std::function<void(std::size_t which, std::size_t index, std::span<const float> logits)>;

// Live figures handed over with the text.
struct GenerationProgress {
    std::uint32_t promptTokensDone = 0;  // prefill: of promptTokens
    std::uint32_t promptTokens = 0;
    std::uint32_t generatedTokens = 0;  // without those that the reply was begun with
    std::uint32_t contextUsed = 0;
    std::size_t firstMessageInContext = 0;  // as in GenerationResult
    std::optional<TokenId> token;           // that `text` comes with; none: it was held back until the end
    std::string_view text;                  // new whole UTF-8 characters, may be empty; valid during the call
    double tokensPerSecond = 0;             // decode speed so far
};

}  // namespace alcove::engine
