#include "engine/vulkan/network/kv_cache.h"

#include <string>

#include "engine/base/error.h"

namespace alcove::engine::vulkan {

std::uint64_t KvCacheShape::bufferBytes() const {
    const std::uint64_t blocks = std::uint64_t{kvHeads} * headBlocks() * contextTiles() * ALCOVE_KEY_TILE;
    constexpr std::uint64_t kWord = kWordBytes;
    return blocks * (type == KvType::Q8 ? 2 * kWord + sizeof(float) : 4 * kWord);
}

KvCache::KvCache(const Device& device, const KvCacheShape& shape) : m_shape(shape) {
    if (shape.bufferBytes() > device.maxStorageRange()) {
        throw Error(ErrorCode::Unsupported,
                    ALCOVE_TEXT("engine", "%1 cannot address a context of %2 tokens. Choose a shorter context."),
                    device.name(), shape.contextSize);
    }
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
        const std::string of = " of layer " + std::to_string(layer);
        m_layers.push_back({Buffer(device, shape.bufferBytes(), MemoryUse::DeviceOnly, "keys" + of),
                            Buffer(device, shape.bufferBytes(), MemoryUse::DeviceOnly, "values" + of)});
    }
}

}  // namespace alcove::engine::vulkan
