#include "engine/vulkan/resources/pipeline.h"

#include <bit>
#include <cassert>

#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

VkDescriptorSetLayoutBinding binding(std::uint32_t number, VkDescriptorType type) {
    VkDescriptorSetLayoutBinding result{};
    result.binding = number;
    result.descriptorType = type;
    result.descriptorCount = 1;
    result.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
    return result;
}

}  // namespace

Pipeline::Pipeline(const Device& device, const PipelineCache& cache, const PipelineInfo& info)
    : m_buffers(info.buffers), m_texelMask(info.texelMask), m_pushBytes(info.pushBytes) {
    assert(info.texelMask >> info.buffers == 0 && (info.texelMask == 0 || device.features().maxTexels > 0));
    assert(info.buffers <= ALCOVE_MAX_BINDINGS && info.pushBytes <= ALCOVE_MAX_PUSH_BYTES);
    const VolkDeviceTable& api = device.api();

    std::vector<VkDescriptorSetLayoutBinding> bindings;
    for (std::uint32_t number = 0; number < info.buffers; ++number) {
        bindings.push_back(binding(number, bindingType(number)));
    }
    auto setInfo = structure<VkDescriptorSetLayoutCreateInfo>(VK_STRUCTURE_TYPE_DESCRIPTOR_SET_LAYOUT_CREATE_INFO);
    setInfo.bindingCount = static_cast<std::uint32_t>(bindings.size());
    setInfo.pBindings = bindings.data();
    VkDescriptorSetLayout setLayout = VK_NULL_HANDLE;
    check(api.vkCreateDescriptorSetLayout(device.handle(), &setInfo, nullptr, &setLayout),
          ALCOVE_TEXT("engine", "lay out the inputs of %1"), info.name);
    m_setLayout = {device, setLayout, info.name};

    VkPushConstantRange push{};
    push.stageFlags = VK_SHADER_STAGE_COMPUTE_BIT;
    push.size = info.pushBytes;
    auto layoutInfo = structure<VkPipelineLayoutCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_LAYOUT_CREATE_INFO);
    layoutInfo.setLayoutCount = 1;
    layoutInfo.pSetLayouts = &setLayout;
    layoutInfo.pushConstantRangeCount = 1;
    layoutInfo.pPushConstantRanges = &push;
    VkPipelineLayout layout = VK_NULL_HANDLE;
    check(api.vkCreatePipelineLayout(device.handle(), &layoutInfo, nullptr, &layout),
          ALCOVE_TEXT("engine", "lay out %1"), info.name);
    m_layout = {device, layout, info.name};

    auto moduleInfo = structure<VkShaderModuleCreateInfo>(VK_STRUCTURE_TYPE_SHADER_MODULE_CREATE_INFO);
    moduleInfo.codeSize = info.code.size_bytes();
    moduleInfo.pCode = info.code.data();
    VkShaderModule code = VK_NULL_HANDLE;
    check(api.vkCreateShaderModule(device.handle(), &moduleInfo, nullptr, &code),
          ALCOVE_TEXT("engine", "read the shader %1"), info.name);
    const DeviceHandle<VkShaderModule, VK_OBJECT_TYPE_SHADER_MODULE, &VolkDeviceTable::vkDestroyShaderModule>
        shaderModule(device, code, info.name);

    std::vector<VkSpecializationMapEntry> entries;
    for (std::uint32_t id = 0; id < info.constants.size(); ++id) {
        entries.push_back({id, id * static_cast<std::uint32_t>(sizeof(std::uint32_t)), sizeof(std::uint32_t)});
    }
    VkSpecializationInfo specialisation{};
    specialisation.mapEntryCount = static_cast<std::uint32_t>(entries.size());
    specialisation.pMapEntries = entries.data();
    specialisation.dataSize = info.constants.size() * sizeof(std::uint32_t);
    specialisation.pData = info.constants.data();

    auto pipelineInfo = structure<VkComputePipelineCreateInfo>(VK_STRUCTURE_TYPE_COMPUTE_PIPELINE_CREATE_INFO);
    pipelineInfo.stage =
        structure<VkPipelineShaderStageCreateInfo>(VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_CREATE_INFO);
    pipelineInfo.stage.stage = VK_SHADER_STAGE_COMPUTE_BIT;
    pipelineInfo.stage.module = code;
    pipelineInfo.stage.pName = "main";
    pipelineInfo.stage.pSpecializationInfo = &specialisation;
    pipelineInfo.layout = layout;
    auto subgroupSize = structure<VkPipelineShaderStageRequiredSubgroupSizeCreateInfo>(
        VK_STRUCTURE_TYPE_PIPELINE_SHADER_STAGE_REQUIRED_SUBGROUP_SIZE_CREATE_INFO);
    if (info.requiredSubgroupSize != 0 && device.features().subgroupSizeControl) {
        assert(std::has_single_bit(info.requiredSubgroupSize));
        assert(info.requiredSubgroupSize >= device.features().minSubgroupSize &&
               info.requiredSubgroupSize <= device.features().maxSubgroupSize);
        subgroupSize.requiredSubgroupSize = info.requiredSubgroupSize;
        pipelineInfo.stage.pNext = &subgroupSize;
    }
    if (device.features().pipelineStatistics) {
        pipelineInfo.flags |= VK_PIPELINE_CREATE_CAPTURE_STATISTICS_BIT_KHR;
    }
    device.cancellation().check(ALCOVE_TEXT("engine", "Opening the model was cancelled."));
    VkPipeline pipeline = VK_NULL_HANDLE;
    check(api.vkCreateComputePipelines(device.handle(), cache.handle(), 1, &pipelineInfo, nullptr, &pipeline),
          ALCOVE_TEXT("engine", "compile the shader %1"), info.name);
    m_pipeline = {device, pipeline, info.name};
    device.reportPipeline(info, pipeline);
}

}  // namespace alcove::engine::vulkan
