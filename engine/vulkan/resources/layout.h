// How numbers are laid out in the words of device buffers (shaders/interface.h describes the layout).
#pragma once

#include <cstdint>

#include "engine/checkpoint/tensor.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

inline constexpr std::uint32_t kWordBytes = 16;
inline constexpr std::uint32_t kWordFloats = 4;

[[nodiscard]] constexpr std::uint32_t roundUp(std::uint64_t value, std::uint32_t multiple) {
    return static_cast<std::uint32_t>((value + multiple - 1) / multiple * multiple);
}

[[nodiscard]] constexpr std::uint32_t blocksOf(std::uint64_t elements) {
    return roundUp(elements, ALCOVE_BLOCK) / ALCOVE_BLOCK;
}

// Words of a block of 32 weights, without its scale. For F32, F16, BF16, Q8_0 and Q4_0.
[[nodiscard]] constexpr std::uint32_t blockWords(DType dtype) {
    switch (dtype) {
        case DType::F32:
            return 8;
        case DType::F16:
        case DType::BF16:
            return 4;
        case DType::Q8_0:
            return 2;
        default:
            return 1;
    }
}

// Steps that a projection goes through a row of weights in: groups of eight blocks if they are quantised, else blocks.
[[nodiscard]] constexpr std::uint32_t rowGroups(DType dtype, std::uint64_t columns) {
    const std::uint32_t blocks = blocksOf(columns);
    return isQuantized(dtype) ? roundUp(blocks, ALCOVE_GROUP_BLOCKS) / ALCOVE_GROUP_BLOCKS : blocks;
}

// Words of a tile of 32 rows.
[[nodiscard]] constexpr std::uint32_t tileWords(DType dtype, std::uint64_t columns) {
    const std::uint32_t groups = rowGroups(dtype, columns);
    const std::uint32_t ofRow =
        isQuantized(dtype) ? groups * (ALCOVE_GROUP_BLOCKS * blockWords(dtype) + 1) : groups * blockWords(dtype);
    return ofRow * ALCOVE_TILE_ROWS;
}

// Rows of activations: floats, a whole number of blocks; or words of eight-bit activations, a whole number of groups.
[[nodiscard]] constexpr std::uint32_t floatPitch(std::uint64_t elements) {
    return roundUp(elements, ALCOVE_BLOCK);
}
[[nodiscard]] constexpr std::uint32_t bytePitch(std::uint64_t elements) {
    return roundUp(blocksOf(elements), ALCOVE_GROUP_BLOCKS) / ALCOVE_GROUP_BLOCKS * ALCOVE_GROUP_ACTIVATION_WORDS;
}

// Floats of the sums of squares of a row of activations.
[[nodiscard]] constexpr std::uint32_t squaresPitch(std::uint64_t elements) {
    return roundUp(blocksOf(elements), ALCOVE_SQUARES_ALIGN);
}

}  // namespace alcove::engine::vulkan
