// RowOrder of matrix.h.
#include "engine/vulkan/network/matrix.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint64_t kLaneRows = ALCOVE_TILE_ROWS / ALCOVE_LANES;

// Calls place(tile, lane, r) for every place of `tiles` tiles in their order.
template <class Place>
RowOrder order(std::uint32_t tiles, const Place& place) {
    RowOrder result;
    result.reserve(std::size_t{tiles} * ALCOVE_TILE_ROWS);
    for (std::uint32_t tile = 0; tile < tiles; ++tile) {
        for (std::uint32_t r = 0; r < kLaneRows; ++r) {
            for (std::uint32_t lane = 0; lane < ALCOVE_LANES; ++lane) {
                result.push_back(place(tile, lane, r));
            }
        }
    }
    return result;
}

RowSource within(std::uint32_t tensor, std::uint64_t row, std::uint64_t rows) {
    return row < rows ? RowSource{tensor, static_cast<std::uint32_t>(row)} : RowSource{};
}

}  // namespace

RowOrder plainRows(std::uint64_t rows) {
    return order(blocksOf(rows), [rows](std::uint32_t tile, std::uint32_t lane, std::uint32_t r) {
        return within(0, std::uint64_t{tile} * ALCOVE_TILE_ROWS + kLaneRows * lane + r, rows);
    });
}

RowOrder gateUpRows(std::uint64_t rows) {
    return order(2 * blocksOf(rows), [rows](std::uint32_t tile, std::uint32_t lane, std::uint32_t r) {
        const std::uint64_t ofLane = std::uint64_t{2} * (tile % 2) + r % 2;  // of the lane's four
        const std::uint64_t row = std::uint64_t{tile / 2} * ALCOVE_BLOCK + kLaneRows * lane + ofLane;
        return within(r / 2, row, rows);
    });
}

RowOrder headRows(std::uint32_t queryHeads, std::uint32_t kvHeads, std::uint32_t headDim) {
    const std::uint32_t blocks = blocksOf(headDim);
    const auto place = [=](std::uint32_t tile, std::uint32_t lane, std::uint32_t r) {
        const std::uint32_t slot = tile / blocks;
        const std::uint32_t block = tile % blocks;
        const std::uint32_t tensor = slot < queryHeads ? 0 : slot < queryHeads + kvHeads ? 1 : 2;
        const std::uint32_t head = slot - (tensor == 0 ? 0 : tensor == 1 ? queryHeads : queryHeads + kvHeads);
        std::uint32_t dimension = block * ALCOVE_BLOCK + ALCOVE_TILE_ROWS / ALCOVE_LANES * lane + r;
        if (tensor != 2) {
            const std::uint32_t pair = block * (ALCOVE_BLOCK / 2) + 2 * lane + r % 2;
            dimension = pair < headDim / 2 ? pair + r / 2 * (headDim / 2) : headDim;
        }
        return dimension < headDim ? RowSource{tensor, head * headDim + dimension} : RowSource{};
    };
    return order((queryHeads + 2 * kvHeads) * blocks, place);
}

}  // namespace alcove::engine::vulkan
