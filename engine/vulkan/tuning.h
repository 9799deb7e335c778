// How the kernels are shaped for a device. The one place that knows devices apart.
#pragma once

#include <array>
#include <cstdint>

#include "engine/vulkan/activations.h"
#include "engine/vulkan/physical_device.h"

namespace alcove::engine::vulkan {

// Which code of a kernel runs.
enum class Variant : std::uint8_t {
    Plain,  // tier 0: storage buffers and shared memory
    Lean,   // subgroup shuffles instead of shared memory, and inputs gathered as texels: for software drivers
};

// Specialisation of project.comp.
struct ProjectShape {
    std::uint32_t invocations = 8;  // of a work group, a multiple of 8: eight lanes, and splits of the columns
    std::uint32_t tiles = 1;        // of 32 rows, an even number where a pair of tiles belongs together
};

// Column counts that projections are compiled for: one token, several.
inline constexpr std::size_t kColumnKinds = 2;

struct Tuning {
    Variant variant = Variant::Plain;
    bool byteActivations = false;                              // for quantised weights
    std::array<std::uint32_t, kColumnKinds> columns = {1, 4};  // tokens of a work group
    ProjectShape project;
    std::uint32_t pairTiles = 2;         // of a work group of gate and up
    std::uint32_t attentionColumns = 1;  // tokens of a work group of Lean attention
    std::uint32_t chunkSize = 128;       // tokens of one submission, at most ALCOVE_MAX_CHUNK
    // What a device of this kind about does, for the governor until it has measured.
    double multiplicationsPerSecond = 1e12;
    double submissionSeconds = 0.05;
    bool alwaysBarrier = false;  // for tests: a barrier before every dispatch

    // Index of the kind of kernel for n tokens.
    [[nodiscard]] std::size_t columnKind(std::uint32_t n) const { return n == 1 ? 0 : 1; }
};

[[nodiscard]] Tuning tuningFor(const PhysicalDevice& device);

}  // namespace alcove::engine::vulkan
