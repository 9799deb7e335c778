#include "engine/vulkan/network/device_model.h"

#include <algorithm>
#include <span>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/base/size_text.h"
#include "engine/model/memory_plan.h"
#include "engine/model/rope_angles.h"
#include "engine/vulkan/execution/uploader.h"
#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

void requireSupported(const ModelConfig& config) {
    if (config.headDim == 0 || config.headDim % 2 != 0 || config.headDim > ALCOVE_MAX_HEAD_DIM) {
        throw Error(
            ErrorCode::Unsupported,
            ALCOVE_TEXT("engine", "This model's attention heads have %1 dimensions; Alcove runs even sizes up to %2."),
            config.headDim, ALCOVE_MAX_HEAD_DIM);
    }
}

std::uint32_t chunkSizeFor(const Device& device, const Tuning& tuning, const ActivationShape& shape,
                           const VulkanForwardPassOptions& options) {
    const std::uint64_t fitting = device.maxStorageRange() / shape.widestRowBytes();
    if (fitting == 0) {
        throw Error(ErrorCode::Unsupported,
                    ALCOVE_TEXT("engine", "This model is too wide for %1. Choose another device."), device.name());
    }
    const std::uint32_t asked = options.maxChunkSize == 0 ? tuning.chunkSize : options.maxChunkSize;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>({fitting, tuning.chunkSize, asked, options.contextSize}));
}

// The longest context up to the wanted one of which a layer's keys can be addressed.
std::uint32_t addressableContext(const Device& device, KvCacheShape shape) {
    KvCacheShape tile = shape;
    tile.contextSize = ALCOVE_KEY_TILE;
    const std::uint64_t tiles = device.maxStorageRange() / tile.bufferBytes();
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(shape.contextSize, tiles * ALCOVE_KEY_TILE));
}

std::uint64_t positionBytes(KvCacheShape shape, KvType type) {
    shape.type = type;
    shape.contextSize = ALCOVE_KEY_TILE;
    return shape.bytes() / ALCOVE_KEY_TILE;
}

// What fits of the wanted context and precision. Throws Error{OutOfMemory} with the numbers if nothing does.
MemoryPlan fit(const Device& device, const KvCacheShape& wanted, std::uint64_t weightBytes, std::uint64_t workBytes,
               bool mayStepDown) {
    const std::uint64_t q8 = positionBytes(wanted, KvType::Q8);
    const std::uint32_t context = addressableContext(device, wanted);
    if (context == 0) {
        throw Error(ErrorCode::Unsupported,
                    ALCOVE_TEXT("engine", "This model is too wide for %1. Choose another device."), device.name());
    }
    MemoryPlan plan =
        planMemory({.weightBytes = weightBytes,
                    .workBytes = workBytes,
                    .positionBytesF16 = wanted.type == KvType::F16 ? positionBytes(wanted, KvType::F16) : q8,
                    .positionBytesQ8 = q8,
                    .availableBytes = availableMemory(device),
                    .wantedContext = context,
                    .mayStepDown = mayStepDown});
    if (!plan.fits) {
        throw Error(ErrorCode::OutOfMemory, plan.note);
    }
    if (wanted.type == KvType::Q8) {
        plan.kvType = KvType::Q8;
    }
    if (context < wanted.contextSize && plan.note.empty()) {
        plan.note = {ALCOVE_TEXT("engine", "The context length is %1 tokens instead of %2: %3 cannot address more."),
                     context, wanted.contextSize, device.name()};
    }
    return plan;
}

Sentence memoryNote(const Device& device, const MemoryPlan& plan) {
    if (device.bytesInHostMemory() == 0) {
        return plan.note;
    }
    return Sentence::joined(
        {plan.note,
         {ALCOVE_TEXT("engine",
                      "%1 of the model are in the computer's memory, because that of %2 is full. Replies are slower."),
          sizeText(device.bytesInHostMemory()), device.name()}});
}

}  // namespace

DeviceModel loadModel(const Device& device, const Tuning& tuning, const ModelConfig& config,
                      const ModelWeights& weights, const VulkanForwardPassOptions& options) {
    requireSupported(config);
    AttentionShape shape{.heads = config.headCount,
                         .cache = {.layers = config.layerCount,
                                   .kvHeads = config.kvHeadCount,
                                   .headDim = config.headDim,
                                   .contextSize = options.contextSize,
                                   .type = options.kvType}};
    const WeightsPlan plan = planWeights(config, weights, device.maxStorageRange());
    const bool bytes = tuning.byteActivations && plan.allQuantized();
    const ActivationShape activationShape(config, bytes ? ActivationType::Bytes : ActivationType::Floats);
    const std::uint32_t chunkSize = chunkSizeFor(device, tuning, activationShape, options);
    const std::uint64_t weightBytes = plan.bytes();
    const std::uint64_t logitBytes = std::uint64_t{floatPitch(config.vocabSize)} * sizeof(float);
    const std::uint64_t positionAngles = std::uint64_t{shape.cache.headBlocks()} * ALCOVE_BLOCK * sizeof(float);
    const MemoryPlan memory = fit(device, shape.cache, weightBytes,
                                  activationShape.rowBytes() * chunkSize + positionAngles * options.contextSize +
                                      logitBytes * (ALCOVE_MAX_STEP_TOKENS + 1) + kStagingBytes,
                                  options.mayStepDown);
    shape.cache.type = memory.kvType;
    shape.cache.contextSize = memory.contextSize;
    const std::vector<float> table =
        ropeAngles(memory.contextSize, config.headDim, shape.cache.headBlocks() * ALCOVE_BLOCK / 2, config.ropeTheta);
    const std::uint64_t angleBytes = table.size() * sizeof(float);

    KvCache cache(device, shape.cache);
    Activations activations(device, activationShape, chunkSize);
    Buffer angles(device, angleBytes, MemoryUse::DeviceOnly, "rope angles");
    Buffer state(device, sizeof(DecodeState), MemoryUse::DeviceOnly, "state");
    Buffer logits(device, logitBytes, MemoryUse::Readback, "logits");
    Weights deviceWeights(device, plan, weights);

    // Declared after the buffers: if loading is cancelled, its destructor waits for the uploads in flight before
    // theirs.
    std::uint64_t uploaded = 0;
    const auto onChunk = [&](std::uint64_t chunkBytes) {
        device.cancellation().check(ALCOVE_TEXT("engine", "Opening the model was cancelled."));
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
    uploader.write(angles, 0, std::as_bytes(std::span(table)), memory.contextSize, positionAngles);
    deviceWeights.upload(uploader, plan, device.cancellation());
    return {.attentionShape = shape,
            .activationShape = activationShape,
            .kernelNeeds = plan.kernelNeeds(activationShape.type, memory.kvType, config.headDim),
            .chunkSize = std::min(chunkSize, memory.contextSize),
            .memoryNote = memoryNote(device, memory),
            .weightBytes = weightBytes,
            .weights = std::move(deviceWeights),
            .cache = std::move(cache),
            .activations = std::move(activations),
            .angles = std::move(angles),
            .state = std::move(state),
            .logits = std::move(logits)};
}

}  // namespace alcove::engine::vulkan
