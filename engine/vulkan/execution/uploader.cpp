#include "engine/vulkan/execution/uploader.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

namespace alcove::engine::vulkan {

Uploader::Uploader(const Device& device, std::function<void(std::uint64_t)> onChunk, std::uint64_t largestPiece)
    : m_device(&device),
      m_halfBytes(std::min(std::max(kStagingBytes / 2, largestPiece), device.maxStorageRange())),
      m_onChunk(std::move(onChunk)),
      m_pool(device),
      m_halves{Half{Buffer(device, m_halfBytes, MemoryUse::Upload, "staging 0"), m_pool.allocate("upload 0"),
                    Submission(device, "upload 0")},
               Half{Buffer(device, m_halfBytes, MemoryUse::Upload, "staging 1"), m_pool.allocate("upload 1"),
                    Submission(device, "upload 1")}} {
}

void Uploader::fill(const Buffer& target, std::uint64_t offset, std::uint64_t pieces, std::uint64_t pieceBytes,
                    const std::function<void(std::uint64_t, std::span<std::byte>)>& make) {
    assert(pieceBytes % 4 == 0 && offset + pieces * pieceBytes <= target.size());
    const std::uint64_t together = m_halfBytes / pieceBytes;
    assert(together > 0);
    for (std::uint64_t first = 0; first < pieces; first += together) {
        const std::uint64_t count = std::min(together, pieces - first);
        m_onChunk(count * pieceBytes);
        Half& half = m_halves[m_turn];
        m_turn = 1 - m_turn;
        half.submission.wait();
        const std::span<std::byte> staged = half.staging.bytes().first(count * pieceBytes);
        std::memset(staged.data(), 0, staged.size());
        for (std::uint64_t i = 0; i < count; ++i) {
            make(first + i, staged.subspan(i * pieceBytes, pieceBytes));
        }
        beginCommands(*m_device, half.commands, true);
        VkBufferCopy copy{};
        copy.dstOffset = offset + first * pieceBytes;
        copy.size = staged.size();
        m_device->api().vkCmdCopyBuffer(half.commands, half.staging.handle(), target.handle(), 1, &copy);
        endCommands(*m_device, half.commands);
        half.submission.submit(half.commands);
    }
}

void Uploader::write(const Buffer& target, std::uint64_t offset, std::span<const std::byte> source, std::uint64_t rows,
                     std::uint64_t pitch) {
    const std::uint64_t rowBytes = source.size() / rows;
    assert(rowBytes * rows == source.size() && rowBytes <= pitch);
    fill(target, offset, rows, pitch, [&](std::uint64_t row, std::span<std::byte> piece) {
        std::memcpy(piece.data(), source.data() + row * rowBytes, rowBytes);
    });
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
