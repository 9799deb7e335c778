#include "engine/vulkan/execution/recorder.h"

#include <algorithm>
#include <cassert>

#include "engine/vulkan/driver/structure.h"
#include "engine/vulkan/execution/dispatch_timer.h"

namespace alcove::engine::vulkan {

namespace {

bool contains(const std::vector<const Buffer*>& buffers, const Buffer* buffer) {
    return std::find(buffers.begin(), buffers.end(), buffer) != buffers.end();
}

void memoryBarrier(const Device& device, VkCommandBuffer commands, VkPipelineStageFlags fromStage,
                   VkAccessFlags fromAccess, VkPipelineStageFlags toStage, VkAccessFlags toAccess) {
    auto barrier = structure<VkMemoryBarrier>(VK_STRUCTURE_TYPE_MEMORY_BARRIER);
    barrier.srcAccessMask = fromAccess;
    barrier.dstAccessMask = toAccess;
    device.api().vkCmdPipelineBarrier(commands, fromStage, toStage, 0, 1, &barrier, 0, nullptr, 0, nullptr);
}

}  // namespace

Recorder::Recorder(const Device& device, VkCommandBuffer commands, bool alwaysBarrier, DispatchTimer* timer)
    : m_device(&device), m_commands(commands), m_alwaysBarrier(alwaysBarrier), m_timer(timer) {
    if (m_timer != nullptr) {
        m_timer->reset(m_commands);
    }
}

void Recorder::begin() {
    memoryBarrier(*m_device, m_commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT,
                  VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT,
                  VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
    ++m_counts.barriers;
}

void Recorder::barrier() {
    memoryBarrier(*m_device, m_commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
                  VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
    ++m_counts.barriers;
    m_read.clear();
    m_written.clear();
}

void Recorder::access(std::span<const Buffer* const> reads, std::span<const Buffer* const> writes) {
    const auto wasWritten = [this](const Buffer* buffer) { return contains(m_written, buffer); };
    const auto wasTouched = [this](const Buffer* buffer) {
        return contains(m_written, buffer) || contains(m_read, buffer);
    };
    if (std::any_of(reads.begin(), reads.end(), wasWritten) || std::any_of(writes.begin(), writes.end(), wasTouched)) {
        barrier();
    }
    m_read.insert(m_read.end(), reads.begin(), reads.end());
    m_written.insert(m_written.end(), writes.begin(), writes.end());
}

void Recorder::dispatchBytes(const Pipeline& pipeline, VkDescriptorSet set, std::span<const std::byte> push,
                             std::uint32_t x, std::uint32_t y) {
    assert(push.size() == pipeline.pushBytes() && x > 0 && y > 0);
    if (m_alwaysBarrier) {
        barrier();
    }
    const VolkDeviceTable& api = m_device->api();
    if (m_bound != pipeline.handle()) {
        api.vkCmdBindPipeline(m_commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.handle());
        m_bound = pipeline.handle();
    }
    api.vkCmdBindDescriptorSets(m_commands, VK_PIPELINE_BIND_POINT_COMPUTE, pipeline.layout(), 0, 1, &set, 0, nullptr);
    api.vkCmdPushConstants(m_commands, pipeline.layout(), VK_SHADER_STAGE_COMPUTE_BIT, 0,
                           static_cast<std::uint32_t>(push.size()), push.data());
    if (m_timer != nullptr) {
        m_timer->before(m_commands);
    }
    api.vkCmdDispatch(m_commands, x, y, 1);
    if (m_timer != nullptr) {
        m_timer->after(m_commands);
    }
    ++m_counts.dispatches;
}

void Recorder::upload(const Buffer& from, std::uint64_t fromOffset, const Buffer& to, std::uint64_t bytes) {
    constexpr VkPipelineStageFlags kUsers = VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT | VK_PIPELINE_STAGE_TRANSFER_BIT;
    constexpr VkAccessFlags kUses =
        VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT | VK_ACCESS_TRANSFER_WRITE_BIT;
    memoryBarrier(*m_device, m_commands, kUsers, kUses, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT);
    VkBufferCopy copy{};
    copy.srcOffset = fromOffset;
    copy.size = bytes;
    m_device->api().vkCmdCopyBuffer(m_commands, from.handle(), to.handle(), 1, &copy);
    memoryBarrier(*m_device, m_commands, VK_PIPELINE_STAGE_TRANSFER_BIT, VK_ACCESS_TRANSFER_WRITE_BIT,
                  VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_READ_BIT | VK_ACCESS_SHADER_WRITE_BIT);
    m_counts.barriers += 2;
}

void Recorder::finishForHost() {
    memoryBarrier(*m_device, m_commands, VK_PIPELINE_STAGE_COMPUTE_SHADER_BIT, VK_ACCESS_SHADER_WRITE_BIT,
                  VK_PIPELINE_STAGE_HOST_BIT, VK_ACCESS_HOST_READ_BIT);
    ++m_counts.barriers;
}

}  // namespace alcove::engine::vulkan
