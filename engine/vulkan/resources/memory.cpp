#include "engine/vulkan/resources/memory.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/base/host_memory.h"
#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

namespace {

constexpr VkMemoryPropertyFlags kMappable = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;

}  // namespace

std::vector<std::uint32_t> memoryTypes(const VkPhysicalDeviceMemoryProperties& memory, std::uint32_t allowed,
                                       MemoryUse use) {
    // Required properties, then preferred ones, the most important first.
    std::vector<VkMemoryPropertyFlags> wishes;
    switch (use) {
        case MemoryUse::DeviceOnly:
            wishes = {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
            break;
        case MemoryUse::Upload:
            wishes = {kMappable};
            break;
        case MemoryUse::Readback:
            wishes = {kMappable | VK_MEMORY_PROPERTY_HOST_CACHED_BIT, kMappable};
            break;
    }
    // Lazily allocated memory is for images alone, protected memory for protected queues.
    constexpr VkMemoryPropertyFlags kUnfit = VK_MEMORY_PROPERTY_LAZILY_ALLOCATED_BIT | VK_MEMORY_PROPERTY_PROTECTED_BIT;
    std::vector<std::uint32_t> types;
    for (const VkMemoryPropertyFlags wish : wishes) {
        // Drivers list better types first.
        for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
            const VkMemoryPropertyFlags flags = memory.memoryTypes[type].propertyFlags;
            if ((allowed >> type & 1U) != 0 && (flags & wish) == wish && (flags & kUnfit) == 0 &&
                std::find(types.begin(), types.end(), type) == types.end()) {
                types.push_back(type);
            }
        }
    }
    return types;
}

Memory::Memory(const Device& device, const VkMemoryRequirements& requirements, MemoryUse use, const std::string& name) {
    const VkPhysicalDeviceMemoryProperties& properties = device.physical().memory;
    const std::vector<std::uint32_t> types = memoryTypes(properties, requirements.memoryTypeBits, use);
    if (types.empty()) {
        throw Error(ErrorCode::NoVulkan,
                    ALCOVE_TEXT("engine", "%1 offers no memory that fits. Update the driver or choose another device."),
                    device.name());
    }
    auto info = structure<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
    info.allocationSize = requirements.size;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    VkResult result = VK_ERROR_OUT_OF_DEVICE_MEMORY;
    for (const std::uint32_t type : types) {
        info.memoryTypeIndex = type;
        result = device.api().vkAllocateMemory(device.handle(), &info, nullptr, &memory);
        if (result != VK_ERROR_OUT_OF_DEVICE_MEMORY && result != VK_ERROR_OUT_OF_HOST_MEMORY) {
            break;
        }
    }
    if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY) {
        throw Error(
            ErrorCode::OutOfMemory,
            ALCOVE_TEXT("engine",
                        "%1 does not have %2 of free memory (about %3 is free). Close other programs, or choose a "
                        "smaller model or a shorter context."),
            device.name(), sizeText(requirements.size), sizeText(availableMemory(device)));
    }
    check(result, ALCOVE_TEXT("engine", "allocate %1 for %2"), sizeText(requirements.size), name);
    m_memory = {device, memory, name};
    const VkMemoryPropertyFlags flags = properties.memoryTypes[info.memoryTypeIndex].propertyFlags;
    if (use == MemoryUse::DeviceOnly && (flags & VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT) == 0) {
        device.countInHostMemory(requirements.size);
    }
    if (use != MemoryUse::DeviceOnly) {
        check(device.api().vkMapMemory(device.handle(), memory, 0, VK_WHOLE_SIZE, 0, &m_mapped),
              ALCOVE_TEXT("engine", "map %1"), name);
    }
}

std::uint64_t availableMemory(const Device& device) {
    const PhysicalDevice& physical = device.physical();
    const std::vector<std::uint32_t> types = memoryTypes(physical.memory, ~0U, MemoryUse::DeviceOnly);
    if (types.empty()) {
        return 0;
    }
    const std::uint32_t heap = physical.memory.memoryTypes[types.front()].heapIndex;
    std::uint64_t available = physical.memory.memoryHeaps[heap].size;
    if (device.features().memoryBudget) {
        auto budget = structure<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
        auto query =
            structure<VkPhysicalDeviceMemoryProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2);
        query.pNext = &budget;
        vkGetPhysicalDeviceMemoryProperties2(physical.handle, &query);
        const std::uint64_t ours = budget.heapBudget[heap] / 10 * 9;
        available = std::min(available, ours - std::min<std::uint64_t>(budget.heapUsage[heap], ours));
    }
    if (physical.info.kind == DeviceKind::Software || physical.info.kind == DeviceKind::IntegratedGpu) {
        available = std::min(available, hostMemoryAvailable().value_or(available));
    }
    return available;
}

}  // namespace alcove::engine::vulkan
