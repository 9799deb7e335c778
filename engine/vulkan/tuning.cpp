#include "engine/vulkan/tuning.h"

namespace alcove::engine::vulkan {

namespace {

// Subgroups of whole sets of lanes, shuffles, and texel buffers as large as any storage buffer.
bool runsLean(const DeviceFeatures& features) {
    return features.subgroupShuffle && features.subgroupSize >= ALCOVE_LANES &&
           features.subgroupSize % ALCOVE_LANES == 0 && features.maxTexels >= features.maxStorageRange / kWordBytes;
}

}  // namespace

Tuning tuningFor(const PhysicalDevice& device) {
    Tuning tuning;
    if (device.info.kind == DeviceKind::Software) {
        tuning.byteActivations = true;
        tuning.chunkSize = 64;
        tuning.chunkMultiplications = 16'000'000'000;
        if (runsLean(device.features)) {
            tuning.variant = Variant::Lean;
            tuning.columns = {1, 4, 4};
            tuning.attentionColumns = 4;
        } else {
            tuning.columns = {1, 4, 4};
        }
        return tuning;
    }
    // Eight splits of eight lanes fill a subgroup of most GPUs; each reads whole 128-byte lines.
    tuning.project = {.invocations = 64, .tiles = 1};
    tuning.columns = {1, 4, 8};
    if (device.info.kind != DeviceKind::DiscreteGpu) {
        tuning.chunkMultiplications = 20'000'000'000;
    }
    return tuning;
}

}  // namespace alcove::engine::vulkan
