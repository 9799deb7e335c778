// What a device offers beyond Vulkan 1.1, in one place: read once, corrected for known faults of drivers (quirks.h),
// narrowed for tests, and then enabled exactly as it stands.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include <volk.h>

#include "engine/vulkan/driver/extensions.h"

namespace alcove::engine::vulkan {

// Groups of features that kernels come in variants for. T0 is what every device has: f32 arithmetic, packed data in
// 32-bit words, and the limits of shaders/interface.h.
enum class Tier : std::uint8_t {
    T0,
    T1,  // subgroup arithmetic, of any width from 4 to 128
    T2,  // 16-bit floats in arithmetic and in storage buffers
    T3,  // packed 4 x 8-bit integer dot products in hardware
    T4,  // a subgroup width that the program chooses
    T5,  // cooperative matrices, with T1, T4 and 16-bit arithmetic
};

// Matrices that a subgroup multiplies at once: [m, k] · [k, n] of 16-bit floats, summed in 32 bits. Powers of two, of
// which ALCOVE_BLOCK is a multiple; zeros: none.
struct MatrixShape {
    std::uint32_t m = 0;
    std::uint32_t n = 0;
    std::uint32_t k = 0;

    [[nodiscard]] bool operator==(const MatrixShape&) const = default;
};

struct DeviceFeatures {
    // In compute shaders.
    std::uint32_t subgroupSize = 0;  // the width that shaders get which do not ask for one; 0: not reported
    bool subgroupArithmetic = false;
    bool subgroupShuffle = false;
    bool subgroupBallot = false;
    // PipelineInfo::requiredSubgroupSize works, for powers of two from min to max.
    bool subgroupSizeControl = false;
    std::uint32_t minSubgroupSize = 0;
    std::uint32_t maxSubgroupSize = 0;

    bool float16 = false;    // arithmetic
    bool storage16 = false;  // 16-bit members of storage buffers
    bool storage8 = false;
    bool int16 = false;
    bool int8 = false;
    bool integerDot = false;             // OpSDot and its kin may be used
    bool integerDotAccelerated = false;  // and signed 4 x 8-bit packed ones are one instruction
    MatrixShape matrix;                  // cooperative matrices; none either if this build has no shader for them

    bool timelineSemaphore = false;
    bool lowPriority = false;  // a queue of low priority may be requested, and may be refused
    bool memoryBudget = false;
    bool pipelineStatistics = false;  // registers, spills and so on of a compiled pipeline

    // 16-byte words (R32G32B32A32_UINT) that a uniform texel buffer may have; 0: that format does not work.
    std::uint64_t maxTexels = 0;
    std::uint64_t maxStorageRange = 0;  // bytes of one storage buffer, a multiple of 16
    std::uint32_t maxSharedBytes = 0;   // of a work group
    std::uint32_t maxInvocations = 0;   // of a work group, along x

    // True if everything that this tier adds is there. A device may have one tier without those below it: kernels
    // are chosen by single features, never by tier().
    [[nodiscard]] bool has(Tier tier) const;
    // The highest tier that is there with all those below it. For tests and reports.
    [[nodiscard]] Tier tier() const;
};

// Narrower limits than the device's, for tests. 0: the device's own.
struct LimitsClamp {
    std::uint64_t maxStorageRange = 0;
    std::uint32_t maxSharedBytes = 0;
    std::uint32_t maxInvocations = 0;
    bool noFloat16 = false;
    bool noTimeline = false;

    // The minimum that a laptop's graphics processor offers: Vulkan's guaranteed limits and no 16-bit arithmetic.
    [[nodiscard]] static LimitsClamp smallLaptop();
};

// Reads what `device` offers, as far as `apiVersion` (the lesser of the device's and the instance's, at least 1.1)
// and its extensions reach, for queues of `queueFamily`.
[[nodiscard]] DeviceFeatures readFeatures(VkInstance instance, VkPhysicalDevice device,
                                          const DeviceExtensions& extensions, std::uint32_t apiVersion,
                                          std::uint32_t queueFamily);

// `features` without everything above `maxTier` and beyond `limits`.
[[nodiscard]] DeviceFeatures clamped(DeviceFeatures features, std::optional<Tier> maxTier, const LimitsClamp& limits);

// One line for reports: "tier T2, subgroups of 8, f16, ...".
[[nodiscard]] std::string describeFeatures(const DeviceFeatures& features);

}  // namespace alcove::engine::vulkan
