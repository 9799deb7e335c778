#include "engine/checkpoint/torch_archive.h"

#include <optional>
#include <string>
#include <string_view>

#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/tensor_shape.h"
#include "engine/checkpoint/zip_reader.h"
#include "engine/files/sentence.h"

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
                        "it was saved in the format PyTorch used before version 1.6; load it in PyTorch and save it "
                        "again, or use the checkpoint's safetensors files");
    }
    failDamaged(file.path(), "it is no torch archive");
}

// "NAME/" of the one entry NAME/data.pkl.
std::string findRoot(const MappedFile& file, const Entries& entries) {
    constexpr std::string_view kPickle = "/data.pkl";
    std::optional<std::string> root;
    for (const auto& [name, entry] : entries) {
        if (name.ends_with(kPickle) && name.find('/') == name.size() - kPickle.size()) {
            if (root) {
                failDamaged(file.path(), "it holds more than one data.pkl");
            }
            root = name.substr(0, name.size() - kPickle.size() + 1);
        }
    }
    if (!root) {
        failDamaged(file.path(), "it holds no data.pkl, so it is no torch archive");
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
        failUnsupported(file.path(), "it was saved on a big-endian machine");
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
        failDamaged(file.path(), "it lacks the storage " + shown(tensor.storageKey) + " of " + shown(tensor.name));
    }
    const std::span<const std::byte> bytes = storage->second.bytes;
    const std::size_t elementSize = dtypeSize(tensor.dtype);
    if (bytes.size() % elementSize != 0 || bytes.size() / elementSize != tensor.storageSize) {
        failDamaged(file.path(), "the storage of " + shown(tensor.name) + " should hold " +
                                     std::to_string(tensor.storageSize) + " values as " + dtypeName(tensor.dtype) +
                                     ", but has " + std::to_string(bytes.size()) + " bytes");
    }
    const std::optional<std::uint64_t> count = elementCount(tensor.shape);
    if (!count || tensor.offset > tensor.storageSize || *count > tensor.storageSize - tensor.offset) {
        failDamaged(file.path(), shown(tensor.name) + " with shape " + shown(tensor.shape) + " at offset " +
                                     std::to_string(tensor.offset) + " exceeds its storage of " +
                                     std::to_string(tensor.storageSize) + " values");
    }
    if (*count > 0 && !isContiguous(tensor)) {
        failUnsupported(file.path(), shown(tensor.name) + " has shape " + shown(tensor.shape) + " with strides " +
                                         shown(tensor.strides) + ", and Alcove reads only contiguous tensors");
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
        failDamaged(file.path(), "its data.pkl is too large for a model's weights");
    }
    if (crc32(pickle.bytes) != pickle.crc) {
        failDamaged(file.path(), "the checksum of its data.pkl is wrong");
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
