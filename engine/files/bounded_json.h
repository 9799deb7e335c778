// JSON from outside files, within limits.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string_view>

#include <nlohmann/json.hpp>

namespace alcove::engine {

struct JsonLimits {
    std::size_t bytes;
    std::size_t depth;   // of nested arrays and objects
    std::size_t values;  // keys and values together, which bounds the memory a document can ask for
};

// Parses a document whose outermost value is an object. Throws Error{FileDamaged} naming `file` if it is no JSON,
// exceeds a limit, or gives a key twice.
[[nodiscard]] nlohmann::json parseJsonObject(std::string_view text, const std::filesystem::path& file,
                                             const JsonLimits& limits);

// The same for a whole file. Throws also as MappedFile does.
[[nodiscard]] nlohmann::json readJsonObject(const std::filesystem::path& file, const JsonLimits& limits);

}  // namespace alcove::engine
