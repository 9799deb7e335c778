#include "engine/cpu/packed_matrix.h"

#include <array>
#include <cassert>
#include <cstring>
#include <vector>

#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/quantization.h"

namespace alcove::engine::cpu {

namespace {

constexpr std::size_t kStepColumns = 4;  // of one row that lie together
constexpr std::size_t kScaleBytes = 2;
constexpr std::size_t kPairScales = 2 * kGroupRows * kScaleBytes;

// Bytes of one row's values in a block.
std::size_t blockValueBytes(DType dtype) {
    return dtypeTraits(dtype).blockBytes - kScaleBytes;
}

std::size_t pairBytes(DType dtype) {
    return kPairScales + 2 * kGroupRows * blockValueBytes(dtype);
}

// Where in its group a row's scale of a block lies, and its first four bytes of values; the next four are 16 rows on.
struct BlockPlace {
    std::size_t scale;
    std::size_t values;
};

BlockPlace placeOf(DType dtype, std::size_t block, std::size_t lane) {
    const std::size_t pair = block / 2 * pairBytes(dtype);
    const std::size_t second = block % 2;
    return {pair + (second * kGroupRows + lane) * kScaleBytes,
            pair + kPairScales + second * kGroupRows * blockValueBytes(dtype) + lane * kStepColumns};
}

// The bytes of one row in the type it is kept in: those of the file, or converted into `converted`.
std::span<const std::byte> rowBytes(const PackedMatrix& matrix, const TensorView& tensor, std::size_t row,
                                    std::vector<float>& values, std::vector<std::byte>& converted) {
    const std::size_t stored = storedBytes(tensor.dtype, matrix.columns);
    const std::span<const std::byte> bytes = tensor.bytes.subspan(row * stored, stored);
    if (tensor.dtype == matrix.dtype) {
        return bytes;
    }
    values.resize(matrix.columns);
    converted.resize(storedBytes(matrix.dtype, matrix.columns));
    dequantize(tensor.dtype, bytes, values);
    quantize(matrix.dtype, values, converted);
    return converted;
}

}  // namespace

DType packedType(DType dtype) {
    switch (dtype) {
        case DType::Q4_K:
        case DType::Q5_K:
        case DType::Q6_K:
            return DType::Q8_0;
        default:
            return dtype;
    }
}

std::size_t PackedMatrix::groupBytes() const {
    return isQuantized(dtype) ? paddedBlocks(columns) / 2 * pairBytes(dtype) : columns * kGroupRows * dtypeSize(dtype);
}

PackedMatrix shapeFor(const TensorView& tensor) {
    assert(tensor.shape.size() == 2);
    PackedMatrix matrix{.dtype = packedType(tensor.dtype), .rows = tensor.shape[0], .columns = tensor.shape[1]};
    matrix.stride = matrix.groupBytes();
    return matrix;
}

bool packGroup(const PackedMatrix& matrix, std::size_t group, const TensorView& tensor) {
    std::byte* to = matrix.data + group * matrix.stride;
    std::vector<float> values;
    std::vector<std::byte> converted;
    const std::size_t lanes = std::min(kGroupRows, matrix.rows - group * kGroupRows);
    if (lanes < kGroupRows || (isQuantized(matrix.dtype) && matrix.columns % (2 * kBlockColumns) != 0)) {
        std::memset(to, 0, matrix.groupBytes());
    }
    const std::size_t stored = storedBytes(tensor.dtype, matrix.columns);
    if (!allFinite(tensor.dtype, tensor.bytes.subspan(group * kGroupRows * stored, lanes * stored))) {
        return false;
    }
    for (std::size_t lane = 0; lane < lanes; ++lane) {
        const std::span<const std::byte> row = rowBytes(matrix, tensor, group * kGroupRows + lane, values, converted);
        const std::byte* from = row.data();
        if (isQuantized(matrix.dtype)) {
            const std::size_t valueBytes = blockValueBytes(matrix.dtype);
            for (std::size_t block = 0; block < matrix.columns / kBlockColumns; ++block) {
                const BlockPlace place = placeOf(matrix.dtype, block, lane);
                std::memcpy(to + place.scale, from, kScaleBytes);
                for (std::size_t i = 0; i < valueBytes; i += kStepColumns) {
                    std::memcpy(to + place.values + i * kGroupRows, from + kScaleBytes + i, kStepColumns);
                }
                from += kScaleBytes + valueBytes;
            }
            continue;
        }
        const std::size_t size = dtypeSize(matrix.dtype);
        for (std::size_t column = 0; column < matrix.columns; ++column) {
            std::memcpy(to + (column * kGroupRows + lane) * size, from + column * size, size);
        }
    }
    return true;
}

void unpackRow(const PackedMatrix& matrix, std::size_t row, std::span<float> values) {
    assert(values.size() == matrix.columns && row < matrix.rows);
    const std::byte* from = matrix.group(row / kGroupRows);
    const std::size_t lane = row % kGroupRows;
    if (isQuantized(matrix.dtype)) {
        const std::size_t valueBytes = blockValueBytes(matrix.dtype);
        std::array<std::byte, kScaleBytes + kBlockColumns> block{};
        for (std::size_t i = 0; i < matrix.columns / kBlockColumns; ++i) {
            const BlockPlace place = placeOf(matrix.dtype, i, lane);
            std::memcpy(block.data(), from + place.scale, kScaleBytes);
            for (std::size_t at = 0; at < valueBytes; at += kStepColumns) {
                std::memcpy(block.data() + kScaleBytes + at, from + place.values + at * kGroupRows, kStepColumns);
            }
            dequantize(matrix.dtype, std::span(block).first(kScaleBytes + valueBytes),
                       values.subspan(i * kBlockColumns, kBlockColumns));
        }
        return;
    }
    const std::size_t size = dtypeSize(matrix.dtype);
    for (std::size_t column = 0; column < matrix.columns; ++column) {
        dequantize(matrix.dtype, {from + (column * kGroupRows + lane) * size, size}, values.subspan(column, 1));
    }
}

}  // namespace alcove::engine::cpu
