// Reading a whole small file that comes from outside.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace alcove::engine {

// The bytes of the regular file at `path`. Throws Error: FileMissing, FileUnreadable, or FileDamaged if it
// holds more than `limit` bytes.
[[nodiscard]] std::string readSmallFile(const std::filesystem::path& path, std::uint64_t limit);

}  // namespace alcove::engine
