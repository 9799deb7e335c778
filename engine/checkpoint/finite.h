// Looks for NaN and infinity in weights.
#pragma once

#include "engine/base/cancellation.h"
#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

// Throws Error{NotFinite}, naming the tensor and its first bad element, if any element is NaN or infinite, and
// Error{Cancelled}. Reads each byte once, as raw words; thread-safe.
void requireFinite(const TensorView& tensor, const Cancellation& cancel = {});

// Whether all elements of a piece of a tensor, whole blocks, are finite. Thread-safe.
[[nodiscard]] bool allFinite(DType dtype, std::span<const std::byte> bytes);

}  // namespace alcove::engine
