#include "engine/vulkan/resources/activations.h"

#include <algorithm>

namespace alcove::engine::vulkan {

ActivationShape::ActivationShape(const ModelConfig& config, ActivationType activationType)
    : h(config.hiddenSize),
      f(config.ffnSize),
      attended(config.headCount * config.headDim),
      queries(config.headCount * roundUp(config.headDim, ALCOVE_BLOCK)),
      type(activationType) {
}

std::uint64_t ActivationShape::widestRowBytes() const {
    return std::max({floatPitch(h), queries, floatPitch(attended), floatPitch(f)}) * sizeof(float);
}

std::uint64_t ActivationShape::rowBytes() const {
    const std::uint64_t floats = floatPitch(h) + squaresPitch(h) + queries + floatPitch(attended);
    return floats * sizeof(float) + kWordBytes * (std::uint64_t{inputWords(h)} + inputWords(attended) + inputWords(f));
}

Activations::Activations(const Device& device, const ActivationShape& shape, std::uint32_t tokens) {
    const auto floats = [&](std::uint64_t pitch, const char* name) {
        return Buffer(device, tokens * pitch * sizeof(float), MemoryUse::DeviceOnly, name);
    };
    const auto input = [&](std::uint64_t elements, const char* name) {
        return floats(std::uint64_t{shape.inputWords(elements)} * kWordFloats, name);
    };
    x = floats(floatPitch(shape.h), "x");
    z = input(shape.h, "z");
    squares = floats(squaresPitch(shape.h), "sums of squares");
    queries = floats(shape.queries, "queries");
    heads = floats(floatPitch(shape.attended), "heads");
    attended = input(shape.attended, "attended");
    activated = input(shape.f, "activated");
}

std::vector<const Buffer*> Activations::all() const {
    return {&x, &z, &squares, &queries, &heads, &attended, &activated};
}

}  // namespace alcove::engine::vulkan
