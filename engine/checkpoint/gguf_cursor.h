// Walks through the header of a GGUF file, within its bytes.
#pragma once

#include <cstring>
#include <filesystem>
#include <span>
#include <string_view>

#include "engine/files/file_errors.h"

namespace alcove::engine {

// Little-endian values one after another. Throws Error{FileDamaged} where the bytes end too soon.
class GgufCursor {
public:
    GgufCursor(std::span<const std::byte> bytes, const std::filesystem::path& file) : m_bytes(bytes), m_file(file) {}

    template <typename Value>
    [[nodiscard]] Value take() {
        Value value;
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

    [[nodiscard]] std::span<const std::byte> take(std::uint64_t count) {
        if (count > left()) {
            failDamaged(m_file,
                        ALCOVE_TEXT("engine",
                                    "its header claims more bytes than the file has; the file is probably incomplete"));
        }
        const auto result = m_bytes.subspan(m_position, count);
        m_position += count;
        return result;
    }

    // Length and bytes.
    [[nodiscard]] std::string_view takeText() {
        const std::span<const std::byte> bytes = take(take<std::uint64_t>());
        return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
    }

    [[nodiscard]] std::uint64_t position() const { return m_position; }
    [[nodiscard]] std::uint64_t left() const { return m_bytes.size() - m_position; }
    [[nodiscard]] std::span<const std::byte> since(std::uint64_t begin) const {
        return m_bytes.subspan(begin, m_position - begin);
    }

private:
    std::span<const std::byte> m_bytes;
    const std::filesystem::path& m_file;
    std::uint64_t m_position = 0;
};

}  // namespace alcove::engine
