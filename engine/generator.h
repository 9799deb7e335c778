// The front door of the engine: open a checkpoint on a device, run a request, stream text, stop.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/devices/device_request.h"
#include "engine/generation/generation.h"
#include "engine/model/forward_pass.h"
#include "engine/model/kv_type.h"
#include "engine/text/tokenizer.h"

namespace alcove::engine {

struct VulkanForwardPassOptions;

struct OpenOptions {
    std::filesystem::path checkpoint;
    std::string device = "auto";  // as chooseDevice() takes it; "auto" is weighed by weighDevices(), which may measure
    std::uint32_t contextSize = 0;         // positions; 0 or more than the model allows: the model's limit
    std::string chatTemplate;              // name of a template in resources/templates; empty: chosen by the checkpoint
    std::function<void(double)> progress;  // 0..1 while opening, on the calling thread
    const std::atomic<bool>* cancel = nullptr;  // looked at between uploads; leads to Error{Cancelled}
    // What a person should know and that is no error: what was given up so that the model fits, or that the device was
    // lost and opened again. Called on the thread of the Generator, while opening or generating.
    std::function<void(const Sentence&)> notice;
    KvType kvType = KvType::F16;
    int maxTier = -1;              // 0..4: features of the device above this tier are left alone; -1: all are used
    double submissionSeconds = 0;  // most time of one submission; 0: as suits the device
    // Where there is too little memory: keep keys and values in 8 bits, or fewer of them, or compute on the processor,
    // and say so. False: Error{OutOfMemory}.
    bool mayStepDown = true;
    // May change how a Vulkan device is opened, each time it is: how tests make one fail.
    std::function<void(VulkanForwardPassOptions&)> adjustVulkan{};
};

// Not thread-safe: made, used and destroyed on one thread. Only `stop` may be set from another.
class Generator {
public:
    // Throws Error; nothing stays allocated then.
    [[nodiscard]] static std::unique_ptr<Generator> open(const OpenOptions& options);
    virtual ~Generator() = default;

    // Calls `onProgress` after each prefill chunk and each token. Looks at `stop` between submissions.
    // A lost device is opened again, once, and the same reply goes on; one lost twice leaves it to the processor.
    // Throws Error; after DeviceLost or NotFinite the generator must be opened again.
    virtual GenerationResult generate(const Request& request,
                                      const std::function<void(const GenerationProgress&)>& onProgress,
                                      const std::atomic<bool>& stop) = 0;

    // Logits of the last of `tokens`, evaluated from position 0. vocabSize elements.
    [[nodiscard]] virtual std::vector<float> logits(std::span<const TokenId> tokens) = 0;

    // For each of `continuations`, the natural logarithms of the probabilities of its tokens where it follows right
    // after `context` (not empty, from position 0). The context is read once, and not at all as far as the cache
    // still begins with it. The last token of a continuation needs no position. Looks at `stop` between
    // submissions. Throws Error{InvalidRequest, PromptTooLong, Cancelled} and as generate().
    [[nodiscard]] virtual std::vector<std::vector<double>> logLikelihoods(
        std::span<const TokenId> context, std::span<const std::vector<TokenId>> continuations,
        const std::atomic<bool>& stop) = 0;

    [[nodiscard]] virtual const Checkpoint& checkpoint() const = 0;
    [[nodiscard]] virtual const Tokenizer& tokenizer() const = 0;
    [[nodiscard]] virtual const DeviceInfo& device() const = 0;  // that computes now: the processor after two losses
    [[nodiscard]] virtual ForwardPass& forwardPass() = 0;
    [[nodiscard]] virtual const std::string& chatTemplate() const = 0;  // its name
};

}  // namespace alcove::engine
