#include "engine/model/normalised_error.h"

#include <cmath>
#include <cstddef>
#include <limits>

namespace alcove::engine {

double normalisedError(std::span<const float> got, std::span<const float> expected) {
    constexpr double kNone = std::numeric_limits<double>::infinity();
    if (got.size() != expected.size()) {
        return kNone;
    }
    double error = 0;
    double size = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double difference = double{got[i]} - double{expected[i]};
        error += difference * difference;
        size += double{expected[i]} * double{expected[i]};
    }
    return std::isfinite(error) && size > 0 ? error / size : kNone;
}

}  // namespace alcove::engine
