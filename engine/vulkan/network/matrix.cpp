#include "engine/vulkan/network/matrix.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <set>
#include <utility>

#include "engine/base/error.h"
#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/quantization.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint32_t kTilesTogether = 4;  // no work group takes more

// Lays rows of one stored type out in tiles of another.
class TilePacker {
public:
    explicit TilePacker(const MatrixPlan& plan)
        : m_plan(plan),
          m_padded(roundUp(plan.columns, ALCOVE_BLOCK)),
          m_values(m_padded),
          m_row(storedBytes(plan.dtype, m_padded)) {}

    // `tile` is that many bytes of zeros; it becomes the plan's tile `index`.
    void pack(std::uint32_t index, std::span<std::byte> tile) {
        for (std::uint32_t place = 0; place < ALCOVE_TILE_ROWS; ++place) {
            const RowSource source = m_plan.order[std::size_t{index} * ALCOVE_TILE_ROWS + place];
            if (source.tensor != RowSource::kNone) {
                scatter(rowOf(source), place, tile);
            }
        }
    }

private:
    // A row in the plan's type; whole blocks, zero beyond its end.
    std::span<const std::byte> rowOf(const RowSource& source) {
        const TensorView& tensor = m_plan.tensors[source.tensor];
        const std::uint64_t rowBytes = storedBytes(tensor.dtype, m_plan.columns);
        const std::span<const std::byte> stored = tensor.bytes.subspan(source.row * rowBytes, rowBytes);
        if (tensor.dtype == m_plan.dtype) {
            if (m_padded == m_plan.columns) {
                return stored;
            }
            std::copy(stored.begin(), stored.end(), m_row.begin());
            return m_row;
        }
        dequantize(tensor.dtype, stored, std::span(m_values).first(m_plan.columns));
        quantize(m_plan.dtype, m_values, m_row);
        return m_row;
    }

    void scatter(std::span<const std::byte> row, std::uint32_t place, std::span<std::byte> tile) const {
        const std::uint32_t words = blockWords(m_plan.dtype);
        const std::size_t scaleBytes = isQuantized(m_plan.dtype) ? sizeof(std::uint16_t) : 0;
        const std::size_t blockBytes = words * std::size_t{kWordBytes} + scaleBytes;
        const std::uint32_t blocks = m_padded / ALCOVE_BLOCK;
        std::byte* const first = tile.data() + place * std::size_t{kWordBytes};
        constexpr std::size_t kStride = std::size_t{ALCOVE_TILE_ROWS} * kWordBytes;
        std::byte* const scales =
            first + std::size_t{rowGroups(m_plan.dtype, m_plan.columns)} * ALCOVE_GROUP_BLOCKS * words * kStride;
        for (std::uint32_t block = 0; block < blocks; ++block) {
            const std::byte* from = row.data() + block * blockBytes;
            if (scaleBytes != 0) {
                std::byte* to = scales + block / ALCOVE_GROUP_BLOCKS * kStride;
                std::memcpy(to + block % ALCOVE_GROUP_BLOCKS * scaleBytes, from, scaleBytes);
            }
            for (std::uint32_t word = 0; word < words; ++word) {
                std::memcpy(first + (std::size_t{block} * words + word) * kStride,
                            from + scaleBytes + std::size_t{word} * kWordBytes, kWordBytes);
            }
        }
    }

    const MatrixPlan& m_plan;
    std::uint32_t m_padded;
    std::vector<float> m_values;
    std::vector<std::byte> m_row;
};

DType shaderDType(DType dtype) {
    return dtype == DType::Q4_K || dtype == DType::Q5_K || dtype == DType::Q6_K ? DType::Q8_0 : dtype;
}

}  // namespace

DType commonDType(std::span<const TensorView> tensors) {
    std::set<DType> found;
    for (const TensorView& tensor : tensors) {
        found.insert(shaderDType(tensor.dtype));
    }
    if (found.size() == 1) {
        return *found.begin();
    }
    if (found.contains(DType::F32) || found.contains(DType::BF16)) {
        return DType::F32;
    }
    return found.contains(DType::F16) ? DType::F16 : DType::Q8_0;
}

MatrixPlan planMatrix(std::uint64_t maxStorageRange, std::string name, std::vector<TensorView> tensors,
                      RowOrder order) {
    MatrixPlan plan;
    plan.name = std::move(name);
    plan.dtype = commonDType(tensors);
    plan.columns = static_cast<std::uint32_t>(tensors.front().shape[1]);
    plan.rows = static_cast<std::uint32_t>(tensors.size() == 1 ? tensors.front().shape[0] : order.size());
    plan.tensors = std::move(tensors);
    plan.order = std::move(order);
    assert(plan.order.size() % ALCOVE_TILE_ROWS == 0);
    const auto tiles = static_cast<std::uint32_t>(plan.order.size() / ALCOVE_TILE_ROWS);
    const std::uint64_t fitting = maxStorageRange / plan.tileBytes() / kTilesTogether * kTilesTogether;
    if (fitting == 0) {
        throw Error(
            ErrorCode::Unsupported,
            ALCOVE_TEXT("engine", "The rows of %1 are longer than the device can address. Choose another device."),
            plan.tensors.front().name);
    }
    for (std::uint32_t first = 0; first < tiles;) {
        const auto count = static_cast<std::uint32_t>(std::min<std::uint64_t>(fitting, tiles - first));
        plan.parts.push_back({first, count});
        first += count;
    }
    return plan;
}

Matrix::Matrix(const Device& device, const MatrixPlan& plan)
    : m_dtype(plan.dtype), m_rows(plan.rows), m_columns(plan.columns) {
    for (const MatrixPlan::Part& part : plan.parts) {
        m_parts.push_back({part.firstTile, part.tiles,
                           Buffer(device, std::uint64_t{part.tiles} * plan.tileBytes(), MemoryUse::DeviceOnly,
                                  plan.name + " from tile " + std::to_string(part.firstTile))});
    }
}

void Matrix::upload(Uploader& uploader, const MatrixPlan& plan, const Cancellation& cancel) const {
    for (const TensorView& tensor : plan.tensors) {
        requireFinite(tensor, cancel);
    }
    TilePacker packer(plan);
    const std::uint64_t tileBytes = plan.tileBytes();
    for (const Part& part : m_parts) {
        uploader.fill(part.buffer, 0, part.tiles, tileBytes, [&](std::uint64_t tile, std::span<std::byte> bytes) {
            packer.pack(part.firstTile + static_cast<std::uint32_t>(tile), bytes);
        });
    }
}

}  // namespace alcove::engine::vulkan
