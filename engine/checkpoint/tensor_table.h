// The named tensors of a checkpoint, from all of its files.
#pragma once

#include <filesystem>
#include <list>
#include <map>
#include <string>
#include <vector>

#include "engine/checkpoint/model_files.h"
#include "engine/checkpoint/tensor.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

struct StoredTensor {
    TensorView view;
    std::size_t file = 0;  // position in TensorTable::files
};

// Views point into `files` and `reordered`, which keep their addresses when the table is moved.
struct TensorTable {
    std::filesystem::path folder;  // or the one file that is the checkpoint
    std::vector<MappedFile> files;
    std::list<std::vector<std::byte>> reordered;  // what some views point into instead
    std::map<std::string, StoredTensor> tensors;

    [[nodiscard]] const std::filesystem::path& fileOf(const StoredTensor& tensor) const {
        return files[tensor.file].path();
    }

    // As MappedFile has them, for every file.
    void requireUnchanged() const;
    void releasePages() const;
};

// Maps and reads every file. Throws what the readers throw, and Error{FileDamaged} if two files hold the same name
// or a file lacks a tensor that the index places there.
[[nodiscard]] TensorTable readTensors(const std::filesystem::path& folder, const ModelFiles& files);

}  // namespace alcove::engine
