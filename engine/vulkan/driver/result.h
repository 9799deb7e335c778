// Turns a VkResult into the engine's Error.
#pragma once

#include <string>
#include <string_view>

#include <volk.h>

namespace alcove::engine::vulkan {

// "VK_ERROR_DEVICE_LOST" and so on; the number where the name is not known here.
[[nodiscard]] std::string resultName(VkResult result);

// Throws if `result` is an error: OutOfMemory, DeviceLost, or NoVulkan for everything that means the driver
// does not do what Vulkan promises. `action` completes "The graphics driver could not …".
void check(VkResult result, std::string_view action);

}  // namespace alcove::engine::vulkan
