#include "engine/cpu/kv_cache.h"

namespace alcove::engine::cpu {

std::size_t CacheShape::pageBytes() const {
    const std::size_t values = kPagePositions * (headDim + paddedRows(headDim));
    return type == KvType::F16 ? 2 * values : values + 2 * kPagePositions * sizeof(float);
}

CachedHead KvCache::head(std::size_t layer, std::size_t head) const {
    return {m_memory.data() + (layer * m_shape.heads + head) * m_shape.pageBytes(), m_shape.pageStride(),
            m_shape.headDim, m_shape.type};
}

}  // namespace alcove::engine::cpu
