// What torch.save writes since PyTorch 1.6: a ZIP archive with a pickle (NAME/data.pkl) that describes tensors, and
// their storages (NAME/data/KEY) as stored entries.
#pragma once

#include <vector>

#include "engine/checkpoint/tensor.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

// All tensors of the archive's state dict, as views onto the file's mapping; several may lie on one storage. Throws
// Error{FileDamaged} if archive, pickle and storages do not agree, Error{Unsupported} for other dtypes, strided
// tensors, the format before 1.6, or a pickle that asks for anything but tensors.
[[nodiscard]] std::vector<TensorView> readTorchArchive(const MappedFile& file);

}  // namespace alcove::engine
