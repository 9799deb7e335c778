// Descriptor sets: which buffers a pipeline reads and writes.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <vector>

#include <volk.h>

#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/pipeline.h"

namespace alcove::engine::vulkan {

// Allocates sets, which live as long as it does.
class DescriptorAllocator {
public:
    explicit DescriptorAllocator(const Device& device) : m_device(&device) {}

    // `buffers` in order of the pipeline's bindings.
    [[nodiscard]] VkDescriptorSet allocate(const Pipeline& pipeline, std::span<const Buffer* const> buffers);
    [[nodiscard]] VkDescriptorSet allocate(const Pipeline& pipeline, std::initializer_list<const Buffer*> buffers) {
        return allocate(pipeline, std::span(buffers.begin(), buffers.size()));
    }

private:
    void addPool();

    const Device* m_device;
    std::vector<
        DeviceHandle<VkDescriptorPool, VK_OBJECT_TYPE_DESCRIPTOR_POOL, &VolkDeviceTable::vkDestroyDescriptorPool>>
        m_pools;
    std::uint32_t m_left = 0;  // sets that the newest pool still has
};

}  // namespace alcove::engine::vulkan
