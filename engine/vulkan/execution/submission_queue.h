// Submits commands to the queue, with several submissions in flight.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <volk.h>

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"

namespace alcove::engine::vulkan {

// Submissions are done in the order in which they were made. Where the device has timeline semaphores one of them
// counts what is done; elsewhere a ring of fences does. Nothing is allocated after the constructor. Declare it after
// everything that the submitted commands use: the destructor blocks until they are done. Waiting ends, with
// Error{DeviceLost}, where the device does not answer (wait.h). One thread at a time.
class SubmissionQueue {
public:
    // Counts submissions from 1.
    using Ticket = std::uint64_t;

    // `depth` > 0 submissions may be in flight.
    SubmissionQueue(const Device& device, std::uint32_t depth, const std::string& name);
    SubmissionQueue(const SubmissionQueue&) = delete;
    SubmissionQueue& operator=(const SubmissionQueue&) = delete;
    ~SubmissionQueue();

    [[nodiscard]] std::uint32_t depth() const { return m_depth; }
    // The last ticket given out; 0 before the first.
    [[nodiscard]] Ticket newest() const { return m_newest; }

    // Waits for the oldest submission first if `depth` are in flight. Throws Error{DeviceLost, OutOfMemory}; nothing
    // was submitted then.
    Ticket submit(VkCommandBuffer commands);
    // True if the submission and all before it are done. Throws Error{DeviceLost}.
    [[nodiscard]] bool done(Ticket ticket);
    // Returns when it and all before it are done. Throws Error{DeviceLost, OutOfMemory}.
    void wait(Ticket ticket);
    void waitAll() { wait(m_newest); }
    // As waitAll(), for cleaning up after an error; a lost device counts as done.
    void settle() noexcept;

private:
    using Fence = DeviceHandle<VkFence, VK_OBJECT_TYPE_FENCE, &VolkDeviceTable::vkDestroyFence>;

    [[nodiscard]] VkFence fenceOf(Ticket ticket) const { return m_fences[(ticket - 1) % m_depth].get(); }
    [[nodiscard]] VkResult resultOf(Ticket ticket) const;  // waits

    const Device* m_device;
    std::uint32_t m_depth;
    Ticket m_newest = 0;
    Ticket m_done = 0;   // known to be done
    Ticket m_ready = 0;  // the last whose fence was made ready, submitted or not
    DeviceHandle<VkSemaphore, VK_OBJECT_TYPE_SEMAPHORE, &VolkDeviceTable::vkDestroySemaphore> m_timeline;
    std::vector<Fence> m_fences;  // none with a timeline
};

}  // namespace alcove::engine::vulkan
