// How fast a device reads memory.
#pragma once

#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/resources/pipeline_cache.h"

namespace alcove::engine::vulkan {

// Bytes per second of a kernel that only reads, over a buffer too large for caches where the device allows one: the
// best of several runs, submission and wait included. Throws Error{OutOfMemory, DeviceLost}.
[[nodiscard]] double measureReadBandwidth(const Device& device, const PipelineCache& cache);

}  // namespace alcove::engine::vulkan
