// The activations of one chunk of tokens, in device memory.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/checkpoint/model_config.h"
#include "engine/vulkan/resources/buffer.h"
#include "engine/vulkan/resources/layout.h"

namespace alcove::engine::vulkan {

// What projections take their input as.
enum class ActivationType : std::uint8_t { Floats, Bytes };

struct ActivationShape {
    std::uint32_t h = 0;         // hidden size
    std::uint32_t f = 0;         // feed-forward size
    std::uint32_t attended = 0;  // heads · hd
    std::uint32_t queries = 0;   // heads · headBlocks · 32
    ActivationType type = ActivationType::Floats;

    ActivationShape(const ModelConfig& config, ActivationType activationType);
    // Words of a row of an input of `elements`.
    [[nodiscard]] std::uint32_t inputWords(std::uint64_t elements) const {
        return type == ActivationType::Bytes ? bytePitch(elements) : floatPitch(elements) / kWordFloats;
    }
    // True if a head's output is whole blocks, so that attention can write eight-bit activations itself.
    [[nodiscard]] bool attentionWritesInput(std::uint32_t headDim) const {
        return type == ActivationType::Floats || headDim % ALCOVE_BLOCK == 0;
    }
    [[nodiscard]] std::uint64_t widestRowBytes() const;
    [[nodiscard]] std::uint64_t rowBytes() const;  // of all activations together
};

struct Activations {
    Buffer x;          // [n, h] floats: the residual stream
    Buffer z;          // [n, h] γ ⊙ x, an input
    Buffer squares;    // [n, blocks of h] floats: sums of squares of x
    Buffer queries;    // [n, heads, headBlocks · 32] floats
    Buffer heads;      // [n, heads · hd] floats, where attention cannot write `attended`
    Buffer attended;   // [n, heads · hd], an input
    Buffer activated;  // [n, f], an input

    // Room for `tokens` rows. To be cleared before use: what lies beyond a row's true size must stay zero.
    Activations(const Device& device, const ActivationShape& shape, std::uint32_t tokens);
    [[nodiscard]] std::vector<const Buffer*> all() const;
};

}  // namespace alcove::engine::vulkan
