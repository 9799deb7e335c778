#include "engine/vulkan/driver/device_features.h"

#include <algorithm>
#include <array>

#include "engine/vulkan/driver/cooperative_matrix.h"
#include "engine/vulkan/driver/feature_structures.h"
#include "shader_code.h"

namespace alcove::engine::vulkan {

namespace {

void readSwitches(VkInstance instance, VkPhysicalDevice device, const DeviceExtensions& extensions,
                  std::uint32_t apiVersion, DeviceFeatures& features) {
    FeatureStructures chain;
    chain.link(chain.storage16);
    const auto linkIf = [&](const OptionalExtension& extension, auto& part) {
        if (extension.availableIn(extensions, apiVersion)) {
            chain.link(part);
        }
    };
    linkIf(kStorage8, chain.storage8);
    linkIf(kFloat16Int8, chain.float16Int8);
    linkIf(kIntegerDot, chain.integerDot);
    linkIf(kSizeControl, chain.sizeControl);
    linkIf(kTimeline, chain.timeline);
    linkIf(kStatistics, chain.statistics);
    linkIf(kMemoryModel, chain.memoryModel);
    linkIf(kCooperativeMatrix, chain.cooperativeMatrix);
    vkGetPhysicalDeviceFeatures2(device, &chain.root);

    features.int16 = chain.root.features.shaderInt16 == VK_TRUE;
    features.storage16 = chain.storage16.storageBuffer16BitAccess == VK_TRUE;
    features.storage8 = chain.storage8.storageBuffer8BitAccess == VK_TRUE;
    features.float16 = chain.float16Int8.shaderFloat16 == VK_TRUE;
    features.int8 = chain.float16Int8.shaderInt8 == VK_TRUE;
    features.integerDot = chain.integerDot.shaderIntegerDotProduct == VK_TRUE;
    features.subgroupSizeControl = chain.sizeControl.subgroupSizeControl == VK_TRUE;
    features.timelineSemaphore = chain.timeline.timelineSemaphore == VK_TRUE;
    features.pipelineStatistics = chain.statistics.pipelineExecutableInfo == VK_TRUE;
    features.memoryBudget = kMemoryBudget.availableIn(extensions, apiVersion);
    if (shaders::kHasMatrix && chain.cooperativeMatrix.cooperativeMatrix == VK_TRUE &&
        chain.memoryModel.vulkanMemoryModel == VK_TRUE && chain.memoryModel.vulkanMemoryModelDeviceScope == VK_TRUE) {
        features.matrix = matrixShape(instance, device);
    }
}

// After readSwitches(): some limits rule features out that were switched on.
void readNumbers(VkPhysicalDevice device, DeviceFeatures& features) {
    auto root = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    auto subgroup =
        structure<VkPhysicalDeviceSubgroupProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES);
    auto memory =
        structure<VkPhysicalDeviceMaintenance3Properties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MAINTENANCE_3_PROPERTIES);
    auto sizeControl = structure<VkPhysicalDeviceSubgroupSizeControlProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_SIZE_CONTROL_PROPERTIES);
    auto integerDot = structure<VkPhysicalDeviceShaderIntegerDotProductProperties>(
        VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SHADER_INTEGER_DOT_PRODUCT_PROPERTIES);
    subgroup.pNext = &memory;
    root.pNext = &subgroup;
    if (features.subgroupSizeControl) {
        sizeControl.pNext = root.pNext;
        root.pNext = &sizeControl;
    }
    if (features.integerDot) {
        integerDot.pNext = root.pNext;
        root.pNext = &integerDot;
    }
    vkGetPhysicalDeviceProperties2(device, &root);

    if ((subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0) {
        const VkSubgroupFeatureFlags operations = subgroup.supportedOperations;
        features.subgroupSize = subgroup.subgroupSize;
        features.subgroupArithmetic = (operations & VK_SUBGROUP_FEATURE_ARITHMETIC_BIT) != 0;
        features.subgroupShuffle = (operations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT) != 0;
        features.subgroupBallot = (operations & VK_SUBGROUP_FEATURE_BALLOT_BIT) != 0;
    }
    features.subgroupSizeControl =
        features.subgroupSizeControl && (sizeControl.requiredSubgroupSizeStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
    if (features.subgroupSizeControl) {
        features.minSubgroupSize = sizeControl.minSubgroupSize;
        features.maxSubgroupSize = sizeControl.maxSubgroupSize;
    }
    features.integerDotAccelerated = integerDot.integerDotProduct4x8BitPackedSignedAccelerated == VK_TRUE;

    const VkPhysicalDeviceLimits& limits = root.properties.limits;
    // A buffer has an allocation of its own, so both limits hold for it.
    features.maxStorageRange =
        std::min<std::uint64_t>(limits.maxStorageBufferRange, memory.maxMemoryAllocationSize) & ~std::uint64_t{15};
    features.maxSharedBytes = limits.maxComputeSharedMemorySize;
    features.maxInvocations = std::min(limits.maxComputeWorkGroupInvocations, limits.maxComputeWorkGroupSize[0]);

    VkFormatProperties format{};
    vkGetPhysicalDeviceFormatProperties(device, VK_FORMAT_R32G32B32A32_UINT, &format);
    if ((format.bufferFeatures & VK_FORMAT_FEATURE_UNIFORM_TEXEL_BUFFER_BIT) != 0) {
        features.maxTexels = limits.maxTexelBufferElements;
    }
}

// The newer extension reports which priorities there are; with the older one they can only be tried.
bool offersLowPriority(VkPhysicalDevice device, const DeviceExtensions& extensions, std::uint32_t queueFamily) {
    if (!extensions.offers(kPriority.name)) {
        return extensions.offers(kPriorityExt.name);
    }
    std::uint32_t count = 0;
    vkGetPhysicalDeviceQueueFamilyProperties2(device, &count, nullptr);
    std::vector<VkQueueFamilyGlobalPriorityPropertiesKHR> priorities(
        count, structure<VkQueueFamilyGlobalPriorityPropertiesKHR>(
                   VK_STRUCTURE_TYPE_QUEUE_FAMILY_GLOBAL_PRIORITY_PROPERTIES_KHR));
    std::vector<VkQueueFamilyProperties2> families(
        count, structure<VkQueueFamilyProperties2>(VK_STRUCTURE_TYPE_QUEUE_FAMILY_PROPERTIES_2));
    for (std::uint32_t i = 0; i < count; ++i) {
        families[i].pNext = &priorities[i];
    }
    vkGetPhysicalDeviceQueueFamilyProperties2(device, &count, families.data());
    if (queueFamily >= count) {
        return false;
    }
    const VkQueueFamilyGlobalPriorityPropertiesKHR& offered = priorities[queueFamily];
    const auto* const end =
        offered.priorities + std::min<std::uint32_t>(offered.priorityCount, VK_MAX_GLOBAL_PRIORITY_SIZE_KHR);
    return std::find(offered.priorities, end, VK_QUEUE_GLOBAL_PRIORITY_LOW_KHR) != end;
}

template <class Number>
void lower(Number& value, Number limit) {
    if (limit != 0) {
        value = std::min(value, limit);
    }
}

}  // namespace

bool DeviceFeatures::has(Tier tier) const {
    switch (tier) {
        case Tier::T0:
            return true;
        case Tier::T1:
            return subgroupArithmetic && subgroupSize >= 4 && subgroupSize <= 128;
        case Tier::T2:
            return float16 && storage16;
        case Tier::T3:
            return integerDot && integerDotAccelerated;
        case Tier::T4:
            return subgroupSizeControl;
        case Tier::T5:
            return matrix.m != 0 && float16 && has(Tier::T1) && has(Tier::T4);
    }
    return false;
}

Tier DeviceFeatures::tier() const {
    Tier highest = Tier::T0;
    for (const Tier tier : {Tier::T1, Tier::T2, Tier::T3, Tier::T4, Tier::T5}) {
        if (!has(tier)) {
            break;
        }
        highest = tier;
    }
    return highest;
}

LimitsClamp LimitsClamp::smallLaptop() {
    LimitsClamp limits;
    limits.maxStorageRange = 128ULL << 20U;
    limits.maxSharedBytes = 16384;
    limits.maxInvocations = 128;
    limits.noFloat16 = true;
    return limits;
}

DeviceFeatures readFeatures(VkInstance instance, VkPhysicalDevice device, const DeviceExtensions& extensions,
                            std::uint32_t apiVersion, std::uint32_t queueFamily) {
    DeviceFeatures features;
    readSwitches(instance, device, extensions, apiVersion, features);
    readNumbers(device, features);
    features.lowPriority = offersLowPriority(device, extensions, queueFamily);
    return features;
}

DeviceFeatures clamped(DeviceFeatures features, std::optional<Tier> maxTier, const LimitsClamp& limits) {
    const Tier highest = maxTier.value_or(Tier::T5);
    if (highest < Tier::T1) {
        features.subgroupArithmetic = false;
        features.subgroupShuffle = false;
        features.subgroupBallot = false;
    }
    if (highest < Tier::T2 || limits.noFloat16) {
        features.float16 = false;
        features.storage16 = false;
    }
    if (highest < Tier::T2) {
        features.storage8 = false;
        features.int16 = false;
        features.int8 = false;
    }
    if (highest < Tier::T3) {
        features.integerDot = false;
        features.integerDotAccelerated = false;
    }
    if (highest < Tier::T4) {
        features.subgroupSizeControl = false;
        features.minSubgroupSize = 0;
        features.maxSubgroupSize = 0;
    }
    if (highest < Tier::T5) {
        features.matrix = {};
    }
    features.timelineSemaphore = features.timelineSemaphore && !limits.noTimeline;
    lower(features.maxStorageRange, limits.maxStorageRange & ~std::uint64_t{15});
    lower(features.maxSharedBytes, limits.maxSharedBytes);
    lower(features.maxInvocations, limits.maxInvocations);
    return features;
}

std::string describeFeatures(const DeviceFeatures& features) {
    std::string text = "tier T" + std::to_string(static_cast<int>(features.tier()));
    if (features.subgroupSize != 0) {
        text += ", subgroups of " + std::to_string(features.subgroupSize);
    }
    if (features.subgroupSizeControl) {
        text += " (" + std::to_string(features.minSubgroupSize) + " to " + std::to_string(features.maxSubgroupSize) +
                " on request)";
    }
    const MatrixShape& matrix = features.matrix;
    const std::string matrixText = "cooperative matrices of " + std::to_string(matrix.m) + "x" +
                                   std::to_string(matrix.n) + "x" + std::to_string(matrix.k);
    struct Named {
        bool there;
        const char* name;
    };
    const std::array<Named, 12> switches = {{
        {features.subgroupArithmetic, "subgroup arithmetic"},
        {features.float16, "f16"},
        {features.storage16, "16-bit storage"},
        {features.storage8, "8-bit storage"},
        {features.int16, "i16"},
        {features.int8, "i8"},
        {features.integerDotAccelerated, "integer dot"},
        {features.integerDot && !features.integerDotAccelerated, "integer dot (emulated)"},
        {features.has(Tier::T5), matrixText.c_str()},
        {features.timelineSemaphore, "timeline"},
        {features.lowPriority, "low priority"},
        {features.memoryBudget, "memory budget"},
    }};
    for (const Named& named : switches) {
        if (named.there) {
            text += std::string(", ") + named.name;
        }
    }
    return text;
}

}  // namespace alcove::engine::vulkan
