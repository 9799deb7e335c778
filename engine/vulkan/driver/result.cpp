#include "engine/vulkan/driver/result.h"

#include "engine/base/error.h"

namespace alcove::engine::vulkan {

std::string resultName(VkResult result) {
    switch (result) {
        case VK_SUCCESS:
            return "VK_SUCCESS";
        case VK_NOT_READY:
            return "VK_NOT_READY";
        case VK_TIMEOUT:
            return "VK_TIMEOUT";
        case VK_INCOMPLETE:
            return "VK_INCOMPLETE";
        case VK_ERROR_OUT_OF_HOST_MEMORY:
            return "VK_ERROR_OUT_OF_HOST_MEMORY";
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
            return "VK_ERROR_OUT_OF_DEVICE_MEMORY";
        case VK_ERROR_OUT_OF_POOL_MEMORY:
            return "VK_ERROR_OUT_OF_POOL_MEMORY";
        case VK_ERROR_FRAGMENTED_POOL:
            return "VK_ERROR_FRAGMENTED_POOL";
        case VK_ERROR_INITIALIZATION_FAILED:
            return "VK_ERROR_INITIALIZATION_FAILED";
        case VK_ERROR_DEVICE_LOST:
            return "VK_ERROR_DEVICE_LOST";
        case VK_ERROR_MEMORY_MAP_FAILED:
            return "VK_ERROR_MEMORY_MAP_FAILED";
        case VK_ERROR_LAYER_NOT_PRESENT:
            return "VK_ERROR_LAYER_NOT_PRESENT";
        case VK_ERROR_EXTENSION_NOT_PRESENT:
            return "VK_ERROR_EXTENSION_NOT_PRESENT";
        case VK_ERROR_FEATURE_NOT_PRESENT:
            return "VK_ERROR_FEATURE_NOT_PRESENT";
        case VK_ERROR_INCOMPATIBLE_DRIVER:
            return "VK_ERROR_INCOMPATIBLE_DRIVER";
        case VK_ERROR_TOO_MANY_OBJECTS:
            return "VK_ERROR_TOO_MANY_OBJECTS";
        default:
            return "VkResult " + std::to_string(static_cast<int>(result));
    }
}

void fail(VkResult result, const Sentence& action) {
    const std::string code = resultName(result);
    switch (result) {
        case VK_ERROR_OUT_OF_HOST_MEMORY:
        case VK_ERROR_OUT_OF_DEVICE_MEMORY:
        case VK_ERROR_OUT_OF_POOL_MEMORY:
        case VK_ERROR_FRAGMENTED_POOL:
        case VK_ERROR_MEMORY_MAP_FAILED:
        case VK_ERROR_TOO_MANY_OBJECTS:
            throw Error(ErrorCode::OutOfMemory,
                        ALCOVE_TEXT("engine",
                                    "The graphics driver could not %1 (%2). Close other programs, or choose "
                                    "a smaller model or a shorter context."),
                        action, code);
        case VK_ERROR_DEVICE_LOST:
            throw Error(ErrorCode::DeviceLost,
                        ALCOVE_TEXT("engine",
                                    "The graphics driver could not %1 (%2). The device stopped answering and "
                                    "must be opened again; if this happens often, update the driver or "
                                    "choose another device."),
                        action, code);
        default:
            throw Error(ErrorCode::NoVulkan,
                        ALCOVE_TEXT("engine",
                                    "The graphics driver could not %1 (%2). Update the driver or choose "
                                    "another device."),
                        action, code);
    }
}

}  // namespace alcove::engine::vulkan
