#include "engine/vulkan/rope_angles.h"

#include <cmath>

namespace alcove::engine::vulkan {

std::vector<float> ropeAngles(std::uint32_t contextSize, std::uint32_t headDim, float theta) {
    const std::uint32_t pairs = headDim / 2;
    std::vector<double> frequencies(pairs);
    for (std::uint32_t i = 0; i < pairs; ++i) {
        frequencies[i] = std::pow(static_cast<double>(theta), -2.0 * i / headDim);
    }
    std::vector<float> angles;
    angles.reserve(std::size_t{contextSize} * headDim);
    for (std::uint32_t position = 0; position < contextSize; ++position) {
        for (const double frequency : frequencies) {
            angles.push_back(static_cast<float>(std::cos(position * frequency)));
            angles.push_back(static_cast<float>(std::sin(position * frequency)));
        }
    }
    return angles;
}

}  // namespace alcove::engine::vulkan
