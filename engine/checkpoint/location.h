// Where a checkpoint is: a folder in the Hub's layout, or one GGUF file.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace alcove::engine {

// By its name only.
[[nodiscard]] bool isGgufName(const std::filesystem::path& path);

// The GGUF files among the first ten thousand entries of a folder, sorted; empty if it cannot be read. Hidden ones are
// left alone.
[[nodiscard]] std::vector<std::filesystem::path> ggufFilesIn(const std::filesystem::path& folder);

// The checkpoint meant by a path to its folder, to a file in it or to a GGUF file, absolute. A folder with one GGUF
// file and no config.json stands for that file. Throws Error{FileMissing, FileUnreadable}, and
// Error{InvalidRequest} for a folder of several GGUF files.
[[nodiscard]] std::filesystem::path locateCheckpoint(const std::filesystem::path& path);

// The folder of a location, in which further files about the checkpoint may lie.
[[nodiscard]] std::filesystem::path folderOfLocation(const std::filesystem::path& location);

// What people call it: the folder's name, or the file's without its ending.
[[nodiscard]] std::string nameOfLocation(const std::filesystem::path& location);

}  // namespace alcove::engine
