// Turns a VkResult into the engine's Error.
#pragma once

#include <string>

#include <volk.h>

#include "engine/base/sentence.h"

namespace alcove::engine::vulkan {

// "VK_ERROR_DEVICE_LOST" and so on; the number where the name is not known here.
[[nodiscard]] std::string resultName(VkResult result);

// Throws Error for a `result` that is one: OutOfMemory, DeviceLost, or NoVulkan for everything that means the driver
// does not do what Vulkan promises. `action` completes "The graphics driver could not …".
[[noreturn]] void fail(VkResult result, const Sentence& action);

// Calls fail() if `result` is an error.
template <typename... Arguments>
void check(VkResult result, TranslatableText action, const Arguments&... arguments) {
    if (result < VK_SUCCESS) {
        fail(result, Sentence(action, arguments...));
    }
}

}  // namespace alcove::engine::vulkan
