// What a physical device is and offers, read once.
#pragma once

#include <cstdint>
#include <optional>

#include <volk.h>

#include "engine/device.h"

namespace alcove::engine::vulkan {

struct PhysicalDevice {
    VkPhysicalDevice handle = VK_NULL_HANDLE;
    VkPhysicalDeviceProperties properties{};
    VkPhysicalDeviceMemoryProperties memory{};
    DeviceInfo info;
    std::optional<std::uint32_t> queueFamily;  // of the compute queue to use; none if not usable
    bool memoryBudget = false;                 // VK_EXT_memory_budget is offered
    std::uint32_t shuffleWidth = 0;            // subgroup size in compute shaders, 0 without subgroup shuffles

    // Shaders of the Lean variant run: subgroups of at least eight, shuffles, and large texel buffers.
    [[nodiscard]] bool leanVariant() const;
};

// `index` becomes info.index. Never throws for a poor device: info.usable is false and info.problem says why.
[[nodiscard]] PhysicalDevice describe(VkPhysicalDevice handle, std::uint32_t index);

}  // namespace alcove::engine::vulkan
