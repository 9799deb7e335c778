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
        tuning.multiplicationsPerSecond = 2e10;
        if (runsLean(device.features)) {
            tuning.variant = Variant::Lean;
            tuning.attentionColumns = 4;
        }
        return tuning;
    }
    // Eight splits of eight lanes fill a subgroup of most GPUs; each reads whole 128-byte lines.
    tuning.project = {.invocations = 64, .tiles = 1};
    // It draws the screen: no frame may wait long.
    tuning.submissionSeconds = 0.008;
    tuning.multiplicationsPerSecond = device.info.kind == DeviceKind::DiscreteGpu ? 1e12 : 1e11;
    return tuning;
}

}  // namespace alcove::engine::vulkan
