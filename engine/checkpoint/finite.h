// Looks for NaN and infinity in weights.
#pragma once

#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

// Throws Error{NotFinite}, naming the tensor and its first bad element, if any element is NaN or infinite.
// Reads each byte once, as raw words; thread-safe.
void requireFinite(const TensorView& tensor);

}  // namespace alcove::engine
