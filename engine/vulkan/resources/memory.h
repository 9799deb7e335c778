// Device memory: its types, allocation, and how much is available.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <volk.h>

#include "engine/base/size_text.h"
#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/handle.h"

namespace alcove::engine::vulkan {

enum class MemoryUse {
    DeviceOnly,  // fastest for shaders
    Upload,      // the host writes it from front to back, the device reads it
    Readback,    // the device writes it, the host reads it
};

// The types of `memory` that serve `use`, best first, among those whose bits are set in `allowed`. For DeviceOnly the
// device's own come first, and host memory that the device can access after all of them.
[[nodiscard]] std::vector<std::uint32_t> memoryTypes(const VkPhysicalDeviceMemoryProperties& memory,
                                                     std::uint32_t allowed, MemoryUse use);

// One allocation. Upload and Readback memory is coherent and stays mapped.
class Memory {
public:
    Memory() = default;
    // DeviceOnly memory is allocated in host memory, and counted by the device, if the device's own is full.
    // `name` as of Buffer. Throws Error{OutOfMemory} that gives the sizes.
    Memory(const Device& device, const VkMemoryRequirements& requirements, MemoryUse use, const std::string& name);

    [[nodiscard]] VkDeviceMemory handle() const { return m_memory.get(); }
    [[nodiscard]] void* mapped() const { return m_mapped; }  // null for DeviceOnly

private:
    DeviceHandle<VkDeviceMemory, VK_OBJECT_TYPE_DEVICE_MEMORY, &VolkDeviceTable::vkFreeMemory> m_memory;
    void* m_mapped = nullptr;
};

// Bytes that can still be allocated for DeviceOnly use in the device's own memory, as far as the driver and, for
// devices that share host memory, the operating system report. An estimate, because other programs
// allocate too: of a budget that the driver gives, a tenth is left alone.
[[nodiscard]] std::uint64_t availableMemory(const Device& device);

}  // namespace alcove::engine::vulkan
