// The parameters of the kernels for a device. The one place that treats devices differently.
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
    Dot,    // Plain, but eight-bit activations are multiplied four at a time (tier 3)
    Lean,   // subgroup shuffles instead of shared memory, and inputs gathered as texels: for software drivers
};

// How a block of many tokens, such as a part of a prompt, is multiplied.
enum class PromptForm : std::uint8_t {
    Streamed,  // as a few tokens are: each work group reads and unpacks weights for its few tokens
    Tiled,     // through shared memory, where weights are unpacked once for Tuning::tokens.back() tokens
    Matrix,    // Tiled, by cooperative matrices (tier 5)
};

// The kernels that run on a device, and their shapes: found for each device by trial (tuning_search.h).
struct KernelSelection {
    Variant variant = Variant::Plain;
    std::uint32_t invocations = 64;  // of a work group of a projection: eight lanes, and splits of the columns
    std::uint32_t subgroupSize = 0;  // of projections; 0: the driver's choice
    PromptForm prompt = PromptForm::Streamed;

    [[nodiscard]] bool operator==(const KernelSelection&) const = default;
};

// Token counts that projections are compiled for: one token, a few (as many as a draft has, which come out as they do
// one at a time), many (with another form than Streamed).
enum class TokenCount : std::uint8_t { One, Few, Many };
inline constexpr std::size_t kTokenCounts = 3;

struct Tuning {
    KernelSelection selection;
    bool byteActivations = false;                                 // for quantised weights
    std::array<std::uint32_t, kTokenCounts> tokens = {1, 4, 32};  // tokens of a work group
    std::uint32_t tiles = 1;                                      // of 32 rows, of a work group
    std::uint32_t pairTiles = 2;                                  // of a work group of gate and up, an even number
    std::uint32_t attentionTokens = 1;                            // tokens of a work group of Lean attention
    std::uint32_t chunkSize = 128;                                // tokens of one submission, at most ALCOVE_MAX_CHUNK
    // A rough figure for devices of this kind, which the governor uses until it has measured.
    double multiplicationsPerSecond = 1e12;
    double submissionSeconds = 0.05;
    bool alwaysBarrier = false;  // for tests: a barrier before every dispatch

    [[nodiscard]] bool lean() const { return selection.variant == Variant::Lean; }
    // Tokens of a work group that a chunk of a prompt had best be a multiple of.
    [[nodiscard]] std::uint32_t promptTokens() const {
        return selection.prompt == PromptForm::Streamed ? tokens[1] : tokens[2];
    }
};

// The selection that asks for nothing beyond tier 0: what every other is checked against.
[[nodiscard]] KernelSelection plainSelection(const PhysicalDevice& device);
// What is likely best, without trying. The best there is for software drivers, where it was tried.
[[nodiscard]] KernelSelection likelySelection(const PhysicalDevice& device);
// True if the device's features and limits allow it.
[[nodiscard]] bool isAllowed(const KernelSelection& selection, const DeviceFeatures& features);
[[nodiscard]] Tuning tuningFor(const PhysicalDevice& device, const KernelSelection& selection);

// Rounds of trying, each of which changes one thing of the best so far: the variant, the form of prompts, the work
// group, the subgroup.
inline constexpr int kTuningRounds = 4;
inline constexpr int kWorkGroupRound = 2;
// What is worth trying in a round, all of it allowed.
[[nodiscard]] std::vector<KernelSelection> alternatives(const PhysicalDevice& device, const KernelSelection& best,
                                                        int round);

}  // namespace alcove::engine::vulkan
