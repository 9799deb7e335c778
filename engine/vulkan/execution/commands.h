// Command buffers, and handing them to the queue.
#pragma once

#include <cstdint>
#include <string>

#include <volk.h>

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"

namespace alcove::engine::vulkan {

// Hands out primary command buffers that live as long as it does.
class CommandPool {
public:
    explicit CommandPool(const Device& device);
    [[nodiscard]] VkCommandBuffer allocate(const std::string& name) const;

private:
    const Device* m_device;
    DeviceHandle<VkCommandPool, VK_OBJECT_TYPE_COMMAND_POOL, &VolkDeviceTable::vkDestroyCommandPool> m_pool;
};

// Begins a command buffer, forgetting what it held.
void beginCommands(const Device& device, VkCommandBuffer commands, bool once);
void endCommands(const Device& device, VkCommandBuffer commands);

// One submission in flight at most. Declare it after everything that the submitted commands use: its end waits for
// them.
class Submission {
public:
    Submission(const Device& device, const std::string& name);
    Submission(const Submission&) = delete;
    Submission& operator=(const Submission&) = delete;
    ~Submission();
    // Throws Error{DeviceLost, OutOfMemory}.
    void submit(VkCommandBuffer commands);
    // Returns when the submitted commands are done; at once if there are none.
    void wait();

private:
    const Device* m_device;
    DeviceHandle<VkFence, VK_OBJECT_TYPE_FENCE, &VolkDeviceTable::vkDestroyFence> m_fence;
    bool m_inFlight = false;
};

}  // namespace alcove::engine::vulkan
