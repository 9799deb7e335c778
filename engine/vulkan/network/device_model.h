// Everything of one model in device memory.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/sentence.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/vulkan/network/kv_cache.h"
#include "engine/vulkan/network/operations.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "engine/vulkan/network/weights.h"
#include "engine/vulkan/resources/activations.h"
#include "engine/vulkan/tuning/tuning.h"

namespace alcove::engine::vulkan {

struct DeviceModel {
    AttentionShape attentionShape;
    ActivationShape activationShape;
    KernelNeeds kernelNeeds;
    std::uint32_t chunkSize = 0;    // rows of the activations
    Sentence memoryNote;            // what was given up to make it fit, for people; empty: nothing
    std::uint64_t weightBytes = 0;  // padding included
    Weights weights;
    KvCache cache;            // zero
    Activations activations;  // zero; the ends of rows, beyond their true size, stay so
    Buffer angles;            // [context, headBlocks · 16] pairs of cosine and sine
    Buffer state;             // struct DecodeState of shaders/interface.h
    Buffer logits;            // [vocab], read by the host
};

// Checks that there is room for all of it, then allocates and uploads. Throws Error{OutOfMemory, Unsupported,
// NotFinite, Cancelled, DeviceLost}.
[[nodiscard]] DeviceModel loadModel(const Device& device, const Tuning& tuning, const ModelConfig& config,
                                    const ModelWeights& weights, const VulkanForwardPassOptions& options);

}  // namespace alcove::engine::vulkan
