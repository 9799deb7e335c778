#include "engine/checkpoint/model_files.h"

#include <array>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

// A model of 1024 layers has some 10,000 tensors.
constexpr JsonLimits kIndexLimits = {.bytes = 16 << 20, .depth = 8, .values = 500'000, .text = 1 << 16};
constexpr std::size_t kMaxShards = 4096;

struct NamedFile {
    const char* name;
    WeightFormat format;
    bool index;
};

constexpr std::array<NamedFile, 4> kNamedFiles = {{
    {"model.safetensors", WeightFormat::Safetensors, false},
    {"model.safetensors.index.json", WeightFormat::Safetensors, true},
    {"pytorch_model.bin", WeightFormat::TorchArchive, false},
    {"pytorch_model.bin.index.json", WeightFormat::TorchArchive, true},
}};

bool isThere(const std::filesystem::path& file) {
    std::error_code ignored;
    return std::filesystem::exists(std::filesystem::symlink_status(file, ignored));
}

// The index comes from outside: only a plain name with the format's own ending may be opened.
bool isPlainFileName(const std::string& name, WeightFormat format) {
    const std::string ending = format == WeightFormat::Safetensors ? ".safetensors" : ".bin";
    return name.size() <= 255 && name.size() > ending.size() && name.ends_with(ending) && name.front() != '.' &&
           name.find_first_of(std::string("/\\\0", 3)) == std::string::npos;
}

ModelFiles readIndex(const std::filesystem::path& folder, const NamedFile& named) {
    const std::filesystem::path file = folder / named.name;
    const JsonDocument index = readJsonObject(file, kIndexLimits);
    const auto map = index->find("weight_map");
    if (map == index->end() || !map->is_object() || map->empty()) {
        failDamaged(file, ALCOVE_TEXT("engine", "it has no weight_map"));
    }
    std::map<std::string, std::size_t> positions;
    for (const auto& [tensor, shard] : map->items()) {
        if (!shard.is_string() || !isPlainFileName(shard.get_ref<const std::string&>(), named.format)) {
            failDamaged(
                file,
                ALCOVE_TEXT("engine", "it places %1 in %2, which is not the name of a weights file in the same folder"),
                shown(tensor), shownValue(shard));
        }
        positions.emplace(shard.get<std::string>(), 0);
    }
    if (positions.size() > kMaxShards) {
        failDamaged(file, ALCOVE_TEXT("engine", "it names more than %1 files"), kMaxShards);
    }
    ModelFiles files;
    files.format = named.format;
    for (auto& [name, position] : positions) {
        if (!isThere(folder / name)) {
            throw Error(ErrorCode::FileMissing,
                        ALCOVE_TEXT("engine", "%1 lacks %2, which %3 lists. Download that file into the folder."),
                        folder, shown(name), named.name);
        }
        position = files.weights.size();
        files.weights.push_back(folder / name);
    }
    for (const auto& [tensor, shard] : map->items()) {
        files.indexed.emplace(tensor, positions.at(shard.get<std::string>()));
    }
    return files;
}

}  // namespace

ModelFiles findModelFiles(const std::filesystem::path& folder) {
    for (const NamedFile& named : kNamedFiles) {
        if (!isThere(folder / named.name)) {
            continue;
        }
        if (named.index) {
            return readIndex(folder, named);
        }
        ModelFiles files;
        files.format = named.format;
        files.weights.push_back(folder / named.name);
        return files;
    }
    throw Error(ErrorCode::FileMissing,
                ALCOVE_TEXT("engine",
                            "%1 has no weights. Alcove reads model.safetensors or pytorch_model.bin, or the shards "
                            "that their index.json lists; download them into the folder."),
                folder);
}

}  // namespace alcove::engine
