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
                           const ActivationShape& shape, const VulkanForwardPassOptions& options) {
    const std::uint64_t fitting = device.maxStorageRange() / shape.widestRowBytes();
    if (fitting == 0) {
        throw Error(ErrorCode::Unsupported, "This model is too wide for " + device.name() + ". Choose another device.");
    }
    const std::uint64_t columns = tuning.columns.back();
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
                                         .contextSize = options.contextSize,
                                         .type = options.kvType}};
    const WeightsPlan plan = planWeights(config, weights, device.maxStorageRange());
    const bool bytes = tuning.byteActivations && plan.allQuantized();
    const ActivationShape activationShape(config, bytes ? ActivationType::Bytes : ActivationType::Floats);
    const std::uint32_t chunkSize = chunkSizeFor(device, tuning, config, activationShape, options);
    const std::uint64_t weightBytes = plan.bytes();
    const std::uint64_t logitBytes = std::uint64_t{floatPitch(config.vocabSize)} * sizeof(float);
    const std::vector<float> table =
        ropeAngles(options.contextSize, config.headDim, shape.cache.headBlocks() * ALCOVE_BLOCK / 2, config.ropeTheta);
    const std::uint64_t angleBytes = table.size() * sizeof(float);
    requireMemory(device, weightBytes, shape.cache.bytes(),
                  activationShape.rowBytes() * chunkSize + angleBytes + logitBytes + kStagingBytes);

    KvCache cache(device, shape.cache);
    Activations activations(device, activationShape, chunkSize);
    Buffer angles(device, angleBytes, MemoryUse::DeviceOnly, "rope angles");
    Buffer state(device, sizeof(State), MemoryUse::Upload, "state");
    Buffer logits(device, logitBytes, MemoryUse::Readback, "logits");
    Weights deviceWeights(device, plan, weights);

    // Declared after the buffers: if loading is given up, it waits for the copies in flight before they go.
    std::uint64_t uploaded = 0;
    const auto onChunk = [&](std::uint64_t chunkBytes) {
        if (options.cancel != nullptr && options.cancel->load(std::memory_order_relaxed)) {
            throw Error(ErrorCode::Cancelled, "Loading the checkpoint was cancelled.");
        }
        uploaded += chunkBytes;
        if (options.progress) {
            options.progress(
                std::min(1.0, static_cast<double>(uploaded) / static_cast<double>(angleBytes + weightBytes)));
        }
    };
    Uploader uploader(device, onChunk, plan.largestTileBytes());
    for (std::uint32_t layer = 0; layer < config.layerCount; ++layer) {
        uploader.clear(cache.layer(layer).keys);
        uploader.clear(cache.layer(layer).values);
    }
    for (const Buffer* buffer : activations.all()) {
        uploader.clear(*buffer);
    }
    uploader.write(angles, 0, std::as_bytes(std::span(table)), options.contextSize, angleBytes / options.contextSize);
    deviceWeights.upload(uploader, plan);
    return {.attentionShape = shape,
            .activationShape = activationShape,
            .kernelNeeds = plan.kernelNeeds(activationShape.type, options.kvType, config.headDim),
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
