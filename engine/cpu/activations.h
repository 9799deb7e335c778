// The activations of the forward pass: one row per token of a chunk.
#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/cpu/kernels.h"
#include "engine/cpu/memory.h"

namespace alcove::engine::cpu {

// [n, stride] floats; a row is padded to whole groups so that kernels may write whole vectors.
class FloatRows {
public:
    FloatRows(std::size_t n, std::size_t columns)
        : m_stride(paddedRows(columns)), m_memory(n * m_stride * sizeof(float)) {}

    [[nodiscard]] float* row(std::size_t index) const {
        return reinterpret_cast<float*>(m_memory.data()) + index * m_stride;
    }
    [[nodiscard]] std::size_t stride() const { return m_stride; }

private:
    std::size_t m_stride;
    LargeMemory m_memory;
};

// The input of matrices, as floats and quantised.
class InputRows {
public:
    InputRows(std::size_t n, std::size_t columns)
        : m_floats(n, columns),
          m_blocks(paddedBlocks(columns)),
          m_values(n * m_blocks * kBlockColumns),
          m_scales(n * m_blocks * sizeof(float)),
          m_offsets(n * m_blocks * sizeof(std::int32_t)) {}

    [[nodiscard]] float* floats(std::size_t row) const { return m_floats.row(row); }
    [[nodiscard]] std::size_t blocks() const { return m_blocks; }
    // One row's quantised form from a block on.
    [[nodiscard]] QuantizedRow quantized(std::size_t row, std::size_t block = 0) const {
        const std::size_t at = row * m_blocks + block;
        return {reinterpret_cast<std::int8_t*>(m_values.data()) + at * kBlockColumns,
                reinterpret_cast<float*>(m_scales.data()) + at, reinterpret_cast<std::int32_t*>(m_offsets.data()) + at};
    }
    [[nodiscard]] Rows rows() const {
        const QuantizedRow first = quantized(0);
        return {floats(0), m_floats.stride(), first.values, first.scales, first.offsets, m_blocks};
    }

private:
    FloatRows m_floats;
    std::size_t m_blocks;
    LargeMemory m_values;  // zero where nothing was written: the filled-up block stays so
    LargeMemory m_scales;
    LargeMemory m_offsets;
};

}  // namespace alcove::engine::cpu
