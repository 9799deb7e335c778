// Keys and values of every position seen so far.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/model/kv_type.h"
#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/layout.h"

namespace alcove::engine::vulkan {

struct KvCacheShape {
    std::uint32_t layers = 0;
    std::uint32_t kvHeads = 0;
    std::uint32_t headDim = 0;
    std::uint32_t contextSize = 0;  // positions
    KvType type = KvType::F16;

    [[nodiscard]] std::uint32_t headBlocks() const { return blocksOf(headDim); }
    [[nodiscard]] std::uint32_t contextTiles() const { return roundUp(contextSize, ALCOVE_KEY_TILE) / ALCOVE_KEY_TILE; }
    // Keys, or values, of one layer: words of 32 values as halves, or as bytes and then one float for each 32.
    [[nodiscard]] std::uint64_t bufferBytes() const;
    [[nodiscard]] std::uint64_t bytes() const { return std::uint64_t{2} * layers * bufferBytes(); }
};

// shaders/common/cache.glsl has the places of keys and values in their buffers.
class KvCache {
public:
    struct Layer {
        Buffer keys;
        Buffer values;
    };

    // Throws Error{OutOfMemory}, and Error{Unsupported} if a layer's keys pass the device's range.
    KvCache(const Device& device, const KvCacheShape& shape);

    [[nodiscard]] const KvCacheShape& shape() const { return m_shape; }
    [[nodiscard]] const Layer& layer(std::size_t index) const { return m_layers[index]; }

private:
    KvCacheShape m_shape;
    std::vector<Layer> m_layers;
};

}  // namespace alcove::engine::vulkan
