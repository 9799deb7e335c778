// Uploads bytes to device memory through a small staging buffer.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/resources/buffer.h"

namespace alcove::engine::vulkan {

inline constexpr std::uint64_t kStagingBytes = 16ULL << 20;

// The staging buffer has two halves: the host fills one while the device reads the other. Declare it after the buffers
// it writes to: the destructor blocks until the transfers in flight are done.
class Uploader {
public:
    // `onChunk` is called with the device bytes about to be written, padding included; it may throw to cancel the
    // upload. No
    // piece is larger than `largestPiece`.
    Uploader(const Device& device, std::function<void(std::uint64_t)> onChunk, std::uint64_t largestPiece = 0);

    // Writes `pieces` pieces of `pieceBytes` bytes each (a multiple of 4), the first at `offset`. make(i, bytes) is
    // called in order and turns zeros into piece i.
    void fill(const Buffer& target, std::uint64_t offset, std::uint64_t pieces, std::uint64_t pieceBytes,
              const std::function<void(std::uint64_t, std::span<std::byte>)>& make);
    // Writes `rows` rows of source.size() / rows bytes each, the first at `offset` and each `pitch` bytes after the
    // one before; zeros fill the rest of the pitch.
    void write(const Buffer& target, std::uint64_t offset, std::span<const std::byte> source, std::uint64_t rows,
               std::uint64_t pitch);
    // Sets the whole buffer to zero.
    void clear(const Buffer& target);
    // Returns when everything is in device memory.
    void finish();

private:
    struct Half {
        Buffer staging;
        VkCommandBuffer commands = VK_NULL_HANDLE;
        Submission submission;
    };

    const Device* m_device;
    std::uint64_t m_halfBytes;
    std::function<void(std::uint64_t)> m_onChunk;
    CommandPool m_pool;
    std::array<Half, 2> m_halves;
    std::size_t m_turn = 0;
};

}  // namespace alcove::engine::vulkan
