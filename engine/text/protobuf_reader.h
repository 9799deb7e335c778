// The wire format of Protocol Buffers, as far as reading hostile bytes field by field needs it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace alcove::engine {

struct ProtobufField {
    std::uint32_t number = 0;
    std::uint32_t wireType = 0;  // 0 varint, 1 eight bytes, 2 length and bytes, 5 four bytes
    std::uint64_t value = 0;     // of wire types 0, 1 and 5
    std::string_view bytes;      // of wire type 2; a window into what is being read
};

class ProtobufReader {
public:
    explicit ProtobufReader(std::string_view bytes) : m_rest(bytes) {}

    // The next field; nothing at the end or where the bytes are not well-formed (see damaged()).
    [[nodiscard]] std::optional<ProtobufField> next();
    [[nodiscard]] bool damaged() const { return m_damaged; }

private:
    [[nodiscard]] std::optional<std::uint64_t> varint();
    [[nodiscard]] std::optional<std::uint64_t> fixed(std::size_t length);

    std::string_view m_rest;
    bool m_damaged = false;
};

}  // namespace alcove::engine
