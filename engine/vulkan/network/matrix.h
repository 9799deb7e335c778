// A matrix of weights on the device, in tiles of 32 rows.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/checkpoint/tensor.h"
#include "engine/vulkan/execution/uploader.h"
#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/layout.h"

namespace alcove::engine::vulkan {

// Which row of which tensor a row of a matrix is.
struct RowSource {
    static constexpr std::uint32_t kNone = UINT32_MAX;  // zeros
    std::uint32_t tensor = kNone;
    std::uint32_t row = 0;
};

// The rows of a matrix, 32 a tile, in the order of their places in it. Row 4 · lane + r of a tile is at place
// 8 · r + lane.
using RowOrder = std::vector<RowSource>;

// Rows 0, 1, 2, … of one tensor.
[[nodiscard]] RowOrder plainRows(std::uint64_t rows);
// Gate (tensor 0) and up (tensor 1): two tiles hold both for the same 32 rows. See the SWIGLU epilogue.
[[nodiscard]] RowOrder gateUpRows(std::uint64_t rows);
// Heads of queries (tensor 0), keys (1) and values (2), each whole blocks of 32 rows; those of queries and keys with
// the dimensions i and i + headDim / 2 side by side. See the ROPE epilogue.
[[nodiscard]] RowOrder headRows(std::uint32_t queryHeads, std::uint32_t kvHeads, std::uint32_t headDim);

// How tensors [rows, columns] will lie in buffers, split by tiles where a buffer would pass the device's range.
struct MatrixPlan {
    struct Part {
        std::uint32_t firstTile = 0;
        std::uint32_t tiles = 0;
    };
    std::string name;
    DType dtype = DType::F32;
    std::uint32_t rows = 0;  // as the epilogue needs them: of the first tensor, or with padding
    std::uint32_t columns = 0;
    std::vector<TensorView> tensors;
    RowOrder order;
    std::vector<Part> parts;

    [[nodiscard]] std::uint32_t tileBytes() const { return tileWords(dtype, columns) * kWordBytes; }
    [[nodiscard]] std::uint64_t bytes() const { return order.size() / ALCOVE_TILE_ROWS * std::uint64_t{tileBytes()}; }
};

// The type that tensors of `dtypes` are stored in together: theirs if it is one the shaders read, Q8_0 for GGUF's K
// types, and where they differ one that holds all of them.
[[nodiscard]] DType commonDType(std::span<const TensorView> tensors);

// Parts begin at multiples of four tiles. Throws Error{Unsupported} if not even that many fit.
[[nodiscard]] MatrixPlan planMatrix(std::uint64_t maxStorageRange, std::string name, std::vector<TensorView> tensors,
                                    RowOrder order);

class Matrix {
public:
    struct Part {
        std::uint32_t firstTile = 0;
        std::uint32_t tiles = 0;
        Buffer buffer;
    };

    Matrix() = default;
    // Allocates. Throws Error{OutOfMemory}.
    Matrix(const Device& device, const MatrixPlan& plan);
    // Fills it from the tensors of the plan it was made from. The matrix must outlive the uploader. Throws
    // Error{NotFinite, DeviceLost} and what the uploader's callback throws.
    void upload(Uploader& uploader, const MatrixPlan& plan, const Cancellation& cancel = {}) const;

    [[nodiscard]] DType dtype() const { return m_dtype; }
    [[nodiscard]] std::uint32_t rows() const { return m_rows; }
    [[nodiscard]] std::uint32_t columns() const { return m_columns; }
    [[nodiscard]] const std::vector<Part>& parts() const { return m_parts; }

private:
    DType m_dtype = DType::F32;
    std::uint32_t m_rows = 0;
    std::uint32_t m_columns = 0;
    std::vector<Part> m_parts;
};

}  // namespace alcove::engine::vulkan
