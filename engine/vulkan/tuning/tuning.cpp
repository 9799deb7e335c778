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

KernelSelection plainSelection(const PhysicalDevice& device) {
    // Eight splits of eight lanes fill a subgroup of most GPUs; each reads whole 128-byte lines. With a software
    // driver splits only cost synchronisation.
    return {.variant = Variant::Plain, .invocations = isSoftware(device) ? ALCOVE_LANES : 8U * ALCOVE_LANES};
}

KernelSelection likelySelection(const PhysicalDevice& device) {
    KernelSelection selection = plainSelection(device);
    if (isSoftware(device) && runsLean(device.features)) {
        selection.variant = Variant::Lean;
    } else if (!isSoftware(device) && device.features.has(Tier::T3)) {
        selection.variant = Variant::Dot;
    }
    return selection;
}

bool isAllowed(const KernelSelection& selection, const DeviceFeatures& features) {
    if (selection.invocations < ALCOVE_LANES || selection.invocations % ALCOVE_LANES != 0 ||
        selection.invocations > ALCOVE_MAX_INVOCATIONS || selection.invocations > features.maxInvocations) {
        return false;
    }
    if (selection.subgroupSize != 0 &&
        (!features.has(Tier::T4) || !std::has_single_bit(selection.subgroupSize) ||
         selection.subgroupSize < features.minSubgroupSize || selection.subgroupSize > features.maxSubgroupSize)) {
        return false;
    }
    if (selection.prompt != PromptForm::Streamed && selection.variant == Variant::Lean) {
        return false;  // all forms of a projection take the same kinds of buffers
    }
    if (selection.prompt == PromptForm::Matrix &&
        (!features.has(Tier::T5) || features.maxSharedBytes < kMatrixSharedBytes)) {
        return false;
    }
    switch (selection.variant) {
        case Variant::Plain:
            return true;
        case Variant::Dot:
            return features.integerDot;
        case Variant::Lean:
            break;
    }
    return runsLean(features);
}

std::vector<KernelSelection> alternatives(const PhysicalDevice& device, const KernelSelection& best, int round) {
    std::vector<KernelSelection> result;
    const auto add = [&](KernelSelection selection) {
        if (selection != best && isAllowed(selection, device.features)) {
            result.push_back(selection);
        }
    };
    KernelSelection other = best;
    switch (round) {
        case 0:
            // Dot products that the device has no instruction for are slower than floats.
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

Tuning tuningFor(const PhysicalDevice& device, const KernelSelection& selection) {
    Tuning tuning;
    tuning.selection = selection;
    tuning.byteActivations = selection.variant == Variant::Dot || isSoftware(device);
    if (isSoftware(device)) {
        tuning.chunkSize = 64;
        tuning.multiplicationsPerSecond = 2e10;
        tuning.attentionTokens = tuning.lean() ? 4 : 1;
        return tuning;
    }
    // It also draws the screen, which must not be held up for long.
    tuning.submissionSeconds = 0.008;
    tuning.multiplicationsPerSecond = device.info.kind == DeviceKind::DiscreteGpu ? 1e12 : 1e11;
    return tuning;
}

}  // namespace alcove::engine::vulkan
