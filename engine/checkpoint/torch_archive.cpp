#include "engine/checkpoint/torch_archive.h"

#include <optional>
#include <string>
#include <string_view>

#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/tensor_shape.h"
#include "engine/checkpoint/zip_reader.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

using Entries = std::map<std::string, ZipEntry>;

void refuseOtherFormats(const MappedFile& file) {
    const std::string_view text = file.text();
    if (text.starts_with("PK")) {
        return;
    }
    if (text.starts_with("\x80\x02")) {
        failUnsupported(file.path(),
                        ALCOVE_TEXT("engine",
                                    "it was saved in the format PyTorch used before version 1.6; load it in PyTorch "
                                    "and save it again, or use the checkpoint's safetensors files"));
    }
    failDamaged(file.path(), ALCOVE_TEXT("engine", "it is no torch archive"));
}

// "NAME/" of the one entry NAME/data.pkl.
std::string findRoot(const MappedFile& file, const Entries& entries) {
    constexpr std::string_view kPickle = "/data.pkl";
    std::optional<std::string> root;
    for (const auto& [name, entry] : entries) {
        if (name.ends_with(kPickle) && name.find('/') == name.size() - kPickle.size()) {
            if (root) {
                failDamaged(file.path(), ALCOVE_TEXT("engine", "it holds more than one data.pkl"));
            }
            root = name.substr(0, name.size() - kPickle.size() + 1);
        }
    }
    if (!root) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "it holds no data.pkl, so it is no torch archive"));
    }
    return *root;
}

void requireLittleEndian(const MappedFile& file, const Entries& entries, const std::string& root) {
    const auto found = entries.find(root + "byteorder");
    if (found == entries.end()) {
        return;
    }
    const std::span<const std::byte> bytes = found->second.bytes;
    if (std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()) != "little") {
        failUnsupported(file.path(), ALCOVE_TEXT("engine", "it was saved on a big-endian machine"));
    }
}

// Row-major without gaps; the stride of a dimension of size 1 means nothing.
bool isContiguous(const PickledTensor& tensor) {
    std::uint64_t expected = 1;
    for (std::size_t i = tensor.shape.size(); i-- > 0;) {
        if (tensor.shape[i] != 1) {
            if (tensor.strides[i] != expected) {
                return false;
            }
            expected *= tensor.shape[i];  // cannot overflow: the product of the whole shape does not
        }
    }
    return true;
}

TensorView viewOf(const MappedFile& file, const Entries& entries, const std::string& root, PickledTensor tensor) {
    const auto storage = entries.find(root + "data/" + tensor.storageKey);
    if (storage == entries.end()) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "it lacks the storage %1 of %2"), shown(tensor.storageKey),
                    shown(tensor.name));
    }
    const std::span<const std::byte> bytes = storage->second.bytes;
    const std::size_t elementSize = dtypeSize(tensor.dtype);
    if (bytes.size() % elementSize != 0 || bytes.size() / elementSize != tensor.storageSize) {
        failDamaged(file.path(),
                    ALCOVE_TEXT("engine", "the storage of %1 should hold %2 values as %3, but has %4 bytes"),
                    shown(tensor.name), tensor.storageSize, dtypeName(tensor.dtype), bytes.size());
    }
    const std::optional<std::uint64_t> count = elementCount(tensor.shape);
    if (!count || tensor.offset > tensor.storageSize || *count > tensor.storageSize - tensor.offset) {
        failDamaged(file.path(),
                    ALCOVE_TEXT("engine", "%1 with shape %2 at offset %3 exceeds its storage of %4 values"),
                    shown(tensor.name), shown(tensor.shape), tensor.offset, tensor.storageSize);
    }
    if (*count > 0 && !isContiguous(tensor)) {
        failUnsupported(
            file.path(),
            ALCOVE_TEXT("engine", "%1 has shape %2 with strides %3, and Alcove reads only contiguous tensors"),
            shown(tensor.name), shown(tensor.shape), shown(tensor.strides));
    }
    return {std::move(tensor.name), tensor.dtype, std::move(tensor.shape),
            bytes.subspan(tensor.offset * elementSize, *count * elementSize)};
}

}  // namespace

std::vector<TensorView> readTorchArchive(const MappedFile& file) {
    refuseOtherFormats(file);
    const Entries entries = readZip(file);
    const std::string root = findRoot(file, entries);
    requireLittleEndian(file, entries, root);
    const ZipEntry& pickle = entries.at(root + "data.pkl");
    if (pickle.bytes.size() > kMaxPickleBytes) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "its data.pkl is too large for a model's weights"));
    }
    if (crc32(pickle.bytes) != pickle.crc) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "the checksum of its data.pkl is wrong"));
    }
    std::vector<PickledTensor> tensors = readStateDict(pickle.bytes, file.path());
    std::vector<TensorView> views;
    views.reserve(tensors.size());
    for (PickledTensor& tensor : tensors) {
        views.push_back(viewOf(file, entries, root, std::move(tensor)));
    }
    return views;
}

}  // namespace alcove::engine
