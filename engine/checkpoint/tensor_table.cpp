#include "engine/checkpoint/tensor_table.h"

#include <utility>

#include "engine/checkpoint/safetensors.h"
#include "engine/checkpoint/torch_archive.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

// What a clone without Git LFS leaves in place of a large file.
void refuseLargeFilePointer(const MappedFile& file) {
    if (file.text().starts_with("version https://git-lfs")) {
        failDamaged(file.path(),
                    ALCOVE_TEXT("engine", "it is only a Git LFS pointer to the real file (git lfs pull fetches it)"));
    }
}

}  // namespace

void TensorTable::requireUnchanged() const {
    for (const MappedFile& file : files) {
        file.requireUnchanged();
    }
}

void TensorTable::releasePages() const {
    for (const MappedFile& file : files) {
        file.releasePages();
    }
}

TensorTable readTensors(const std::filesystem::path& folder, const ModelFiles& files) {
    TensorTable table;
    table.folder = folder;
    table.files.reserve(files.weights.size());
    for (const std::filesystem::path& path : files.weights) {
        const std::size_t position = table.files.size();
        const MappedFile& file = table.files.emplace_back(path);
        refuseLargeFilePointer(file);
        std::vector<TensorView> views = file.unchangedAfter(
            [&] { return files.format == WeightFormat::Safetensors ? readSafetensors(file) : readTorchArchive(file); });
        for (TensorView& view : views) {
            std::string name = view.name;
            const auto [place, added] = table.tensors.emplace(std::move(name), StoredTensor{std::move(view), position});
            if (!added) {
                failDamaged(path, ALCOVE_TEXT("engine", "%1 is also in %2"), shown(place->first),
                            table.fileOf(place->second));
            }
        }
    }
    for (const auto& [name, position] : files.indexed) {
        const auto found = table.tensors.find(name);
        if (found == table.tensors.end() || found->second.file != position) {
            failDamaged(table.files[position].path(),
                        ALCOVE_TEXT("engine", "it lacks %1, which the index places there"), shown(name));
        }
    }
    return table;
}

}  // namespace alcove::engine
