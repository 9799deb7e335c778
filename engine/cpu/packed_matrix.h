// How a weight matrix lies in memory for the kernels: 16 rows side by side, so that each lane of a vector owns a row.
//
// Rows come in groups of 16, the last one filled up with rows of zeros.
//   F32, F16, BF16   for each column the 16 rows' values
//   Q8_0, Q4_0       for each pair of blocks (64 columns): the 16 rows' scales of the first block and of the second
//                    as halves, then for each block and each step of 4 columns 16 rows × 4 bytes. A byte of Q4_0 holds
//                    column c in its low half and c + 16 in its high half, as in the file. An odd number of blocks is
//                    filled up with one whose scales are zero.
// Each group thus is one stream of whole cache lines, and its bytes per weight are those of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/checkpoint/tensor.h"

namespace alcove::engine::cpu {

inline constexpr std::size_t kGroupRows = 16;
inline constexpr std::size_t kBlockColumns = 32;

// Blocks of 32 columns, filled up to an even number.
[[nodiscard]] constexpr std::size_t paddedBlocks(std::size_t columns) {
    return (columns + 2 * kBlockColumns - 1) / (2 * kBlockColumns) * 2;
}

[[nodiscard]] constexpr std::size_t paddedRows(std::size_t rows) {
    return (rows + kGroupRows - 1) / kGroupRows * kGroupRows;
}

// The type in which a tensor of `dtype` is kept: its own, or Q8_0 for the K types.
[[nodiscard]] DType packedType(DType dtype);

// Does not own its bytes, which are aligned to 64.
struct PackedMatrix {
    DType dtype = DType::F32;
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::byte* data = nullptr;
    std::size_t stride = 0;  // bytes from a group to the next; at least groupBytes()

    [[nodiscard]] std::size_t groups() const { return paddedRows(rows) / kGroupRows; }
    [[nodiscard]] std::size_t groupBytes() const;
    [[nodiscard]] std::size_t bytes() const { return groups() * groupBytes(); }
    [[nodiscard]] const std::byte* group(std::size_t index) const { return data + index * stride; }
};

// A matrix for `tensor` [rows, columns] that has no bytes yet.
[[nodiscard]] PackedMatrix shapeFor(const TensorView& tensor);

// Writes one group of `matrix` from the tensor it has its shape from; false if something in it is not finite. Groups
// may be written by different threads.
[[nodiscard]] bool packGroup(const PackedMatrix& matrix, std::size_t group, const TensorView& tensor);

// The values of one row; values.size() == columns.
void unpackRow(const PackedMatrix& matrix, std::size_t row, std::span<float> values);

}  // namespace alcove::engine::cpu
