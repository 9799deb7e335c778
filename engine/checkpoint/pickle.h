// Reads the pickle that torch.save writes for a state dict, and nothing else.
//
// A pickle is a program for a stack machine, and Python's own reader lets it call any function. This one knows only
// the opcodes of protocol 2 that state dicts use and a closed list of globals, each of which has a fixed meaning
// here. Nothing is ever looked up or executed; anything else ends with an Error that names it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

// A tensor as the pickle describes it, nothing checked against the storage yet.
struct PickledTensor {
    std::string name;
    std::string storageKey;  // entry NAME/data/KEY of the archive
    DType dtype = DType::F32;
    std::uint64_t storageSize = 0;  // in elements
    std::uint64_t offset = 0;       // of the first element in the storage
    std::vector<std::uint64_t> shape;
    std::vector<std::uint64_t> strides;  // in elements; as many as dimensions
};

// Of a state dict with 1024 layers it is a quarter. Memory for reading grows with the pickle's size, so it has a limit.
inline constexpr std::size_t kMaxPickleBytes = 8 << 20;

// The state dict in `pickle`, in its own order, each name once. `file` is for sentences. Throws Error{FileDamaged} for
// a malformed or too large pickle, Error{Unsupported} for one that asks for anything outside the closed lists.
[[nodiscard]] std::vector<PickledTensor> readStateDict(std::span<const std::byte> pickle,
                                                       const std::filesystem::path& file);

}  // namespace alcove::engine
