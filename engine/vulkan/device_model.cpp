#include "engine/vulkan/device_model.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "engine/error.h"
#include "engine/vulkan/rope_angles.h"
#include "engine/vulkan/uploader.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint32_t kMaxGroups = 65535;  // of a dispatch in one dimension, promised by Vulkan

void requireSupported(const ModelConfig& config) {
    if (config.headDim == 0 || config.headDim % 2 != 0 || config.headDim > ALCOVE_MAX_HEAD_DIM) {
        throw Error(ErrorCode::Unsupported, "This model's attention heads have " + std::to_string(config.headDim) +
                                                " dimensions; Alcove runs even sizes up to " +
                                                std::to_string(ALCOVE_MAX_HEAD_DIM) + ".");
    }
}

// Of one token, without attention over the context.
std::uint64_t multiplications(const ModelConfig& config) {
    const std::uint64_t headColumns =
        (2 * std::uint64_t{config.headCount} + 2 * std::uint64_t{config.kvHeadCount}) * config.headDim;
    return std::uint64_t{config.layerCount} * config.hiddenSize * (headColumns + 3 * std::uint64_t{config.ffnSize});
}

std::uint32_t chunkSizeFor(const Device& device, const Tuning& tuning, const ModelConfig& config,
                           const ActivationPitches& pitches, const VulkanForwardPassOptions& options) {
    const std::uint64_t fitting = device.maxStorageRange() / pitches.widestBytes();
    if (fitting == 0) {
        throw Error(ErrorCode::Unsupported, "This model is too wide for " + device.name() + ". Choose another device.");
    }
    const std::uint64_t columns = tuning.many.columns;
    const std::uint64_t quick =
        std::max<std::uint64_t>(tuning.chunkMultiplications / multiplications(config) / columns, 1) * columns;
    const std::uint32_t asked = options.maxChunkSize == 0 ? tuning.chunkSize : options.maxChunkSize;
    return static_cast<std::uint32_t>(
        std::min<std::uint64_t>({fitting, quick, tuning.chunkSize, asked, options.contextSize}));
}

void requireMemory(const Device& device, std::uint64_t weights, std::uint64_t cache, std::uint64_t work) {
    const std::uint64_t need = weights + cache + work;
    const std::uint64_t have = availableMemory(device);
    if (need > have) {
        throw Error(ErrorCode::OutOfMemory, "This checkpoint needs " + sizeText(need) + " of memory on " +
                                                device.name() + " (" + sizeText(weights) + " of weights, " +
                                                sizeText(cache) + " for the context), but only " + sizeText(have) +
                                                " are free. Close other programs, or choose a smaller context or a "
                                                "smaller checkpoint.");
    }
}

}  // namespace

DeviceModel loadModel(const Device& device, const Tuning& tuning, const ModelConfig& config,
                      const ModelWeights& weights, const VulkanForwardPassOptions& options) {
    requireSupported(config);
    const AttentionShape shape{.heads = config.headCount,
                               .cache = {.layers = config.layerCount,
                                         .kvHeads = config.kvHeadCount,
                                         .headDim = config.headDim,
                                         .contextSize = options.contextSize}};
    const ActivationPitches pitches(config, shape);
    const std::uint32_t chunkSize = chunkSizeFor(device, tuning, config, pitches, options);
    const std::uint32_t rowsPerGroup = std::min(tuning.one.rowsPerGroup(), tuning.many.rowsPerGroup());
    const WeightsPlan plan = planWeights(weights, device.maxStorageRange(), kMaxGroups * rowsPerGroup);
    const std::uint64_t weightBytes = plan.bytes();
    const std::uint64_t logitBytes = config.vocabSize * sizeof(float);
    const std::uint64_t angleBytes = std::uint64_t{options.contextSize} * config.headDim * sizeof(float);
    requireMemory(device, weightBytes, shape.cache.bytes(),
                  pitches.bytes(chunkSize) + angleBytes + logitBytes + kStagingBytes);

    KvCache cache(device, shape.cache);
    Activations activations(device, pitches, chunkSize);
    Buffer angles(device, angleBytes, MemoryUse::DeviceOnly, "rope angles");
    Buffer state(device, sizeof(State), MemoryUse::Upload, "state");
    Buffer logits(device, logitBytes, MemoryUse::Readback, "logits");
    Weights deviceWeights(device, plan, weights);

    // Declared after the buffers: if loading is given up, it waits for the copies in flight before they go.
    std::uint64_t uploaded = 0;
    Uploader uploader(device, [&](std::uint64_t bytes) {
        if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) {
            throw Error(ErrorCode::Cancelled, "Loading the checkpoint was cancelled.");
        }
        uploaded += bytes;
        if (options.progress) {
            options.progress(
                std::min(1.0, static_cast<double>(uploaded) / static_cast<double>(angleBytes + weightBytes)));
        }
    });
    for (std::uint32_t layer = 0; layer < config.layerCount; ++layer) {
        for (const KvCache::Part& part : cache.layer(layer)) {
            uploader.clear(part.keys);
            uploader.clear(part.values);
        }
    }
    for (const Buffer* buffer : {&activations.x, &activations.normed, &activations.qkv, &activations.attended,
                                 &activations.gateUp, &activations.activated}) {
        uploader.clear(*buffer);
    }
    const std::vector<float> table = ropeAngles(options.contextSize, config.headDim, config.ropeTheta);
    uploader.write(angles, 0, std::as_bytes(std::span(table)), options.contextSize, config.headDim * sizeof(float));
    deviceWeights.upload(uploader, plan);
    return {.attentionShape = shape,
            .chunkSize = chunkSize,
            .weightBytes = weightBytes,
            .weights = std::move(deviceWeights),
            .cache = std::move(cache),
            .activations = std::move(activations),
            .angles = std::move(angles),
            .state = std::move(state),
            .logits = std::move(logits)};
}

}  // namespace alcove::engine::vulkan
