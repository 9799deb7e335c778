#include "engine/vulkan/execution/submission_queue.h"

#include <algorithm>
#include <cassert>

#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"
#include "engine/vulkan/execution/wait.h"

namespace alcove::engine::vulkan {

SubmissionQueue::SubmissionQueue(const Device& device, std::uint32_t depth, const std::string& name)
    : m_device(&device), m_depth(depth) {
    assert(depth > 0);
    if (device.features().timelineSemaphore) {
        auto type = structure<VkSemaphoreTypeCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_TYPE_CREATE_INFO);
        type.semaphoreType = VK_SEMAPHORE_TYPE_TIMELINE;
        auto info = structure<VkSemaphoreCreateInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_CREATE_INFO);
        info.pNext = &type;
        VkSemaphore semaphore = VK_NULL_HANDLE;
        check(device.api().vkCreateSemaphore(device.handle(), &info, nullptr, &semaphore),
              ALCOVE_TEXT("engine", "make a semaphore"));
        m_timeline = {device, semaphore, name};
        return;
    }
    const auto info = structure<VkFenceCreateInfo>(VK_STRUCTURE_TYPE_FENCE_CREATE_INFO);
    for (std::uint32_t i = 0; i < depth; ++i) {
        VkFence fence = VK_NULL_HANDLE;
        check(device.api().vkCreateFence(device.handle(), &info, nullptr, &fence),
              ALCOVE_TEXT("engine", "make a fence"));
        m_fences.emplace_back(device, fence, name);
    }
}

SubmissionQueue::~SubmissionQueue() {
    settle();
}

void SubmissionQueue::settle() noexcept {
    // Submissions are in flight here only after an error. On a lost device the wait fails at once, which does not
    // matter.
    if (m_done < m_newest) {
        static_cast<void>(resultOf(m_newest));
    }
}

SubmissionQueue::Ticket SubmissionQueue::submit(VkCommandBuffer commands) {
    const Ticket ticket = m_newest + 1;
    if (ticket > m_depth) {
        wait(ticket - m_depth);
    }
    auto info = structure<VkSubmitInfo>(VK_STRUCTURE_TYPE_SUBMIT_INFO);
    info.commandBufferCount = 1;
    info.pCommandBuffers = &commands;
    auto values = structure<VkTimelineSemaphoreSubmitInfo>(VK_STRUCTURE_TYPE_TIMELINE_SEMAPHORE_SUBMIT_INFO);
    const VkSemaphore timeline = m_timeline.get();
    VkFence fence = VK_NULL_HANDLE;
    if (m_fences.empty()) {
        values.signalSemaphoreValueCount = 1;
        values.pSignalSemaphoreValues = &ticket;
        info.pNext = &values;
        info.signalSemaphoreCount = 1;
        info.pSignalSemaphores = &timeline;
    } else {
        fence = fenceOf(ticket);
        if (m_ready < ticket) {
            if (ticket > m_depth) {
                // This submission may be known to be done from a later fence: its own fence must be signalled, too,
                // before a reset.
                check(resultOf(ticket - m_depth), ALCOVE_TEXT("engine", "finish its work"));
                check(m_device->api().vkResetFences(m_device->handle(), 1, &fence),
                      ALCOVE_TEXT("engine", "reset a fence"));
            }
            m_ready = ticket;
        }
    }
    check(m_device->api().vkQueueSubmit(m_device->queue(), 1, &info, fence), ALCOVE_TEXT("engine", "take up work"));
    m_newest = ticket;
    return ticket;
}

bool SubmissionQueue::done(Ticket ticket) {
    assert(ticket <= m_newest);
    if (ticket <= m_done) {
        return true;
    }
    const VolkDeviceTable& api = m_device->api();
    if (m_fences.empty()) {
        std::uint64_t value = 0;
        check(api.vkGetSemaphoreCounterValue(m_device->handle(), m_timeline.get(), &value),
              ALCOVE_TEXT("engine", "finish its work"));
        m_done = std::clamp<Ticket>(value, m_done, m_newest);
        return ticket <= m_done;
    }
    const VkResult result = api.vkGetFenceStatus(m_device->handle(), fenceOf(ticket));
    check(result, ALCOVE_TEXT("engine", "finish its work"));
    if (result == VK_SUCCESS) {
        m_done = ticket;
    }
    return result == VK_SUCCESS;
}

void SubmissionQueue::wait(Ticket ticket) {
    assert(ticket <= m_newest);
    if (ticket <= m_done) {
        return;
    }
    check(resultOf(ticket), ALCOVE_TEXT("engine", "finish its work"));
    m_done = ticket;
}

VkResult SubmissionQueue::resultOf(Ticket ticket) const {
    const VolkDeviceTable& api = m_device->api();
    if (!m_fences.empty()) {
        const VkFence fence = fenceOf(ticket);
        return waitFor(*m_device, [&](std::uint64_t nanoseconds) {
            return api.vkWaitForFences(m_device->handle(), 1, &fence, VK_TRUE, nanoseconds);
        });
    }
    const VkSemaphore timeline = m_timeline.get();
    auto info = structure<VkSemaphoreWaitInfo>(VK_STRUCTURE_TYPE_SEMAPHORE_WAIT_INFO);
    info.semaphoreCount = 1;
    info.pSemaphores = &timeline;
    info.pValues = &ticket;
    return waitFor(*m_device, [&](std::uint64_t nanoseconds) {
        return api.vkWaitSemaphores(m_device->handle(), &info, nanoseconds);
    });
}

}  // namespace alcove::engine::vulkan
