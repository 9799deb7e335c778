#include "engine/vulkan/kv_cache.h"

#include <algorithm>
#include <string>

#include "engine/error.h"

namespace alcove::engine::vulkan {

KvCache::KvCache(const Device& device, const KvCacheShape& shape) : m_shape(shape) {
    const std::uint64_t fitting = device.maxStorageRange() / shape.headBytes();
    if (fitting == 0) {
        throw Error(ErrorCode::Unsupported, device.name() + " cannot address a context of " +
                                                std::to_string(shape.contextSize) +
                                                " positions. Choose a smaller context.");
    }
    const auto headsPerPart = static_cast<std::uint32_t>(std::min<std::uint64_t>(fitting, shape.kvHeads));
    m_layers.resize(shape.layers);
    for (std::uint32_t layer = 0; layer < shape.layers; ++layer) {
        for (std::uint32_t head = 0; head < shape.kvHeads; head += headsPerPart) {
            const std::uint32_t heads = std::min(headsPerPart, shape.kvHeads - head);
            const std::string where = " of layer " + std::to_string(layer) + " from head " + std::to_string(head);
            m_layers[layer].push_back(
                {head, heads, Buffer(device, heads * shape.headBytes(), MemoryUse::DeviceOnly, "keys" + where),
                 Buffer(device, heads * shape.headBytes(), MemoryUse::DeviceOnly, "values" + where)});
        }
    }
}

}  // namespace alcove::engine::vulkan
