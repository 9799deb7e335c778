// A compute pipeline with its layout: everything needed to bind buffers to one shader and run it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <volk.h>

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"
#include "engine/vulkan/resources/pipeline_cache.h"

namespace alcove::engine::vulkan {

struct PipelineInfo {
    std::string name;
    std::span<const std::uint32_t> code;  // SPIR-V
    std::uint32_t buffers = 0;            // bindings 0 … buffers - 1
    // Bit i: binding i is a uniform texel buffer of 16-byte words (R32G32B32A32_UINT) instead of a storage buffer.
    std::uint32_t texelMask = 0;
    // Invocations that a subgroup must have; 0, or a device without subgroupSizeControl: the driver's choice. A
    // power of two from minSubgroupSize to maxSubgroupSize of the device's features.
    std::uint32_t requiredSubgroupSize = 0;
    std::uint32_t pushBytes = 0;
    std::vector<std::uint32_t> constants;  // specialisation constants 0, 1, …
};

class Pipeline {
public:
    Pipeline() = default;
    // Throws Error{OutOfMemory, NoVulkan}.
    Pipeline(const Device& device, const PipelineCache& cache, const PipelineInfo& info);

    [[nodiscard]] VkPipeline handle() const { return m_pipeline.get(); }
    [[nodiscard]] VkPipelineLayout layout() const { return m_layout.get(); }
    [[nodiscard]] VkDescriptorSetLayout setLayout() const { return m_setLayout.get(); }
    [[nodiscard]] std::uint32_t buffers() const { return m_buffers; }
    [[nodiscard]] VkDescriptorType bindingType(std::uint32_t binding) const {
        return (m_texelMask >> binding & 1U) != 0 ? VK_DESCRIPTOR_TYPE_UNIFORM_TEXEL_BUFFER
                                                  : VK_DESCRIPTOR_TYPE_STORAGE_BUFFER;
    }
    [[nodiscard]] std::uint32_t pushBytes() const { return m_pushBytes; }

private:
    std::uint32_t m_buffers = 0;
    std::uint32_t m_texelMask = 0;
    std::uint32_t m_pushBytes = 0;
    DeviceHandle<VkDescriptorSetLayout, VK_OBJECT_TYPE_DESCRIPTOR_SET_LAYOUT,
                 &VolkDeviceTable::vkDestroyDescriptorSetLayout>
        m_setLayout;
    DeviceHandle<VkPipelineLayout, VK_OBJECT_TYPE_PIPELINE_LAYOUT, &VolkDeviceTable::vkDestroyPipelineLayout> m_layout;
    DeviceHandle<VkPipeline, VK_OBJECT_TYPE_PIPELINE, &VolkDeviceTable::vkDestroyPipeline> m_pipeline;
};

}  // namespace alcove::engine::vulkan
