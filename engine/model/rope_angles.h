// Cosines and sines of the rotary embedding.
#pragma once

#include <cstdint>
#include <vector>

namespace alcove::engine {

// [contextSize, pairs] pairs (cos, sin) of position · theta^(−2i / headDim), computed in double; zeros from pair
// headDim / 2 on.
[[nodiscard]] std::vector<float> ropeAngles(std::uint32_t contextSize, std::uint32_t headDim, std::uint32_t pairs,
                                            float theta);

}  // namespace alcove::engine
