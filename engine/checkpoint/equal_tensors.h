// Finds tensors that are one and the same, by their place in the file or by their content. Both that read content throw
// Error{Cancelled}.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

// True if both have the same dtype, shape and bytes. Views of one storage are equal without being read.
[[nodiscard]] bool sameContent(const TensorView& a, const TensorView& b, const Cancellation& cancel = {});

// True if both are the same bytes of the same file.
[[nodiscard]] bool sameStorage(const TensorView& a, const TensorView& b);

// For each tensor, the index of the first one in the list with the same content. Reads 4 KiB of each tensor, and the
// whole of those whose beginnings agree (twice: once for a hash, once to compare).
[[nodiscard]] std::vector<std::size_t> groupByContent(std::span<const TensorView> tensors,
                                                      const Cancellation& cancel = {});

}  // namespace alcove::engine
