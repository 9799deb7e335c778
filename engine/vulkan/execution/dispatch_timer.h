// The time that kernels run, apart from what lies between them: for the benchmark.
#pragma once

#include <cstdint>

#include <volk.h>

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"

namespace alcove::engine::vulkan {

// Writes a timestamp before and after each dispatch that is recorded with it.
class DispatchTimer {
public:
    // False where the compute queue has no timestamps.
    [[nodiscard]] static bool isAvailable(const Device& device);

    // For at most `dispatches`. Throws Error{OutOfMemory}.
    DispatchTimer(const Device& device, std::uint32_t dispatches);

    // Resets the queries; to be recorded before the first dispatch.
    void reset(VkCommandBuffer commands);
    // Around each dispatch.
    void before(VkCommandBuffer commands);
    void after(VkCommandBuffer commands);
    // Of all dispatches together, once the commands are done. Throws Error{DeviceLost, OutOfMemory}.
    [[nodiscard]] double seconds() const;

private:
    void write(VkCommandBuffer commands, VkPipelineStageFlagBits stage);

    const Device* m_device;
    std::uint32_t m_capacity;  // of clock readings
    std::uint32_t m_used = 0;
    DeviceHandle<VkQueryPool, VK_OBJECT_TYPE_QUERY_POOL, &VolkDeviceTable::vkDestroyQueryPool> m_queries;
};

}  // namespace alcove::engine::vulkan
