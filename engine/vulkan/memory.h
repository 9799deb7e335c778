// Device memory: choosing a kind, allocating, and how much there is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <volk.h>

#include "engine/vulkan/device.h"
#include "engine/vulkan/handle.h"

namespace alcove::engine::vulkan {

enum class MemoryUse {
    DeviceOnly,  // fastest for shaders
    Upload,      // the host writes it from front to back, the device reads it
    Readback,    // the device writes it, the host reads it
};

// One allocation. Upload and Readback memory is coherent and stays mapped.
class Memory {
public:
    Memory() = default;
    // Throws Error{OutOfMemory} that gives `name` and the sizes.
    Memory(const Device& device, const VkMemoryRequirements& requirements, MemoryUse use, const std::string& name);

    [[nodiscard]] VkDeviceMemory handle() const { return m_memory.get(); }
    [[nodiscard]] void* mapped() const { return m_mapped; }  // null for DeviceOnly

private:
    DeviceHandle<VkDeviceMemory, VK_OBJECT_TYPE_DEVICE_MEMORY, &VolkDeviceTable::vkFreeMemory> m_memory;
    void* m_mapped = nullptr;
};

// Bytes that can still be allocated for DeviceOnly use, as far as the driver and, for devices that compute in the
// computer's own memory, the operating system say. An estimate: other programs allocate too.
[[nodiscard]] std::uint64_t availableMemory(const Device& device);

// "1.07 GB", "512 kB", for sentences.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

}  // namespace alcove::engine::vulkan
