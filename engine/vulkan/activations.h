// The values that one chunk of tokens has on its way through the model.
#pragma once

#include <cstdint>

#include "engine/checkpoint/model_config.h"
#include "engine/vulkan/buffer.h"
#include "engine/vulkan/operations.h"

namespace alcove::engine::vulkan {

// Floats of one row of each activation.
struct ActivationPitches {
    std::uint32_t x = 0;
    std::uint32_t qkv = 0;
    std::uint32_t attended = 0;
    std::uint32_t gateUp = 0;
    std::uint32_t activated = 0;

    ActivationPitches(const ModelConfig& config, const AttentionShape& shape);
    [[nodiscard]] std::uint64_t widestBytes() const;                // of one row
    [[nodiscard]] std::uint64_t bytes(std::uint32_t tokens) const;  // of all activations together
};

struct Activations {
    Buffer x;          // [n, h]                          the residual stream
    Buffer normed;     // [n, h]
    Buffer qkv;        // [n, (heads + 2 · kvHeads) · hd]
    Buffer attended;   // [n, heads · hd]
    Buffer gateUp;     // [n, 2 · f]
    Buffer activated;  // [n, f]

    // Room for `tokens` rows. Not cleared.
    Activations(const Device& device, const ActivationPitches& pitches, std::uint32_t tokens);
};

}  // namespace alcove::engine::vulkan
