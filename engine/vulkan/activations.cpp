#include "engine/vulkan/activations.h"

#include <algorithm>

#include "engine/vulkan/matrix.h"

namespace alcove::engine::vulkan {

ActivationPitches::ActivationPitches(const ModelConfig& config, const AttentionShape& shape)
    : x(rowPitch(config.hiddenSize)),
      qkv(qkvPitch(shape)),
      attended(rowPitch(std::uint64_t{config.headCount} * config.headDim)),
      gateUp(rowPitch(std::uint64_t{2} * config.ffnSize)),
      activated(rowPitch(config.ffnSize)) {
}

std::uint64_t ActivationPitches::widestBytes() const {
    return std::max({x, qkv, attended, gateUp, activated}) * sizeof(float);
}

std::uint64_t ActivationPitches::bytes(std::uint32_t tokens) const {
    return tokens * sizeof(float) * (std::uint64_t{2} * x + qkv + attended + gateUp + activated);
}

Activations::Activations(const Device& device, const ActivationPitches& pitches, std::uint32_t tokens) {
    const auto make = [&](std::uint32_t pitch, const char* name) {
        return Buffer(device, std::uint64_t{tokens} * pitch * sizeof(float), MemoryUse::DeviceOnly, name);
    };
    x = make(pitches.x, "x");
    normed = make(pitches.x, "normed");
    qkv = make(pitches.qkv, "qkv");
    attended = make(pitches.attended, "attended");
    gateUp = make(pitches.gateUp, "gate and up");
    activated = make(pitches.activated, "activated");
}

}  // namespace alcove::engine::vulkan
