#include "engine/vulkan/memory.h"

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <limits>
#include <optional>

#include "engine/error.h"
#include "engine/vulkan/result.h"
#include "engine/vulkan/structure.h"

namespace alcove::engine::vulkan {

namespace {

constexpr VkMemoryPropertyFlags kMappable = VK_MEMORY_PROPERTY_HOST_VISIBLE_BIT | VK_MEMORY_PROPERTY_HOST_COHERENT_BIT;

struct Wish {
    VkMemoryPropertyFlags required = 0;
    VkMemoryPropertyFlags preferred = 0;
};

Wish wishFor(MemoryUse use) {
    switch (use) {
        case MemoryUse::DeviceOnly:
            return {VK_MEMORY_PROPERTY_DEVICE_LOCAL_BIT, 0};
        case MemoryUse::Upload:
            return {kMappable, 0};
        case MemoryUse::Readback:
            return {kMappable, VK_MEMORY_PROPERTY_HOST_CACHED_BIT};
    }
    return {};
}

// Drivers list better types first, so the first that has everything wins.
std::optional<std::uint32_t> memoryType(const Device& device, std::uint32_t allowed, MemoryUse use) {
    const VkPhysicalDeviceMemoryProperties& memory = device.physical().memory;
    const Wish wish = wishFor(use);
    for (const VkMemoryPropertyFlags wanted : {wish.required | wish.preferred, wish.required}) {
        for (std::uint32_t type = 0; type < memory.memoryTypeCount; ++type) {
            if ((allowed >> type & 1U) != 0 && (memory.memoryTypes[type].propertyFlags & wanted) == wanted) {
                return type;
            }
        }
    }
    return std::nullopt;
}

// What the kernel would hand out without swapping; none if it does not say.
std::optional<std::uint64_t> hostMemoryAvailable() {
    std::ifstream file("/proc/meminfo");
    std::string key;
    std::uint64_t kibibytes = 0;
    while (file >> key >> kibibytes) {
        if (key == "MemAvailable:") {
            return kibibytes * 1024;
        }
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

}  // namespace

Memory::Memory(const Device& device, const VkMemoryRequirements& requirements, MemoryUse use, const std::string& name) {
    const std::optional<std::uint32_t> type = memoryType(device, requirements.memoryTypeBits, use);
    if (!type) {
        throw Error(ErrorCode::NoVulkan,
                    device.name() + " offers no memory for " + name + ". Update the driver or choose another device.");
    }
    auto info = structure<VkMemoryAllocateInfo>(VK_STRUCTURE_TYPE_MEMORY_ALLOCATE_INFO);
    info.allocationSize = requirements.size;
    info.memoryTypeIndex = *type;
    VkDeviceMemory memory = VK_NULL_HANDLE;
    const VkResult result = device.api().vkAllocateMemory(device.handle(), &info, nullptr, &memory);
    if (result == VK_ERROR_OUT_OF_DEVICE_MEMORY || result == VK_ERROR_OUT_OF_HOST_MEMORY) {
        throw Error(ErrorCode::OutOfMemory, device.name() + " has no room for " + name + " (" +
                                                sizeText(requirements.size) + " wanted, about " +
                                                sizeText(availableMemory(device)) +
                                                " free). Close other programs, or choose a smaller checkpoint or a "
                                                "smaller context.");
    }
    check(result, "allocate " + sizeText(requirements.size) + " for " + name);
    m_memory = {device, memory, name};
    if (use != MemoryUse::DeviceOnly) {
        check(device.api().vkMapMemory(device.handle(), memory, 0, VK_WHOLE_SIZE, 0, &m_mapped), "map " + name);
    }
}

std::uint64_t availableMemory(const Device& device) {
    const PhysicalDevice& physical = device.physical();
    const std::optional<std::uint32_t> type = memoryType(device, ~0U, MemoryUse::DeviceOnly);
    if (!type) {
        return 0;
    }
    const std::uint32_t heap = physical.memory.memoryTypes[*type].heapIndex;
    std::uint64_t available = physical.memory.memoryHeaps[heap].size;
    if (device.features().memoryBudget) {
        auto budget = structure<VkPhysicalDeviceMemoryBudgetPropertiesEXT>(
            VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_BUDGET_PROPERTIES_EXT);
        auto query =
            structure<VkPhysicalDeviceMemoryProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_MEMORY_PROPERTIES_2);
        query.pNext = &budget;
        vkGetPhysicalDeviceMemoryProperties2(physical.handle, &query);
        const std::uint64_t used = std::min(budget.heapUsage[heap], budget.heapBudget[heap]);
        available = std::min<std::uint64_t>(available, budget.heapBudget[heap] - used);
    }
    if (physical.info.kind == DeviceKind::Software || physical.info.kind == DeviceKind::IntegratedGpu) {
        available = std::min(available, hostMemoryAvailable().value_or(available));
    }
    return available;
}

std::string sizeText(std::uint64_t bytes) {
    char text[32];
    const double value = static_cast<double>(bytes);
    if (value >= 1e9) {
        std::snprintf(text, sizeof text, "%.2f GB", value / 1e9);
    } else if (value >= 1e6) {
        std::snprintf(text, sizeof text, "%.1f MB", value / 1e6);
    } else {
        std::snprintf(text, sizeof text, "%.1f kB", value / 1e3);
    }
    return text;
}

}  // namespace alcove::engine::vulkan
