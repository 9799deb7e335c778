#include "engine/vulkan/driver/feature_structures.h"

namespace alcove::engine::vulkan {

std::vector<const char*> requestFeatures(const DeviceFeatures& features, const DeviceExtensions& extensions,
                                         std::uint32_t apiVersion, FeatureStructures& chain) {
    std::vector<const char*> names;
    const auto need = [&](const OptionalExtension& extension) {
        if (extension.coreSince == 0 || apiVersion < extension.coreSince) {
            names.push_back(extension.name);
        }
    };
    const auto request = [&](const OptionalExtension& extension, auto& part) {
        need(extension);
        chain.link(part);
    };
    chain.root.features.shaderInt16 = features.int16 ? VK_TRUE : VK_FALSE;
    if (features.storage16) {
        chain.storage16.storageBuffer16BitAccess = VK_TRUE;
        chain.link(chain.storage16);
    }
    if (features.storage8) {
        chain.storage8.storageBuffer8BitAccess = VK_TRUE;
        request(kStorage8, chain.storage8);
    }
    if (features.float16 || features.int8) {
        chain.float16Int8.shaderFloat16 = features.float16 ? VK_TRUE : VK_FALSE;
        chain.float16Int8.shaderInt8 = features.int8 ? VK_TRUE : VK_FALSE;
        request(kFloat16Int8, chain.float16Int8);
    }
    if (features.integerDot) {
        chain.integerDot.shaderIntegerDotProduct = VK_TRUE;
        request(kIntegerDot, chain.integerDot);
    }
    if (features.subgroupSizeControl) {
        chain.sizeControl.subgroupSizeControl = VK_TRUE;
        request(kSizeControl, chain.sizeControl);
    }
    if (features.timelineSemaphore) {
        chain.timeline.timelineSemaphore = VK_TRUE;
        request(kTimeline, chain.timeline);
    }
    if (features.pipelineStatistics) {
        chain.statistics.pipelineExecutableInfo = VK_TRUE;
        request(kStatistics, chain.statistics);
    }
    if (features.has(Tier::T5)) {
        // Once a device has the model, the atomics of every shader need its scope of a device.
        chain.memoryModel.vulkanMemoryModel = VK_TRUE;
        chain.memoryModel.vulkanMemoryModelDeviceScope = VK_TRUE;
        request(kMemoryModel, chain.memoryModel);
        chain.cooperativeMatrix.cooperativeMatrix = VK_TRUE;
        request(kCooperativeMatrix, chain.cooperativeMatrix);
    }
    if (features.memoryBudget) {
        need(kMemoryBudget);
    }
    if (features.lowPriority) {
        need(extensions.offers(kPriority.name) ? kPriority : kPriorityExt);
    }
    return names;
}

}  // namespace alcove::engine::vulkan
