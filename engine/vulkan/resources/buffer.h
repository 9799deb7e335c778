// A buffer with memory of its own.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include <volk.h>

#include "engine/vulkan/resources/memory.h"

namespace alcove::engine::vulkan {

// Usable as storage, uniform and uniform texel buffer, and as source and destination of transfers. The engine makes a
// few hundred in all; every driver allows 4096 allocations, so none are shared.
class Buffer {
public:
    Buffer() = default;
    // `size` > 0 is rounded up to a multiple of 16. The content of DeviceOnly buffers is undefined at first. `name` is
    // for debuggers and for bug reports. Throws Error{OutOfMemory}, and Error{Unsupported} beyond
    // device.maxStorageRange().
    Buffer(const Device& device, std::uint64_t size, MemoryUse use, const std::string& name);

    [[nodiscard]] VkBuffer handle() const { return m_buffer.get(); }
    [[nodiscard]] std::uint64_t size() const { return m_size; }
    // The host's view; empty for DeviceOnly.
    [[nodiscard]] std::span<std::byte> bytes() const;
    template <class T>
    [[nodiscard]] T* as() const {
        return static_cast<T*>(m_memory.mapped());
    }

    // The whole buffer as 16-byte words (R32G32B32A32_UINT), for a uniform texel buffer; made at the first call, by
    // the thread that owns the buffer. The buffer must not have more words than the device's
    // maxTexels. Throws Error{OutOfMemory}.
    [[nodiscard]] VkBufferView texelView() const;

private:
    const Device* m_device = nullptr;
    std::uint64_t m_size = 0;
    Memory m_memory;
    DeviceHandle<VkBuffer, VK_OBJECT_TYPE_BUFFER, &VolkDeviceTable::vkDestroyBuffer> m_buffer;
    mutable DeviceHandle<VkBufferView, VK_OBJECT_TYPE_BUFFER_VIEW, &VolkDeviceTable::vkDestroyBufferView> m_texelView;
};

}  // namespace alcove::engine::vulkan
