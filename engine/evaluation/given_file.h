// Files that a person names on the command line, anywhere, to be measured with.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace alcove::engine {

// Of a text to be measured, in bytes; the tokenizer takes about 150 times a text's size.
inline constexpr std::uint64_t kLongestText = 16ULL << 20U;

// As readSmallFile, which speaks of a checkpoint's folder where a file is missing.
[[nodiscard]] std::string readGivenFile(const std::filesystem::path& file, std::uint64_t limit);

}  // namespace alcove::engine
