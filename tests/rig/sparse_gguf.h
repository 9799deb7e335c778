// A GGUF file that claims a large vocabulary and holds nothing of it: its lists are holes of a sparse file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace alcove::tests {

// `tokens` empty tokens and as many scores; a few kilobytes on the disk.
inline void writeSparseGguf(const std::filesystem::path& path, std::uint64_t tokens) {
    const auto number = [](std::uint64_t value, std::size_t bytes) {
        std::string result;
        for (std::size_t i = 0; i < bytes; ++i) {
            result += static_cast<char>(value >> (8 * i));
        }
        return result;
    };
    const auto text = [&](std::string_view value) { return number(value.size(), 8) + std::string(value); };
    constexpr std::uint64_t kUInt32 = 4;
    constexpr std::uint64_t kFloat32 = 6;
    constexpr std::uint64_t kString = 8;
    constexpr std::uint64_t kArray = 9;
    constexpr std::uint64_t kEntries = 6;
    const std::string beginning =
        "GGUF" + number(3, 4) + number(0, 8) + number(kEntries, 8) + text("general.architecture") + number(kString, 4) +
        text("llama") + text("llama.attention.head_count") + number(kUInt32, 4) + number(2, 4) +
        text("llama.context_length") + number(kUInt32, 4) + number(16, 4) + text("tokenizer.ggml.model") +
        number(kString, 4) + text("llama") + text("tokenizer.ggml.scores") + number(kArray, 4) + number(kFloat32, 4) +
        number(tokens, 8);
    const std::string second =
        text("tokenizer.ggml.tokens") + number(kArray, 4) + number(kString, 4) + number(tokens, 8);
    const std::uint64_t secondAt = beginning.size() + tokens * sizeof(float);
    {
        std::ofstream file(path, std::ios::binary);
        file << beginning;
        file.seekp(static_cast<std::streamoff>(secondAt));
        file << second;
    }
    std::filesystem::resize_file(path, secondAt + second.size() + tokens * sizeof(std::uint64_t));
}

}  // namespace alcove::tests
