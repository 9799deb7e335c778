// The front door of the engine: open a checkpoint on a device, run a request, stream text, stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/device.h"
#include "engine/error.h"
#include "engine/model/forward_pass.h"
#include "engine/text/tokenizer.h"

namespace alcove::engine {

struct OpenOptions {
    std::filesystem::path checkpoint;
    std::string device = "auto";
    std::uint32_t contextSize = 0;         // positions; 0 or more than the model allows: the model's limit
    std::string chatTemplate;              // name of a template in resources/templates; empty: chosen by the checkpoint
    std::function<void(double)> progress;  // 0..1 while opening, on the calling thread
    const std::atomic<bool>* cancel = nullptr;  // looked at between uploads; leads to Error{Cancelled}
};

enum class Role { System, User, Assistant };

struct Message {
    Role role = Role::User;
    std::string text;  // UTF-8; invalid bytes become U+FFFD
};

// Applied in this order: repetition penalty, temperature, top-k, top-p, min-p, draw.
struct SamplingParameters {
    float temperature = 0.7F;              // 0: greedy, ties to the lowest id
    std::uint32_t topK = 40;               // 0: off
    float topP = 0.95F;                    // 1: off
    float minP = 0.05F;                    // 0: off
    float repetitionPenalty = 1.1F;        // 1: off
    std::uint32_t repetitionWindow = 256;  // tokens looked back on
    std::uint64_t seed = 0;                // equal seeds give equal replies
};

struct Request {
    // Either a conversation, rendered through the chat template and ending in a user's message …
    std::vector<Message> messages;
    // … or, if set, a raw prompt evaluated right after <s> (may be empty).
    std::optional<std::string> rawPrompt;
    SamplingParameters sampling;
    std::uint32_t maxTokens = 0;           // 0: to the end of the context
    std::vector<std::string> stopStrings;  // beside those of the template
};

enum class StopReason { EndOfText, StopString, MaxTokens, ContextFull, Cancelled };

struct GenerationResult {
    StopReason reason = StopReason::EndOfText;
    std::vector<TokenId> tokens;  // generated, without the end token
    std::uint32_t promptTokens = 0;
    std::uint32_t reusedTokens = 0;         // of those, already in the KV cache
    std::uint32_t contextUsed = 0;          // positions in use afterwards
    std::size_t firstMessageInContext = 0;  // messages before this index did not fit and were left out whole
    double prefillSeconds = 0;
    double decodeSeconds = 0;  // after the first token
};

// Live figures handed over with the text.
struct GenerationProgress {
    std::uint32_t promptTokensDone = 0;  // prefill: of promptTokens
    std::uint32_t promptTokens = 0;
    std::uint32_t generatedTokens = 0;
    std::uint32_t contextUsed = 0;
    std::string_view text;       // new whole UTF-8 characters, may be empty; valid during the call
    double tokensPerSecond = 0;  // decode speed so far
};

// Not thread-safe: made, used and destroyed on one thread. Only `stop` may be set from another.
class Generator {
public:
    // Throws Error; nothing stays allocated then.
    [[nodiscard]] static std::unique_ptr<Generator> open(const OpenOptions& options);
    virtual ~Generator() = default;

    // Calls `onProgress` after each prefill chunk and each token. Looks at `stop` between submissions.
    // Throws Error; after DeviceLost or NotFinite the generator must be opened again.
    virtual GenerationResult generate(const Request& request,
                                      const std::function<void(const GenerationProgress&)>& onProgress,
                                      const std::atomic<bool>& stop) = 0;

    // Logits of the last of `tokens`, evaluated from position 0. vocabSize elements.
    [[nodiscard]] virtual std::vector<float> logits(std::span<const TokenId> tokens) = 0;

    [[nodiscard]] virtual const Checkpoint& checkpoint() const = 0;
    [[nodiscard]] virtual const Tokenizer& tokenizer() const = 0;
    [[nodiscard]] virtual const DeviceInfo& device() const = 0;
    [[nodiscard]] virtual ForwardPass& forwardPass() = 0;
    [[nodiscard]] virtual const std::string& chatTemplate() const = 0;  // its name
};

}  // namespace alcove::engine
