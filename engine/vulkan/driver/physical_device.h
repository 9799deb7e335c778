// What a physical device is and offers, read once.
#pragma once

#include <cstdint>
#include <optional>

#include <volk.h>

#include "engine/model/device_info.h"
#include "engine/vulkan/driver/device_features.h"
#include "engine/vulkan/driver/quirks.h"

namespace alcove::engine::vulkan {

struct PhysicalDevice {
    VkPhysicalDevice handle = VK_NULL_HANDLE;
    VkPhysicalDeviceProperties properties{};
    VkPhysicalDeviceMemoryProperties memory{};
    DeviceInfo info;
    std::optional<std::uint32_t> queueFamily;  // of the compute queue to use; none if not usable
    // The version of Vulkan that can be used with it: the lesser of the device's and the instance's.
    std::uint32_t apiVersion = 0;
    DriverIdentity driver;
    DeviceFeatures features;  // after quirks; nothing if not usable
};

// `index` becomes info.index. Does not throw for a device that cannot be used: info.usable is then false, and
// info.problem gives the reason.
[[nodiscard]] PhysicalDevice describe(VkInstance instance, VkPhysicalDevice handle, std::uint32_t index);

}  // namespace alcove::engine::vulkan
