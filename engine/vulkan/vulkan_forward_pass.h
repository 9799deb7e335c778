// The forward pass on a Vulkan device.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>

#include "engine/checkpoint/checkpoint.h"
#include "engine/device.h"
#include "engine/model/forward_pass.h"

namespace alcove::engine {

struct VulkanForwardPassOptions {
    std::uint32_t contextSize = 0;         // positions in the KV cache, > 0
    std::function<void(double)> progress;  // 0..1 of the weights uploaded
    const std::atomic<bool>* cancel = nullptr;
};

// Opens `device`, uploads `weights` straight from the mapped files (each distinct tensor once) and makes
// the KV cache. The views in `weights` are not needed afterwards. Throws Error{OutOfMemory, NoVulkan,
// Unsupported, NotFinite, Cancelled}.
[[nodiscard]] std::unique_ptr<ForwardPass> makeVulkanForwardPass(const DeviceInfo& device, const ModelConfig& config,
                                                                 const ModelWeights& weights,
                                                                 const VulkanForwardPassOptions& options);

}  // namespace alcove::engine
