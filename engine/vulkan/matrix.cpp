#include "engine/vulkan/matrix.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "engine/checkpoint/finite.h"
#include "engine/error.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

std::uint32_t rowPitch(std::uint64_t elements) {
    return static_cast<std::uint32_t>((elements + ALCOVE_BLOCK - 1) / ALCOVE_BLOCK * ALCOVE_BLOCK);
}

std::uint64_t MatrixPlan::bytes() const {
    std::uint64_t total = 0;
    for (const Part& part : parts) {
        total += part.bytes;
    }
    return total;
}

MatrixPlan planMatrix(std::uint64_t maxStorageRange, std::uint32_t maxRows, std::string name,
                      std::span<const TensorView> tensors) {
    MatrixPlan plan;
    plan.name = std::move(name);
    plan.columns = static_cast<std::uint32_t>(tensors.front().shape[1]);
    for (const TensorView& tensor : tensors) {
        assert(tensor.shape.size() == 2 && tensor.shape[1] == plan.columns && tensor.shape[0] > 0);
        const std::uint64_t pitchBytes = rowPitch(plan.columns) * dtypeSize(tensor.dtype);
        const auto fitting = static_cast<std::uint32_t>(std::min<std::uint64_t>(maxStorageRange / pitchBytes, maxRows));
        if (fitting == 0) {
            throw Error(ErrorCode::Unsupported,
                        "One row of " + tensor.name + " is larger than the device can address. Choose another device.");
        }
        plan.sources.push_back({tensor, plan.rows});
        auto left = static_cast<std::uint32_t>(tensor.shape[0]);
        while (left > 0) {
            const bool open =
                !plan.parts.empty() && plan.parts.back().dtype == tensor.dtype && plan.parts.back().rows < fitting;
            if (!open) {
                plan.parts.push_back({tensor.dtype, plan.rows, 0, 0});
            }
            MatrixPlan::Part& part = plan.parts.back();
            const std::uint32_t rows = std::min(left, fitting - part.rows);
            part.rows += rows;
            part.bytes += rows * pitchBytes;
            plan.rows += rows;
            left -= rows;
        }
    }
    return plan;
}

Matrix::Matrix(const Device& device, const MatrixPlan& plan) : m_rows(plan.rows), m_columns(plan.columns) {
    for (const MatrixPlan::Part& part : plan.parts) {
        m_parts.push_back({part.dtype, part.firstRow, part.rows,
                           Buffer(device, part.bytes, MemoryUse::DeviceOnly,
                                  plan.name + " from row " + std::to_string(part.firstRow))});
    }
}

void Matrix::upload(Uploader& uploader, const MatrixPlan& plan) const {
    for (const MatrixPlan::Source& source : plan.sources) {
        requireFinite(source.tensor);
        const std::uint64_t rowBytes = plan.columns * dtypeSize(source.tensor.dtype);
        const std::uint64_t pitchBytes = rowPitch(plan.columns) * dtypeSize(source.tensor.dtype);
        const std::uint64_t sourceEnd = source.firstRow + source.tensor.shape[0];
        for (const Part& part : m_parts) {
            const std::uint64_t first = std::max(source.firstRow, part.firstRow);
            const std::uint64_t end = std::min<std::uint64_t>(sourceEnd, part.firstRow + part.rows);
            if (first < end) {
                uploader.write(
                    part.buffer, (first - part.firstRow) * pitchBytes,
                    source.tensor.bytes.subspan((first - source.firstRow) * rowBytes, (end - first) * rowBytes),
                    end - first, pitchBytes);
            }
        }
    }
}

std::uint32_t Matrix::blocks() const {
    return rowPitch(m_columns) / ALCOVE_BLOCK;
}

}  // namespace alcove::engine::vulkan
