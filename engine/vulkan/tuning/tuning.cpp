#include "engine/vulkan/tuning/tuning.h"

#include <bit>

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint32_t kMinSubgroup = 8;  // below, a register file is mostly idle
constexpr std::uint32_t kMaxSubgroup = 64;

// Of a work group of project_tiled.comp with cooperative matrices, rounded up: a pair of tiles and 32 tokens as halves,
// and their sums.
constexpr std::uint32_t kMatrixSharedBytes = 20480;

// Subgroups of whole sets of lanes, shuffles, and texel buffers as large as any storage buffer.
bool runsLean(const DeviceFeatures& features) {
    return features.subgroupShuffle && features.subgroupSize >= ALCOVE_LANES &&
           features.subgroupSize % ALCOVE_LANES == 0 && features.maxTexels >= features.maxStorageRange / kWordBytes;
}

bool isSoftware(const PhysicalDevice& device) {
    return device.info.kind == DeviceKind::Software;
}

}  // namespace

TuningChoice plainChoice(const PhysicalDevice& device) {
    // Eight splits of eight lanes fill a subgroup of most GPUs; each reads whole 128-byte lines. A software driver's
    // splits would only wait for one another.
    return {.variant = Variant::Plain, .invocations = isSoftware(device) ? ALCOVE_LANES : 8U * ALCOVE_LANES};
}

TuningChoice likelyChoice(const PhysicalDevice& device) {
    TuningChoice choice = plainChoice(device);
    if (isSoftware(device) && runsLean(device.features)) {
        choice.variant = Variant::Lean;
    } else if (!isSoftware(device) && device.features.has(Tier::T3)) {
        choice.variant = Variant::Dot;
    }
    return choice;
}

bool isAllowed(const TuningChoice& choice, const DeviceFeatures& features) {
    if (choice.invocations < ALCOVE_LANES || choice.invocations % ALCOVE_LANES != 0 ||
        choice.invocations > ALCOVE_MAX_INVOCATIONS || choice.invocations > features.maxInvocations) {
        return false;
    }
    if (choice.subgroupSize != 0 &&
        (!features.has(Tier::T4) || !std::has_single_bit(choice.subgroupSize) ||
         choice.subgroupSize < features.minSubgroupSize || choice.subgroupSize > features.maxSubgroupSize)) {
        return false;
    }
    if (choice.prompt != PromptForm::Streamed && choice.variant == Variant::Lean) {
        return false;  // all forms of a projection take the same kinds of buffers
    }
    if (choice.prompt == PromptForm::Matrix &&
        (!features.has(Tier::T5) || features.maxSharedBytes < kMatrixSharedBytes)) {
        return false;
    }
    switch (choice.variant) {
        case Variant::Plain:
            return true;
        case Variant::Dot:
            return features.integerDot;
        case Variant::Lean:
            break;
    }
    return runsLean(features);
}

std::vector<TuningChoice> alternatives(const PhysicalDevice& device, const TuningChoice& best, int round) {
    std::vector<TuningChoice> result;
    const auto add = [&](TuningChoice choice) {
        if (choice != best && isAllowed(choice, device.features)) {
            result.push_back(choice);
        }
    };
    TuningChoice other = best;
    switch (round) {
        case 0:
            // Dot products that are no instruction of the device are slower than floats.
            if (device.features.has(Tier::T3)) {
                other.variant = Variant::Dot;
                add(other);
            }
            break;
        case 1:
            for (const PromptForm form : {PromptForm::Tiled, PromptForm::Matrix}) {
                other.prompt = form;
                add(other);
            }
            break;
        case kWorkGroupRound:
            for (const std::uint32_t invocations : {32U, 64U, 128U}) {
                other.invocations = invocations;
                add(other);
            }
            break;
        default:
            for (std::uint32_t size = kMinSubgroup; size <= kMaxSubgroup; size *= 2) {
                other.subgroupSize = size;
                if (size != device.features.subgroupSize && best.invocations % size == 0) {
                    add(other);
                }
            }
    }
    return result;
}

Tuning tuningFor(const PhysicalDevice& device, const TuningChoice& choice) {
    Tuning tuning;
    tuning.choice = choice;
    tuning.byteActivations = choice.variant == Variant::Dot || isSoftware(device);
    if (isSoftware(device)) {
        tuning.chunkSize = 64;
        tuning.multiplicationsPerSecond = 2e10;
        tuning.attentionColumns = tuning.lean() ? 4 : 1;
        return tuning;
    }
    // It draws the screen: no frame may wait long.
    tuning.submissionSeconds = 0.008;
    tuning.multiplicationsPerSecond = device.info.kind == DeviceKind::DiscreteGpu ? 1e12 : 1e11;
    return tuning;
}

}  // namespace alcove::engine::vulkan
