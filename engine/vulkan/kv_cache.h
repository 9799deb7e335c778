// Keys and values of every position seen so far.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/vulkan/buffer.h"

namespace alcove::engine::vulkan {

struct KvCacheShape {
    std::uint32_t layers = 0;
    std::uint32_t kvHeads = 0;
    std::uint32_t headDim = 0;
    std::uint32_t contextSize = 0;  // positions

    // Floats from one position of a head to the next: headDim rounded up to whole vec4.
    [[nodiscard]] std::uint32_t pitch() const { return (headDim + 3) / 4 * 4; }
    [[nodiscard]] std::uint64_t headBytes() const { return std::uint64_t{contextSize} * pitch() * sizeof(float); }
    [[nodiscard]] std::uint64_t bytes() const { return std::uint64_t{2} * layers * kvHeads * headBytes(); }
};

// [layer][head][position][hd] in f32. Each layer has buffers of its own, split by heads where a buffer would pass the
// device's range.
class KvCache {
public:
    struct Part {
        std::uint32_t firstHead = 0;
        std::uint32_t heads = 0;
        Buffer keys;    // [heads, context, hd]
        Buffer values;  // [heads, context, hd]
    };

    // Throws Error{OutOfMemory}, and Error{Unsupported} if one head of one layer passes the device's range.
    KvCache(const Device& device, const KvCacheShape& shape);

    [[nodiscard]] const KvCacheShape& shape() const { return m_shape; }
    [[nodiscard]] const std::vector<Part>& layer(std::size_t index) const { return m_layers[index]; }

private:
    KvCacheShape m_shape;
    std::vector<std::vector<Part>> m_layers;
};

}  // namespace alcove::engine::vulkan
