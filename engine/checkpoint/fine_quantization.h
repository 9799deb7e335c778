// Q4_0 blocks with better scales than the reference's, for files that are written once and read often.
#pragma once

#include <cstddef>
#include <span>

#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

// As quantize() (quantization.h), of which it takes the sizes and the types. A block of Q4_0 gets, of some tens of
// scales that are tried, the one with the least sum of squared errors; the reference only makes the largest value
// exact. The error is never larger than the reference's, and any reader of Q4_0 can read the result. Other types are as
// quantize() makes them.
void quantizeFinely(DType dtype, std::span<const float> values, std::span<std::byte> blocks);

}  // namespace alcove::engine
