// The safetensors format: an 8-byte little-endian header length, a JSON header, then the tensors' bytes.
// https://github.com/huggingface/safetensors (README, "Format").
#pragma once

#include <vector>

#include "engine/checkpoint/tensor.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

// All tensors of the file, as views onto its mapping, in the order of their bytes. Throws Error{FileDamaged} if
// header, shapes, offsets and file size do not agree or tensors overlap, Error{Unsupported} for other dtypes.
[[nodiscard]] std::vector<TensorView> readSafetensors(const MappedFile& file);

}  // namespace alcove::engine
