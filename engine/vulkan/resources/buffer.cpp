#include "engine/vulkan/resources/buffer.h"

#include <cassert>

#include "engine/base/error.h"
#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

Buffer::Buffer(const Device& device, std::uint64_t size, MemoryUse use, const std::string& name)
    : m_device(&device), m_size((size + 15) / 16 * 16) {
    assert(size > 0);
    if (m_size > device.maxStorageRange()) {
        throw Error(ErrorCode::Unsupported,
                    ALCOVE_TEXT("engine", "%1 cannot address %2 in one piece, only %3. Choose another device."),
                    device.name(), sizeText(m_size), sizeText(device.maxStorageRange()));
    }
    auto info = structure<VkBufferCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_CREATE_INFO);
    info.size = m_size;
    info.usage = VK_BUFFER_USAGE_STORAGE_BUFFER_BIT | VK_BUFFER_USAGE_UNIFORM_BUFFER_BIT |
                 VK_BUFFER_USAGE_UNIFORM_TEXEL_BUFFER_BIT | VK_BUFFER_USAGE_TRANSFER_SRC_BIT |
                 VK_BUFFER_USAGE_TRANSFER_DST_BIT;
    VkBuffer buffer = VK_NULL_HANDLE;
    check(device.api().vkCreateBuffer(device.handle(), &info, nullptr, &buffer),
          ALCOVE_TEXT("engine", "make the buffer %1"), name);
    m_buffer = {device, buffer, name};
    VkMemoryRequirements requirements{};
    device.api().vkGetBufferMemoryRequirements(device.handle(), buffer, &requirements);
    m_memory = Memory(device, requirements, use, name);
    check(device.api().vkBindBufferMemory(device.handle(), buffer, m_memory.handle(), 0),
          ALCOVE_TEXT("engine", "bind the memory of %1"), name);
}

VkBufferView Buffer::texelView() const {
    if (m_texelView.get() == VK_NULL_HANDLE) {
        assert(m_size / 16 <= m_device->features().maxTexels);
        auto info = structure<VkBufferViewCreateInfo>(VK_STRUCTURE_TYPE_BUFFER_VIEW_CREATE_INFO);
        info.buffer = handle();
        info.format = VK_FORMAT_R32G32B32A32_UINT;
        info.range = VK_WHOLE_SIZE;
        VkBufferView view = VK_NULL_HANDLE;
        check(m_device->api().vkCreateBufferView(m_device->handle(), &info, nullptr, &view),
              ALCOVE_TEXT("engine", "view a buffer as words"));
        m_texelView = {*m_device, view, "words"};
    }
    return m_texelView.get();
}

std::span<std::byte> Buffer::bytes() const {
    auto* mapped = static_cast<std::byte*>(m_memory.mapped());
    return mapped == nullptr ? std::span<std::byte>() : std::span<std::byte>(mapped, m_size);
}

}  // namespace alcove::engine::vulkan
