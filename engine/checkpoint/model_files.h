// Which files of a checkpoint folder hold the weights.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace alcove::engine {

enum class WeightFormat { Safetensors, TorchArchive };

struct ModelFiles {
    WeightFormat format = WeightFormat::Safetensors;
    std::vector<std::filesystem::path> weights;  // in the order of their names
    // With an index: for each tensor, the position in `weights` of the file that must hold it. Otherwise empty.
    std::map<std::string, std::size_t> indexed;
};

// The first of model.safetensors, model.safetensors.index.json, pytorch_model.bin and
// pytorch_model.bin.index.json that exists; all other files in the folder are left alone. Throws
// Error{FileMissing} if there is none or a file of the index is missing, Error{FileDamaged} if the index is
// malformed or names anything but plain files of this folder.
[[nodiscard]] ModelFiles findModelFiles(const std::filesystem::path& folder);

}  // namespace alcove::engine
