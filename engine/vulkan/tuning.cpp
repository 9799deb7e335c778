#include "engine/vulkan/tuning.h"

namespace alcove::engine::vulkan {

Tuning tuningFor(const PhysicalDevice& device) {
    Tuning tuning;
    if (device.info.kind == DeviceKind::Software) {
        // Every load is made lane by lane and shared memory and barriers are dear there: an invocation owns its
        // rows, and many of them, so that the activations are loaded once for all.
        // Small work groups give every core of a large processor some.
        tuning.one = {.invocations = 16, .lanes = 1, .rows = 8, .columns = 1};
        tuning.many = {.invocations = 8, .lanes = 1, .rows = 16, .columns = 8};
        tuning.chunkSize = 32;
        tuning.chunkMultiplications = 12'000'000'000;  // two cores do about 18 thousand million a second
        return tuning;
    }
    // Neighbouring lanes read neighbouring words of a row; the width fits one subgroup of most GPUs.
    tuning.one = {.invocations = 64, .lanes = 32, .rows = 4, .columns = 1};
    tuning.many = {.invocations = 64, .lanes = 32, .rows = 4, .columns = 8};
    if (device.info.kind != DeviceKind::DiscreteGpu) {
        tuning.chunkMultiplications = 20'000'000'000;
    }
    return tuning;
}

}  // namespace alcove::engine::vulkan
