#include "engine/vulkan/uploader.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace alcove::engine::vulkan {

namespace {

std::uint64_t halfBytes(const Device& device) {
    return std::min(kStagingBytes / 2, device.maxStorageRange());
}

}  // namespace

Uploader::Uploader(const Device& device, std::function<void(std::uint64_t)> onChunk)
    : m_device(&device),
      m_onChunk(std::move(onChunk)),
      m_pool(device),
      m_halves{Half{Buffer(device, halfBytes(device), MemoryUse::Upload, "staging 0"), m_pool.allocate("upload 0"),
                    Submission(device, "upload 0")},
               Half{Buffer(device, halfBytes(device), MemoryUse::Upload, "staging 1"), m_pool.allocate("upload 1"),
                    Submission(device, "upload 1")}} {
}

void Uploader::write(const Buffer& target, std::uint64_t offset, std::span<const std::byte> source, std::uint64_t rows,
                     std::uint64_t pitch) {
    const std::uint64_t rowBytes = source.size() / rows;
    assert(rowBytes * rows == source.size() && rowBytes <= pitch && pitch % 4 == 0);
    assert(offset + rows * pitch <= target.size());
    const std::uint64_t rowsPerChunk = halfBytes(*m_device) / pitch;
    assert(rowsPerChunk > 0);

    for (std::uint64_t row = 0; row < rows; row += rowsPerChunk) {
        const std::uint64_t count = std::min(rowsPerChunk, rows - row);
        m_onChunk(count * pitch);
        Half& half = m_halves[m_turn];
        m_turn = 1 - m_turn;
        half.submission.wait();
        std::byte* to = half.staging.bytes().data();
        const std::byte* from = source.data() + row * rowBytes;
        if (rowBytes == pitch) {
            std::memcpy(to, from, count * pitch);
        } else {
            for (std::uint64_t i = 0; i < count; ++i) {
                std::memcpy(to + i * pitch, from + i * rowBytes, rowBytes);
                std::memset(to + i * pitch + rowBytes, 0, pitch - rowBytes);
            }
        }
        beginCommands(*m_device, half.commands, true);
        VkBufferCopy copy{};
        copy.dstOffset = offset + row * pitch;
        copy.size = count * pitch;
        m_device->api().vkCmdCopyBuffer(half.commands, half.staging.handle(), target.handle(), 1, &copy);
        endCommands(*m_device, half.commands);
        half.submission.submit(half.commands);
    }
}

void Uploader::clear(const Buffer& target) {
    Half& half = m_halves[m_turn];
    m_turn = 1 - m_turn;
    half.submission.wait();
    beginCommands(*m_device, half.commands, true);
    m_device->api().vkCmdFillBuffer(half.commands, target.handle(), 0, VK_WHOLE_SIZE, 0);
    endCommands(*m_device, half.commands);
    half.submission.submit(half.commands);
}

void Uploader::finish() {
    for (Half& half : m_halves) {
        half.submission.wait();
    }
}

}  // namespace alcove::engine::vulkan
