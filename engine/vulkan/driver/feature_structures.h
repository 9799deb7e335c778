// The pNext chain of structures in which Vulkan reports and enables optional features.
#pragma once

#include <vector>

#include <volk.h>

#include "engine/vulkan/driver/cooperative_matrix.h"
#include "engine/vulkan/driver/device_features.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

// An extension whose features this engine knows, and the version of Vulkan whose core includes it: from that version on
// it need not be enabled by name. 0: no version that the engine uses.
struct OptionalExtension {
    const char* name;
    std::uint32_t coreSince;

    [[nodiscard]] bool availableIn(const DeviceExtensions& extensions, std::uint32_t apiVersion) const {
        return (coreSince != 0 && apiVersion >= coreSince) || extensions.offers(name);
    }
};

inline constexpr OptionalExtension kFloat16Int8{VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME, VK_API_VERSION_1_2};
inline constexpr OptionalExtension kStorage8{VK_KHR_8BIT_STORAGE_EXTENSION_NAME, VK_API_VERSION_1_2};
inline constexpr OptionalExtension kTimeline{VK_KHR_TIMELINE_SEMAPHORE_EXTENSION_NAME, VK_API_VERSION_1_2};
inline constexpr OptionalExtension kIntegerDot{VK_KHR_SHADER_INTEGER_DOT_PRODUCT_EXTENSION_NAME, VK_API_VERSION_1_3};
inline constexpr OptionalExtension kSizeControl{VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME, VK_API_VERSION_1_3};
inline constexpr OptionalExtension kStatistics{VK_KHR_PIPELINE_EXECUTABLE_PROPERTIES_EXTENSION_NAME, 0};
inline constexpr OptionalExtension kMemoryModel{VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME, VK_API_VERSION_1_2};
inline constexpr OptionalExtension kCooperativeMatrix{kCooperativeMatrixName, 0};
inline constexpr OptionalExtension kMemoryBudget{VK_EXT_MEMORY_BUDGET_EXTENSION_NAME, 0};
inline constexpr OptionalExtension kPriority{VK_KHR_GLOBAL_PRIORITY_EXTENSION_NAME, 0};
inline constexpr OptionalExtension kPriorityExt{VK_EXT_GLOBAL_PRIORITY_EXTENSION_NAME, 0};

// Stays where it was made: its parts point at each other.
struct FeatureStructures {
    FeatureStructures() = default;
    FeatureStructures(const FeatureStructures&) = delete;
    FeatureStructures& operator=(const FeatureStructures&) = delete;

    // Links `part` into the chain that begins with `root`.
    template <class Part>
    void link(Part& part) {
        part.pNext = root.pNext;
        root.pNext = &part;
    }

    VkPhysicalDeviceFeatures2 root = structure<VkPhysicalDeviceFeatures2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2);
    VkPhysicalDevice16BitStorageFeatures storage16 =
        structure<VkPhysicalDevice16BitStorageFeatures>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_16BIT_STORAGE_FEATURES);
    VkPhysicalDevice8BitStorageFeatures storage8 =
        structure<VkPhysicalDevice8BitStorageFeatures>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_8BIT_STORAGE_FEATURES);
    VkPhysicalDeviceShaderFloat16Int8Features float16Int8 = structure<VkPhysicalDeviceShaderFloat16Int8Features>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_FLOAT16_INT8_FEATURES);
    VkPhysicalDeviceShaderIntegerDotProductFeatures integerDot =
        structure<VkPhysicalDeviceShaderIntegerDotProductFeatures>(
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_FEATURES);
    VkPhysicalDeviceSubgroupSizeControlFeatures sizeControl = structure<VkPhysicalDeviceSubgroupSizeControlFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_FEATURES);
    VkPhysicalDeviceTimelineSemaphoreFeatures timeline = structure<VkPhysicalDeviceTimelineSemaphoreFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_TIMELINE_SEMAPHORE_FEATURES);
    VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR statistics =
        structure<VkPhysicalDevicePipelineExecutablePropertiesFeaturesKHR>(
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PIPELINE_EXECUTABLE_PROPERTIES_FEATURES_KHR);
    VkPhysicalDeviceVulkanMemoryModelFeatures memoryModel = structure<VkPhysicalDeviceVulkanMemoryModelFeatures>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_VULKAN_MEMORY_MODEL_FEATURES);
    CooperativeMatrixFeatures cooperativeMatrix = structure<CooperativeMatrixFeatures>(kCooperativeMatrixFeaturesType);
};

// Fills `chain` so that a device made with it has exactly `features`, and returns the extensions it needs by name.
[[nodiscard]] std::vector<const char*> requestFeatures(const DeviceFeatures& features,
                                                       const DeviceExtensions& extensions, std::uint32_t apiVersion,
                                                       FeatureStructures& chain);

}  // namespace alcove::engine::vulkan
