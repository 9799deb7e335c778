#include "engine/model/rope_angles.h"

#include <cmath>

namespace alcove::engine {

std::vector<float> ropeAngles(std::uint32_t contextSize, std::uint32_t headDim, std::uint32_t pairs, float theta) {
    std::vector<double> frequencies(headDim / 2);
    for (std::uint32_t i = 0; i < frequencies.size(); ++i) {
        frequencies[i] = std::pow(static_cast<double>(theta), -2.0 * i / headDim);
    }
    std::vector<float> angles;
    angles.reserve(std::size_t{contextSize} * pairs * 2);
    for (std::uint32_t position = 0; position < contextSize; ++position) {
        for (const double frequency : frequencies) {
            angles.push_back(static_cast<float>(std::cos(position * frequency)));
            angles.push_back(static_cast<float>(std::sin(position * frequency)));
        }
        angles.resize(std::size_t{position + 1} * pairs * 2);
    }
    return angles;
}

}  // namespace alcove::engine
