// Cosines and sines of the rotary embedding.
#pragma once

#include <cstdint>
#include <vector>

namespace alcove::engine::vulkan {

// [contextSize, headDim / 2] pairs (cos, sin) of position · theta^(−2i / headDim), computed in double.
[[nodiscard]] std::vector<float> ropeAngles(std::uint32_t contextSize, std::uint32_t headDim, float theta);

}  // namespace alcove::engine::vulkan
