// Command buffers, and submitting them to the queue.
#pragma once

#include <cstdint>
#include <string>

#include <volk.h>

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"

namespace alcove::engine::vulkan {

// A command pool; the primary command buffers allocated from it live as long as it does.
class CommandPool {
public:
    explicit CommandPool(const Device& device);
    [[nodiscard]] VkCommandBuffer allocate(const std::string& name) const;

private:
    const Device* m_device;
    DeviceHandle<VkCommandPool, VK_OBJECT_TYPE_COMMAND_POOL, &VolkDeviceTable::vkDestroyCommandPool> m_pool;
};

// Begins to record a command buffer; what was recorded in it before is discarded.
void beginCommands(const Device& device, VkCommandBuffer commands, bool once);
void endCommands(const Device& device, VkCommandBuffer commands);

// One submission in flight at most. Declare it after everything that the submitted commands use: the destructor
// blocks until they are done.
class Submission {
public:
    Submission(const Device& device, const std::string& name);
    Submission(const Submission&) = delete;
    Submission& operator=(const Submission&) = delete;
    ~Submission();
    // Throws Error{DeviceLost, OutOfMemory}.
    void submit(VkCommandBuffer commands);
    // Returns when the submitted commands are done; at once if there are none. Throws Error{DeviceLost, OutOfMemory}.
    void wait();

private:
    [[nodiscard]] VkResult result() const;  // waits

    const Device* m_device;
    DeviceHandle<VkFence, VK_OBJECT_TYPE_FENCE, &VolkDeviceTable::vkDestroyFence> m_fence;
    bool m_inFlight = false;
};

}  // namespace alcove::engine::vulkan
