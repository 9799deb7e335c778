// The forward pass on a Vulkan device.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "engine/base/cancellation.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/model/device_info.h"
#include "engine/model/forward_pass.h"
#include "engine/model/kv_type.h"
#include "engine/vulkan/driver/device.h"

namespace alcove::engine {

struct VulkanForwardPassOptions {
    std::uint32_t contextSize = 0;           // positions in the KV cache, > 0
    std::function<void(double)> progress{};  // 0..1 of the weights uploaded
    Cancellation cancel{};
    KvType kvType = KvType::F16;
    double submissionSeconds = 0;  // most time of one submission; 0: as suits the device
    bool mayStepDown = true;       // where there is too little memory, keep keys and values in 8 bits or fewer of them
    // Folder of the compiled pipelines; none: ~/.cache/alcove; empty: nothing is stored.
    std::optional<std::filesystem::path> pipelineCacheFolder{};
    // For tests: a barrier before every dispatch, and a chunk size below the device's (0: the device's).
    bool alwaysBarrier = false;
    std::uint32_t maxChunkSize = 0;
    vulkan::DeviceOptions device{};  // how the device is opened
};

// Finds the best kernels for the device, if it has not run a model of this shape before (which takes about a
// second; tuning_search.h), opens `device`, uploads `weights` straight from the mapped files (each distinct tensor
// once) and makes the KV cache. The views in `weights` are not needed afterwards. Throws Error{OutOfMemory, NoVulkan,
// Unsupported, NotFinite, Cancelled}.
[[nodiscard]] std::unique_ptr<ForwardPass> makeVulkanForwardPass(const DeviceInfo& device, const ModelConfig& config,
                                                                 const ModelWeights& weights,
                                                                 const VulkanForwardPassOptions& options);

}  // namespace alcove::engine
