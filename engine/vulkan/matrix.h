// A matrix of weights on the device.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "engine/checkpoint/tensor.h"
#include "engine/vulkan/buffer.h"
#include "engine/vulkan/uploader.h"

namespace alcove::engine::vulkan {

// Rows of activations and weights alike are this many elements: the true size rounded up to whole blocks.
[[nodiscard]] std::uint32_t rowPitch(std::uint64_t elements);

// How tensors [rows, columns], stacked on one another, will lie in buffers: in the file's dtype, each row a whole
// number of blocks, and split by rows wherever the dtype changes or a buffer would pass the device's range.
struct MatrixPlan {
    struct Part {
        DType dtype = DType::F32;
        std::uint32_t firstRow = 0;
        std::uint32_t rows = 0;
        std::uint64_t bytes = 0;
    };
    struct Source {
        TensorView tensor;
        std::uint32_t firstRow = 0;
    };
    std::string name;
    std::uint32_t rows = 0;
    std::uint32_t columns = 0;
    std::vector<Source> sources;
    std::vector<Part> parts;

    [[nodiscard]] std::uint64_t bytes() const;
};

// `maxRows` is the most rows a part may have whatever its size. Throws Error{Unsupported} if not even one row fits.
[[nodiscard]] MatrixPlan planMatrix(std::uint64_t maxStorageRange, std::uint32_t maxRows, std::string name,
                                    std::span<const TensorView> tensors);

class Matrix {
public:
    struct Part {
        DType dtype = DType::F32;
        std::uint32_t firstRow = 0;
        std::uint32_t rows = 0;
        Buffer buffer;
    };

    Matrix() = default;
    // Allocates. Throws Error{OutOfMemory}.
    Matrix(const Device& device, const MatrixPlan& plan);
    // Fills it from the sources of the plan it was made from. The matrix must outlive the uploader. Throws
    // Error{NotFinite, DeviceLost} and what the uploader's callback throws.
    void upload(Uploader& uploader, const MatrixPlan& plan) const;

    [[nodiscard]] std::uint32_t rows() const { return m_rows; }
    [[nodiscard]] std::uint32_t columns() const { return m_columns; }
    [[nodiscard]] std::uint32_t blocks() const;  // of a row
    [[nodiscard]] const std::vector<Part>& parts() const { return m_parts; }

private:
    std::uint32_t m_rows = 0;
    std::uint32_t m_columns = 0;
    std::vector<Part> m_parts;
};

}  // namespace alcove::engine::vulkan
