// How far two devices, or two kernels, are apart in what they computed.
#pragma once

#include <span>

namespace alcove::engine {

// Σ (got − expected)² / Σ expected²; infinite where that is no number, or the two are not of one size.
[[nodiscard]] double normalisedError(std::span<const float> got, std::span<const float> expected);

}  // namespace alcove::engine
