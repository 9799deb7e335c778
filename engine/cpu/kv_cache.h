// Keys and values of every position, in pages.
//
// A page holds 64 positions of one head of one layer. Pages lie in the order [positions][layer][head], so that memory
// is taken as the context grows, and hardly any before: only what is written to counts, by the huge page. In a page are
//   keys    for each 16 positions: [headDim][16], so that each lane of a vector owns a position
//   values  [64][paddedRows(headDim)]
// as f16, or as i8 followed by the scales of the positions' keys and of their values, [2][64] in f32.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cpu/memory.h"
#include "engine/cpu/packed_matrix.h"
#include "engine/model/kv_type.h"

namespace alcove::engine {

namespace cpu {

inline constexpr std::size_t kKeyPositions = 16;
inline constexpr std::size_t kPagePositions = 64;

struct CachePage {
    std::byte* keys;
    std::byte* values;
    float* keyScales;    // [64]; null: f16
    float* valueScales;  // [64]; null: f16
};

// One key/value head of one layer.
struct CachedHead {
    std::byte* first;  // its first page
    std::size_t pageStride;
    std::size_t headDim;
    KvType type;

    [[nodiscard]] CachePage page(std::size_t index) const {
        std::byte* at = first + index * pageStride;
        const std::size_t size = type == KvType::F16 ? 2 : 1;
        std::byte* values = at + kPagePositions * headDim * size;
        if (type == KvType::F16) {
            return {at, values, nullptr, nullptr};
        }
        auto* scales = reinterpret_cast<float*>(values + kPagePositions * paddedRows(headDim));
        return {at, values, scales, scales + kPagePositions};
    }
};

struct CacheShape {
    std::size_t contextSize = 0;
    std::size_t layers = 0;
    std::size_t heads = 0;
    std::size_t headDim = 0;
    KvType type = KvType::F16;

    [[nodiscard]] std::size_t pageBytes() const;
    // From a head's page to its next.
    [[nodiscard]] std::size_t pageStride() const { return layers * heads * pageBytes(); }
    [[nodiscard]] std::size_t bytes() const {
        return (contextSize + kPagePositions - 1) / kPagePositions * pageStride();
    }
};

class KvCache {
public:
    explicit KvCache(const CacheShape& shape) : m_shape(shape), m_memory(shape.bytes()) {}

    [[nodiscard]] CachedHead head(std::size_t layer, std::size_t head) const;
    [[nodiscard]] const CacheShape& shape() const { return m_shape; }

private:
    CacheShape m_shape;
    LargeMemory m_memory;
};

}  // namespace cpu

}  // namespace alcove::engine
