#include "engine/vulkan/execution/commands.h"

#include <cassert>

#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"
#include "engine/vulkan/execution/wait.h"

namespace alcove::engine::vulkan {

CommandPool::CommandPool(const Device& device) : m_device(&device) {
    auto info = structure<VkCommandPoolCreateInfo>(VK_STRUCTURE_TYPE_COMMAND_POOL_CREATE_INFO);
    info.flags = VK_COMMAND_POOL_CREATE_RESET_COMMAND_BUFFER_BIT;
    info.queueFamilyIndex = device.queueFamily();
    VkCommandPool pool = VK_NULL_HANDLE;
    check(device.api().vkCreateCommandPool(device.handle(), &info, nullptr, &pool),
          ALCOVE_TEXT("engine", "make a command pool"));
    m_pool = {device, pool, "commands"};
}

VkCommandBuffer CommandPool::allocate(const std::string& name) const {
    auto info = structure<VkCommandBufferAllocateInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_ALLOCATE_INFO);
    info.commandPool = m_pool.get();
    info.level = VK_COMMAND_BUFFER_LEVEL_PRIMARY;
    info.commandBufferCount = 1;
    VkCommandBuffer commands = VK_NULL_HANDLE;
    check(m_device->api().vkAllocateCommandBuffers(m_device->handle(), &info, &commands),
          ALCOVE_TEXT("engine", "make a command buffer"));
    m_device->setName(VK_OBJECT_TYPE_COMMAND_BUFFER, reinterpret_cast<std::uint64_t>(commands), name);
    return commands;
}

void beginCommands(const Device& device, VkCommandBuffer commands, bool once) {
    auto info = structure<VkCommandBufferBeginInfo>(VK_STRUCTURE_TYPE_COMMAND_BUFFER_BEGIN_INFO);
    info.flags = once ? VK_COMMAND_BUFFER_USAGE_ONE_TIME_SUBMIT_BIT : 0;
    check(device.api().vkBeginCommandBuffer(commands, &info), ALCOVE_TEXT("engine", "begin recording commands"));
}

void endCommands(const Device& device, VkCommandBuffer commands) {
    check(device.api().vkEndCommandBuffer(commands), ALCOVE_TEXT("engine", "record commands"));
}

Submission::Submission(const Device& device, const std::string& name) : m_device(&device) {
    const auto info = structure<VkFenceCreateInfo>(VK_STRUCTURE_TYPE_FENCE_CREATE_INFO);
    VkFence fence = VK_NULL_HANDLE;
    check(device.api().vkCreateFence(device.handle(), &info, nullptr, &fence), ALCOVE_TEXT("engine", "make a fence"));
    m_fence = {device, fence, name};
}

Submission::~Submission() {
    if (m_inFlight) {
        // Only after an error. On a lost device the wait fails at once, which does not matter.
        static_cast<void>(result());
    }
}

void Submission::submit(VkCommandBuffer commands) {
    assert(!m_inFlight);
    auto info = structure<VkSubmitInfo>(VK_STRUCTURE_TYPE_SUBMIT_INFO);
    info.commandBufferCount = 1;
    info.pCommandBuffers = &commands;
    check(m_device->api().vkQueueSubmit(m_device->queue(), 1, &info, m_fence.get()),
          ALCOVE_TEXT("engine", "take up work"));
    m_inFlight = true;
}

VkResult Submission::result() const {
    const VkFence fence = m_fence.get();
    return waitFor(*m_device, [&](std::uint64_t nanoseconds) {
        return m_device->api().vkWaitForFences(m_device->handle(), 1, &fence, VK_TRUE, nanoseconds);
    });
}

void Submission::wait() {
    if (!m_inFlight) {
        return;
    }
    const VkResult done = result();
    m_inFlight = false;
    check(done, ALCOVE_TEXT("engine", "finish its work"));
    const VkFence fence = m_fence.get();
    check(m_device->api().vkResetFences(m_device->handle(), 1, &fence), ALCOVE_TEXT("engine", "reset a fence"));
}

}  // namespace alcove::engine::vulkan
