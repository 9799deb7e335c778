#include "engine/checkpoint/safetensors.h"

#include <algorithm>
#include <string>

#include <nlohmann/json.hpp>

#include "engine/checkpoint/tensor_shape.h"
#include "engine/files/bounded_json.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

// A model of 1024 layers has some 10,000 tensors with 13 values each. (The format's own limit is 100 MB.)
constexpr JsonLimits kHeaderLimits = {.bytes = 16 << 20, .depth = 4, .values = 500'000, .text = 1 << 20};
constexpr std::size_t kLengthBytes = 8;

struct Entry {
    TensorView view;
    std::uint64_t begin;
    std::uint64_t end;
};

DType parseDType(const std::filesystem::path& file, const std::string& tensor, const json& value) {
    if (!value.is_string()) {
        failDamaged(file, ALCOVE_TEXT("engine", "the dtype of %1 is not a text"), shown(tensor));
    }
    const auto& name = value.get_ref<const std::string&>();
    for (const DType dtype : {DType::F32, DType::F16, DType::BF16}) {
        if (name == dtypeName(dtype)) {
            return dtype;
        }
    }
    failUnsupported(file, ALCOVE_TEXT("engine", "%1 is stored as %2, and Alcove reads F32, F16 and BF16"),
                    shown(tensor), shown(name));
}

std::vector<std::uint64_t> parseNumbers(const std::filesystem::path& file, const std::string& tensor, const json& value,
                                        const char* what) {
    const bool valid = value.is_array() && value.size() <= kMaxRank &&
                       std::all_of(value.begin(), value.end(), [](const json& n) { return n.is_number_unsigned(); });
    if (!valid) {
        failDamaged(file, ALCOVE_TEXT("engine", "the %1 of %2 is not a short list of whole numbers"), what,
                    shown(tensor));
    }
    return value.get<std::vector<std::uint64_t>>();
}

Entry parseEntry(const std::filesystem::path& file, const std::string& name, const json& value,
                 std::span<const std::byte> data) {
    if (!value.is_object() || !value.contains("dtype") || !value.contains("shape") || !value.contains("data_offsets")) {
        failDamaged(file, ALCOVE_TEXT("engine", "%1 lacks its dtype, shape or data_offsets"), shown(name));
    }
    Entry entry = {};
    entry.view.name = name;
    entry.view.dtype = parseDType(file, name, value["dtype"]);
    entry.view.shape = parseNumbers(file, name, value["shape"], "shape");
    const std::vector<std::uint64_t> offsets = parseNumbers(file, name, value["data_offsets"], "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1]) {
        failDamaged(file, ALCOVE_TEXT("engine", "the data_offsets of %1 are not a begin and an end"), shown(name));
    }
    entry.begin = offsets[0];
    entry.end = offsets[1];
    if (entry.end > data.size()) {
        failDamaged(
            file,
            ALCOVE_TEXT("engine",
                        "%1 ends at byte %2 of the data, which has only %3 bytes; the file is probably incomplete"),
            shown(name), entry.end, data.size());
    }
    const std::optional<std::uint64_t> count = elementCount(entry.view.shape);
    const std::uint64_t size = entry.end - entry.begin;
    if (!count || *count > size || *count * dtypeSize(entry.view.dtype) != size) {
        failDamaged(file, ALCOVE_TEXT("engine", "%1 has shape %2 as %3, but %4 bytes"), shown(name),
                    shown(entry.view.shape), dtypeName(entry.view.dtype), size);
    }
    entry.view.bytes = data.subspan(entry.begin, size);
    return entry;
}

}  // namespace

std::vector<TensorView> readSafetensors(const MappedFile& file) {
    const std::span<const std::byte> bytes = file.bytes();
    if (bytes.size() < kLengthBytes) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "it is too short for a safetensors file"));
    }
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < kLengthBytes; ++i) {
        length |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
    }
    if (length > bytes.size() - kLengthBytes) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "its header claims %1 bytes, more than the file has"), length);
    }
    const JsonDocument header = parseJsonObject(file.text().substr(kLengthBytes, length), file.path(), kHeaderLimits);
    const std::span<const std::byte> data = bytes.subspan(kLengthBytes + length);

    std::vector<Entry> entries;
    entries.reserve(header->size());
    for (const auto& [name, value] : header->items()) {
        if (name != "__metadata__") {
            entries.push_back(parseEntry(file.path(), name, value, data));
        }
    }
    std::sort(entries.begin(), entries.end(),
              [](const Entry& a, const Entry& b) { return std::tie(a.begin, a.end) < std::tie(b.begin, b.end); });

    // The format allows neither overlaps nor holes, so each tensor begins where the one before it ends.
    std::uint64_t covered = 0;
    std::vector<TensorView> tensors;
    tensors.reserve(entries.size());
    for (Entry& entry : entries) {
        if (entry.begin != covered) {
            failDamaged(file.path(), ALCOVE_TEXT("engine", "%1 begins at byte %2 of the data, where %3 is expected"),
                        shown(entry.view.name), entry.begin, covered);
        }
        covered = entry.end;
        tensors.push_back(std::move(entry.view));
    }
    if (covered != data.size()) {
        failDamaged(file.path(), ALCOVE_TEXT("engine", "its tensors end at byte %1 of the data, which has %2 bytes"),
                    covered, data.size());
    }
    return tensors;
}

}  // namespace alcove::engine
