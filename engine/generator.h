// The public interface of the engine: open a checkpoint on a device, run a request, stream text, stop.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/devices/device_request.h"
#include "engine/generation/context_fit.h"
#include "engine/generation/generation.h"
#include "engine/model/forward_pass.h"
#include "engine/model/kv_type.h"
#include "engine/text/tokenizer.h"

namespace alcove::engine {

struct VulkanForwardPassOptions;

// Opens a model on a Vulkan device, as makeVulkanForwardPass() does.
using VulkanFactory = std::function<std::unique_ptr<ForwardPass>(const DeviceInfo&, const ModelConfig&,
                                                                 const ModelWeights&, const VulkanForwardPassOptions&)>;

struct OpenOptions {
    std::filesystem::path checkpoint;
    std::string device = "auto";  // as chooseDevice() takes it; "auto" is decided by selectDevice(), which may measure
    std::uint32_t contextSize = 0;         // positions; 0 or more than the model allows: the model's limit
    std::string chatTemplate;              // name of a template in resources/templates; empty: chosen by the checkpoint
    std::function<void(double)> progress;  // 0..1 while opening, on the calling thread
    Cancellation cancel{};                 // asked while opening; leads to Error{Cancelled}
    // What a person should know and that is no error: what was given up so that the model fits, or that the device was
    // lost and opened again. Called on the thread of the Generator, while opening or generating.
    std::function<void(const Sentence&)> notice;
    KvType kvType = KvType::F16;
    int maxTier = -1;              // 0..4: features of the device above this tier are left alone; -1: all are used
    double submissionSeconds = 0;  // most time of one submission; 0: as suits the device
    // Where there is too little memory: keep keys and values in 8 bits, or fewer of them, or compute on the processor,
    // and say so. False: Error{OutOfMemory}.
    bool mayStepDown = true;
    VulkanFactory vulkanFactory{};  // empty: makeVulkanForwardPass(); called again after a loss of the device
};

// Not thread-safe: made, used and destroyed on one thread. Only `stop` may be set from another.
class Generator final {
public:
    // Throws Error; nothing stays allocated then.
    [[nodiscard]] static std::unique_ptr<Generator> open(const OpenOptions& options);
    ~Generator();

    // Calls `onProgress` after each prefill chunk and each token. Looks at `stop` between submissions.
    // A lost device is opened again, once, and the same reply goes on; one lost twice leaves it to the processor.
    // Throws Error; after DeviceLost or NotFinite the generator must be opened again.
    GenerationResult generate(const Request& request, const std::function<void(const GenerationProgress&)>& onProgress,
                              const Cancellation& stop);

    // How much of the context the reply to the last of `messages` needs at least; see fitConversation().
    [[nodiscard]] PromptSize shortestPrompt(std::span<const Message> messages, std::uint32_t maxTokens) const;

    // Logits of the last of `tokens`, evaluated from position 0. vocabSize elements.
    [[nodiscard]] std::vector<float> logits(std::span<const TokenId> tokens);

    // For each of `continuations`, the natural logarithms of the probabilities of its tokens where it follows right
    // after `context` (not empty, from position 0). The context is read once, and not at all as far as the cache
    // still begins with it. The last token of a continuation needs no position. Looks at `stop` between
    // submissions. Throws Error{InvalidRequest, PromptTooLong, Cancelled} and as generate().
    [[nodiscard]] std::vector<std::vector<double>> logLikelihoods(std::span<const TokenId> context,
                                                                  std::span<const std::vector<TokenId>> continuations,
                                                                  const Cancellation& stop);

    // The same, and the whole distributions: calls `visit` for each token of each continuation, in order.
    void distributions(std::span<const TokenId> context, std::span<const std::vector<TokenId>> continuations,
                       const DistributionVisitor& visit, const Cancellation& stop);

    [[nodiscard]] const Checkpoint& checkpoint() const;
    [[nodiscard]] const Tokenizer& tokenizer() const;
    [[nodiscard]] const DeviceInfo& device() const;  // that computes now: the processor after two losses
    [[nodiscard]] ForwardPass& forwardPass();
    [[nodiscard]] const std::string& chatTemplate() const;  // its name

private:
    struct Impl;
    explicit Generator(std::unique_ptr<Impl> impl);

    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove::engine
