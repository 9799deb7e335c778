#include "engine/vulkan/driver/physical_device.h"

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "engine/vulkan/driver/instance.h"
#include "engine/vulkan/driver/structure.h"
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

// A family without graphics is preferred: its work does not hold up drawing the screen.
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

// Fills device.driver and device.info.driver.
void readDriver(const DeviceExtensions& extensions, PhysicalDevice& device) {
    device.driver.vendor = device.properties.vendorID;
    if (!extensions.offers(VK_KHR_DRIVER_PROPERTIES_EXTENSION_NAME) && device.apiVersion < VK_API_VERSION_1_2) {
        device.info.driver = "driver version " + std::to_string(device.properties.driverVersion);
        return;
    }
    auto driver = structure<VkPhysicalDeviceDriverProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_DRIVER_PROPERTIES);
    auto query = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    query.pNext = &driver;
    vkGetPhysicalDeviceProperties2(device.handle, &query);
    device.driver.driver = driver.driverID;
    device.info.driver = driver.driverName;
    if (driver.driverInfo[0] != '\0') {
        device.info.driver += std::string(" ") + driver.driverInfo;
    }
}

std::string identityOf(const PhysicalDevice& device) {
    auto ids = structure<VkPhysicalDeviceIDProperties>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_ID_PROPERTIES);
    auto query = structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_PROPERTIES_2);
    query.pNext = &ids;
    vkGetPhysicalDeviceProperties2(device.handle, &query);
    std::string result;
    char hex[9];
    for (const std::uint8_t byte : ids.deviceUUID) {
        std::snprintf(hex, sizeof hex, "%02x", byte);
        result += hex;
    }
    std::snprintf(hex, sizeof hex, "%08x", device.properties.driverVersion);
    return result + "-" + hex;
}

// Empty if the device can run every shader of Alcove. Vulkan promises these limits, but for the storage buffers: four
// of them are promised, and the drivers of graphics cards offer sixteen and far more. Drivers under development do not
// always keep the promise.
Sentence problemOf(const PhysicalDevice& device) {
    const VkPhysicalDeviceLimits& limits = device.properties.limits;
    if (device.properties.apiVersion < kApiVersion) {
        return {ALCOVE_TEXT("engine", "its driver offers only Vulkan %1, 1.1 is needed"), device.info.apiVersion};
    }
    if (!device.queueFamily) {
        return ALCOVE_TEXT("engine", "it has no compute queue");
    }
    if (limits.maxComputeWorkGroupInvocations < ALCOVE_MAX_INVOCATIONS ||
        limits.maxComputeWorkGroupSize[0] < ALCOVE_MAX_INVOCATIONS) {
        return ALCOVE_TEXT("engine", "its work groups are too small");
    }
    if (limits.maxComputeSharedMemorySize < ALCOVE_MAX_SHARED_BYTES) {
        return ALCOVE_TEXT("engine", "its work groups have too little shared memory");
    }
    if (limits.maxPushConstantsSize < ALCOVE_MAX_PUSH_BYTES) {
        return ALCOVE_TEXT("engine", "its shaders take too few numbers");
    }
    if (limits.maxPerStageDescriptorStorageBuffers < ALCOVE_MAX_BINDINGS) {
        return {ALCOVE_TEXT("engine", "its shaders take only %1 buffers, %2 are needed"),
                limits.maxPerStageDescriptorStorageBuffers, ALCOVE_MAX_BINDINGS};
    }
    return {};
}

}  // namespace

PhysicalDevice describe(VkInstance instance, VkPhysicalDevice handle, std::uint32_t index) {
    PhysicalDevice device;
    device.handle = handle;
    vkGetPhysicalDeviceProperties(handle, &device.properties);
    vkGetPhysicalDeviceMemoryProperties(handle, &device.memory);
    const DeviceExtensions extensions(handle);
    device.apiVersion = std::min(device.properties.apiVersion, instanceApiVersion());
    device.queueFamily = computeQueueFamily(handle);

    DeviceInfo& info = device.info;
    info.index = index;
    info.name = device.properties.deviceName;
    info.kind = kindOf(device.properties.deviceType);
    info.apiVersion = versionText(device.properties.apiVersion);
    if (device.apiVersion >= kApiVersion) {
        readDriver(extensions, device);
        info.identity = identityOf(device);
    }
    for (std::uint32_t heap = 0; heap < device.memory.memoryHeapCount; ++heap) {
        if ((device.memory.memoryHeaps[heap].flags & VK_MEMORY_HEAP_DEVICE_LOCAL_BIT) != 0) {
            info.memoryBytes = std::max<std::uint64_t>(info.memoryBytes, device.memory.memoryHeaps[heap].size);
        }
    }
    info.problem = problemOf(device);
    info.usable = info.problem.empty();
    if (info.usable) {
        device.features = readFeatures(instance, handle, extensions, device.apiVersion, *device.queueFamily);
        applyQuirks(device.driver, device.features);
    }
    return device;
}

}  // namespace alcove::engine::vulkan
