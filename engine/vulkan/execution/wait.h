// Waiting for the device, but not for ever.
//
// Drivers end the wait with VK_ERROR_DEVICE_LOST where a device hangs and they notice it. Not all do, and a machine may
// have been suspended.
#pragma once

#include <cstdint>

#include <volk.h>

#include "engine/vulkan/driver/device.h"

namespace alcove::engine::vulkan {

inline constexpr std::uint64_t kWaitSlice = 50'000'000;  // nanoseconds
// A minute: the governor keeps submissions to some milliseconds, and software drivers need some seconds for the first.
inline constexpr std::uint32_t kMostSlices = 1200;
inline constexpr std::uint32_t kMostSlicesAfterStop = 10;  // half a second

// Calls wait(nanoseconds), which is vkWaitForFences() or vkWaitSemaphores(), until it gives something else than
// VK_TIMEOUT, and returns that. After kMostSlices, or kMostSlicesAfterStop of them with device.cancellation()
// requested, the device is given up: VK_ERROR_DEVICE_LOST, then and always.
template <class Wait>
[[nodiscard]] VkResult waitFor(const Device& device, const Wait& wait) {
    std::uint32_t afterStop = 0;
    for (std::uint32_t slices = 0; !device.givenUp(); ++slices) {
        if (const VkResult result = wait(kWaitSlice); result != VK_TIMEOUT) {
            return result;
        }
        afterStop += device.cancellation().requested() ? 1 : 0;
        if (slices + 1 >= kMostSlices || afterStop >= kMostSlicesAfterStop) {
            device.giveUp();
        }
    }
    return VK_ERROR_DEVICE_LOST;
}

}  // namespace alcove::engine::vulkan
