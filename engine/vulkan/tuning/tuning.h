// How the kernels are shaped for a device. The one place that knows devices apart.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/vulkan/driver/physical_device.h"
#include "engine/vulkan/resources/activations.h"

namespace alcove::engine::vulkan {

// Which code of a kernel runs.
enum class Variant : std::uint8_t {
    Plain,  // tier 0: storage buffers and shared memory
    Dot,    // Plain, but activations of eight bits are multiplied four at a time (tier 3)
    Lean,   // subgroup shuffles instead of shared memory, and inputs gathered as texels: for software drivers
};

// How many tokens at once, as of a prompt, are multiplied.
enum class PromptForm : std::uint8_t {
    Streamed,  // as a few are: each work group reads and unpacks weights for its few tokens
    Tiled,     // through shared memory, where weights are unpacked once for Tuning::columns.back() tokens
    Matrix,    // Tiled, by cooperative matrices (tier 5)
};

// What may be chosen anew for each device by trying (tuning_search.h).
struct TuningChoice {
    Variant variant = Variant::Plain;
    std::uint32_t invocations = 64;  // of a work group of a projection: eight lanes, and splits of the columns
    std::uint32_t subgroupSize = 0;  // of projections; 0: the driver's choice
    PromptForm prompt = PromptForm::Streamed;

    [[nodiscard]] bool operator==(const TuningChoice&) const = default;
};

// Column counts that projections are compiled for: one token, a few (as many as a draft has, which come out as they do
// one at a time), many (with another form than Streamed).
enum class ColumnKind : std::uint8_t { One, Few, Many };
inline constexpr std::size_t kColumnKinds = 3;

struct Tuning {
    TuningChoice choice;
    bool byteActivations = false;                                  // for quantised weights
    std::array<std::uint32_t, kColumnKinds> columns = {1, 4, 32};  // tokens of a work group
    std::uint32_t tiles = 1;                                       // of 32 rows, of a work group
    std::uint32_t pairTiles = 2;                                   // of a work group of gate and up, an even number
    std::uint32_t attentionColumns = 1;                            // tokens of a work group of Lean attention
    std::uint32_t chunkSize = 128;                                 // tokens of one submission, at most ALCOVE_MAX_CHUNK
    // What a device of this kind about does, for the governor until it has measured.
    double multiplicationsPerSecond = 1e12;
    double submissionSeconds = 0.05;
    bool alwaysBarrier = false;  // for tests: a barrier before every dispatch

    [[nodiscard]] bool lean() const { return choice.variant == Variant::Lean; }
    // Tokens of a work group that a chunk of a prompt had best be a multiple of.
    [[nodiscard]] std::uint32_t promptColumns() const {
        return choice.prompt == PromptForm::Streamed ? columns[1] : columns[2];
    }
};

// The choice that asks for nothing beyond tier 0: what every other is checked against.
[[nodiscard]] TuningChoice plainChoice(const PhysicalDevice& device);
// What is likely best, without trying. The best there is for software drivers, where it was tried.
[[nodiscard]] TuningChoice likelyChoice(const PhysicalDevice& device);
// True if the device's features and limits allow it.
[[nodiscard]] bool isAllowed(const TuningChoice& choice, const DeviceFeatures& features);
[[nodiscard]] Tuning tuningFor(const PhysicalDevice& device, const TuningChoice& choice);

// Rounds of trying, each of which changes one thing of the best so far: the variant, the form of prompts, the work
// group, the subgroup.
inline constexpr int kTuningRounds = 4;
inline constexpr int kWorkGroupRound = 2;
// What is worth trying in a round, all of it allowed.
[[nodiscard]] std::vector<TuningChoice> alternatives(const PhysicalDevice& device, const TuningChoice& best, int round);

}  // namespace alcove::engine::vulkan
