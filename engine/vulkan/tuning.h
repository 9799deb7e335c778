// How the kernels are shaped for a device. The one place that knows devices apart.
#pragma once

#include <cstdint>

#include "engine/vulkan/physical_device.h"

namespace alcove::engine::vulkan {

// Specialisation of matmul.comp. lanes divides invocations; invocations * rows * columns floats of shared memory
// are used if lanes > 1.
struct MatmulShape {
    std::uint32_t invocations = 64;  // of a work group
    std::uint32_t lanes = 32;        // that share a row
    std::uint32_t rows = 4;          // of weights in a tile
    std::uint32_t columns = 1;       // tokens in a tile

    [[nodiscard]] std::uint32_t rowsPerGroup() const { return invocations / lanes * rows; }
};

struct Tuning {
    MatmulShape one;                // for one token
    MatmulShape many;               // for several
    std::uint32_t chunkSize = 128;  // tokens of one submission, at most ALCOVE_MAX_CHUNK
    // Multiplications of one submission: what keeps Stop quick, the desktop smooth, and the driver from taking long
    // work for a hang. A chunk is as many tokens as that allows, but at least one tile of columns.
    std::uint64_t chunkMultiplications = 80'000'000'000;
    bool alwaysBarrier = false;  // for tests: a barrier before every dispatch
};

[[nodiscard]] Tuning tuningFor(const PhysicalDevice& device);

}  // namespace alcove::engine::vulkan
