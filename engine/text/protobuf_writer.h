// The wire format of Protocol Buffers, as far as writing a small message needs it.
#pragma once

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace alcove::engine {

// Fields in the order they are given.
class ProtobufWriter {
public:
    void number(std::uint32_t field, std::uint64_t value) {
        varint(field << 3U);
        varint(value);
    }
    void real(std::uint32_t field, float value) {
        varint(field << 3U | 5U);
        const auto bits = std::bit_cast<std::uint32_t>(value);
        for (unsigned shift = 0; shift < 32; shift += 8) {
            m_text.push_back(static_cast<char>(bits >> shift & 0xFFU));
        }
    }
    void bytes(std::uint32_t field, std::string_view value) {
        varint(field << 3U | 2U);
        varint(value.size());
        m_text.append(value);
    }
    [[nodiscard]] const std::string& text() const { return m_text; }

private:
    void varint(std::uint64_t value) {
        for (; value >= 0x80U; value >>= 7U) {
            m_text.push_back(static_cast<char>((value & 0x7FU) | 0x80U));
        }
        m_text.push_back(static_cast<char>(value));
    }

    std::string m_text;
};

}  // namespace alcove::engine
