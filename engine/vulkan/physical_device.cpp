#include "engine/vulkan/physical_device.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "engine/vulkan/instance.h"
#include "engine/vulkan/structure.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

DeviceKind kindOf(VkPhysicalDeviceType type) {
    switch (type) {
        case VK_PHYSICAL_DEVICE_TYPE_DISCRETE_GPU:
            return DeviceKind::DiscreteGpu;
        case VK_PHYSICAL_DEVICE_TYPE_INTEGRATED_GPU:
            return DeviceKind::IntegratedGpu;
        case VK_PHYSICAL_DEVICE_TYPE_VIRTUAL_GPU:
            return DeviceKind::VirtualGpu;
        default:
            return DeviceKind::Software;
    }
}

std::string versionText(std::uint32_t version) {
    return std::to_string(VK_API_VERSION_MAJOR(version)) + "." + std::to_string(VK_API_VERSION_MINOR(version)) + "." +
           std::to_string(VK_API_VERSION_PATCH(version));
}

std::vector<VkExtensionProperties> extensionsOf(VkPhysicalDevice device) {
    std::uint32_t count = 0;
    if (vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr) != VK_SUCCESS) {
        return {};
    }
    std::vector<VkExtensionProperties> extensions(count);
    if (vkEnumerateDeviceExtensionProperties(device, nullptr, &count, extensions.data()) != VK_SUCCESS) {
        return {};
    }
    extensions.resize(count);
    return extensions;
}

bool offers(const std::vector<VkExtensionProperties>& extensions, const char* name) {
    return std::any_of(extensions.begin(), extensions.end(),
                       [name](const VkExtensionProperties& e) { return std::strcmp(e.extensionName, name) == 0; });
}

// A family that only computes keeps out of the way of whatever draws the screen.
std::optional<std::uint32_t> computeQueueFamily(VkPhysicalDevice device) {
    std::uint32_t count = 0;
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, nullptr);
    std::vector<VkQueueFamilyProperties> families(count);
    vkGetPhysicalDeviceQueueFamilyProperties(device, &count, families.data());
    std::optional<std::uint32_t> chosen;
    for (std::uint32_t family = 0; family < count; ++family) {
        const VkQueueFlags flags = families[family].queueFlags;
        if (families[family].queueCount == 0 || (flags & VK_QUEUE_COMPUTE_BIT) == 0) {
            continue;
        }
        if ((flags & VK_QUEUE_GRAPHICS_BIT) == 0) {
            return family;
        }
        if (!chosen) {
            chosen = family;
        }
    }
    return chosen;
}

std::string driverText(VkPhysicalDevice device, const VkPhysicalDeviceProperties& properties,
                       const std::vector<VkExtensionProperties>& extensions) {
    if (!offers(extensions, VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME)) {
        return "driver version " + std::to_string(properties.driverVersion);
    }
    auto driver = structure<VkPhysicalDeviceDriverProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES);
    auto query = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    query.pNext = &driver;
    vkGetPhysicalDeviceProperties2(device, &query);
    std::string text = driver.driverName;
    if (driver.driverInfo[0] != '\0') {
        text += std::string(" ") + driver.driverInfo;
    }
    return text;
}

// Empty if the device can run every shader of ours. Vulkan promises these limits; drivers in the making do not
// always keep the promise.
std::string problemOf(const PhysicalDevice& device) {
    const VkPhysicalDeviceLimits& limits = device.properties.limits;
    if (device.properties.apiVersion < kApiVersion) {
        return "its driver offers only Vulkan " + device.info.apiVersion + ", 1.1 is needed";
    }
    if (!device.queueFamily) {
        return "it has no compute queue";
    }
    if (limits.maxComputeWorkGroupInvocations < ALCOVE_MAX_INVOCATIONS ||
        limits.maxComputeWorkGroupSize[0] < ALCOVE_MAX_INVOCATIONS) {
        return "its work groups are too small";
    }
    if (limits.maxComputeSharedMemorySize < ALCOVE_MAX_SHARED_BYTES) {
        return "its work groups have too little shared memory";
    }
    if (limits.maxPushConstantsSize < ALCOVE_MAX_PUSH_BYTES ||
        limits.maxPerStageDescriptorStorageBuffers < ALCOVE_MAX_BINDINGS) {
        return "its shaders take too few inputs";
    }
    return {};
}

}  // namespace

bool PhysicalDevice::leanVariant() const {
    return shuffleWidth >= ALCOVE_LANES && shuffleWidth % ALCOVE_LANES == 0 &&
           properties.limits.maxTexelBufferElements >= properties.limits.maxStorageBufferRange / 16;
}

PhysicalDevice describe(VkPhysicalDevice handle, std::uint32_t index) {
    PhysicalDevice device;
    device.handle = handle;
    vkGetPhysicalDeviceProperties(handle, &device.properties);
    vkGetPhysicalDeviceMemoryProperties(handle, &device.memory);
    const std::vector<VkExtensionProperties> extensions = extensionsOf(handle);
    device.memoryBudget = offers(extensions, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME);
    device.queueFamily = computeQueueFamily(handle);
    if (device.properties.apiVersion >= kApiVersion) {
        auto subgroup =
            structure<VkPhysicalDeviceSubgroupProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_SUBGROUP_PROPERTIES);
        auto query = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
        query.pNext = &subgroup;
        vkGetPhysicalDeviceProperties2(handle, &query);
        const bool shuffles = (subgroup.supportedOperations & VK_SUBGROUP_FEATURE_SHUFFLE_BIT) != 0 &&
                              (subgroup.supportedStages & VK_SHADER_STAGE_COMPUTE_BIT) != 0;
        device.shuffleWidth = shuffles ? subgroup.subgroupSize : 0;
    }

    DeviceInfo& info = device.info;
    info.index = index;
    info.name = device.properties.deviceName;
    info.kind = kindOf(device.properties.deviceType);
    info.apiVersion = versionText(device.properties.apiVersion);
    info.driver =
        device.properties.apiVersion >= kApiVersion ? driverText(handle, device.properties, extensions) : std::string();
    for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap) {
        if ((device.memory.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0) {
            info.memoryBytes = std::max<std::uint64_t>(info.memoryBytes, device.memory.memoryHeaps[heap].size);
        }
    }
    info.problem = problemOf(device);
    info.usable = info.problem.empty();
    return device;
}

}  // namespace alcove::engine::vulkan
