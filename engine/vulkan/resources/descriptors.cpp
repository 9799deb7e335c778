#include "engine/vulkan/resources/descriptors.h"

#include <array>
#include <cassert>

#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint32_t kSetsPerPool = 256;

}  // namespace

void DescriptorAllocator::addPool() {
    const std::array<VkDescriptorPoolSize, 2> sizes = {{
        {VK_DESCRIPTOR_TYPE_STORAGE_BUFFER, kSetsPerPool * ALCOVE_MAX_BINDINGS},
        {VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER, kSetsPerPool * ALCOVE_MAX_BINDINGS},
    }};
    auto info = structure<VkDescriptorPoolCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_POOL_CREATE_INFO);
    info.maxSets = kSetsPerPool;
    info.poolSizeCount = static_cast<std::uint32_t>(sizes.size());
    info.pPoolSizes = sizes.data();
    VkDescriptorPool pool = VK_NULL_HANDLE;
    check(m_device->api().vkCreateDescriptorPool(m_device->handle(), &info, nullptr, &pool),
          ALCOVE_TEXT("engine", "make a descriptor pool"));
    m_pools.emplace_back(*m_device, pool, "descriptors " + std::to_string(m_pools.size()));
    m_left = kSetsPerPool;
}

VkDescriptorSet DescriptorAllocator::allocate(const Pipeline& pipeline, std::span<const Buffer* const> buffers) {
    assert(buffers.size() == pipeline.buffers());
    if (m_left == 0) {
        addPool();
    }
    const VkDescriptorSetLayout layout = pipeline.setLayout();
    auto info = structure<VkDescriptorSetAllocateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_ALLOCATE_INFO);
    info.descriptorPool = m_pools.back().get();
    info.descriptorSetCount = 1;
    info.pSetLayouts = &layout;
    VkDescriptorSet set = VK_NULL_HANDLE;
    check(m_device->api().vkAllocateDescriptorSets(m_device->handle(), &info, &set),
          ALCOVE_TEXT("engine", "bind buffers"));
    --m_left;

    std::array<VkDescriptorBufferInfo, ALCOVE_MAX_BINDINGS> infos{};
    std::array<VkBufferView, ALCOVE_MAX_BINDINGS> views{};
    std::array<VkWriteDescriptorSet, ALCOVE_MAX_BINDINGS> writes{};
    std::uint32_t count = 0;
    for (const Buffer* buffer : buffers) {
        auto& write = writes[count];
        write = structure<VkWriteDescriptorSet>(VK_STRUCTURE_TYPE_WRITE_DESCRIPTOR_SET);
        write.dstSet = set;
        write.dstBinding = count;
        write.descriptorCount = 1;
        write.descriptorType = pipeline.bindingType(count);
        if (write.descriptorType == VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER) {
            views[count] = buffer->texelView();
            write.pTexelBufferView = &views[count];
        } else {
            infos[count] = {buffer->handle(), 0, buffer->size()};
            write.pBufferInfo = &infos[count];
        }
        ++count;
    }
    m_device->api().vkUpdateDescriptorSets(m_device->handle(), count, writes.data(), 0, nullptr);
    return set;
}

}  // namespace alcove::engine::vulkan
