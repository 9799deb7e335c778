#include "engine/text/protobuf_reader.h"

namespace alcove::engine {

std::optional<std::uint64_t> ProtobufReader::varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !m_rest.empty(); shift += 7) {
        const auto byte = static_cast<unsigned char>(m_rest.front());
        m_rest.remove_prefix(1);
        value |= static_cast<std::uint64_t>(byte & 0x7FU) << shift;
        if ((byte & 0x80U) == 0) {
            return value;
        }
    }
    m_damaged = true;
    return std::nullopt;
}

std::optional<std::uint64_t> ProtobufReader::fixed(std::size_t length) {
    if (m_rest.size() < length) {
        m_damaged = true;
        return std::nullopt;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < length; ++i) {
        value |= static_cast<std::uint64_t>(static_cast<unsigned char>(m_rest[i])) << (8 * i);
    }
    m_rest.remove_prefix(length);
    return value;
}

std::optional<ProtobufField> ProtobufReader::next() {
    if (m_damaged || m_rest.empty()) {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> key = varint();
    if (!key) {
        return std::nullopt;
    }
    ProtobufField field;
    field.number = static_cast<std::uint32_t>(*key >> 3U);
    field.wireType = static_cast<std::uint32_t>(*key & 7U);
    if (*key >> 32U != 0 || field.number == 0) {
        m_damaged = true;
        return std::nullopt;
    }
    std::optional<std::uint64_t> value;
    switch (field.wireType) {
        case 0:
            value = varint();
            break;
        case 1:
            value = fixed(8);
            break;
        case 2:
            value = varint();
            if (value && *value > m_rest.size()) {
                value.reset();
            }
            if (value) {
                field.bytes = m_rest.substr(0, static_cast<std::size_t>(*value));
                m_rest.remove_prefix(field.bytes.size());
            }
            break;
        case 5:
            value = fixed(4);
            break;
        default:  // groups (3, 4) are obsolete and appear in no tokenizer
            break;
    }
    if (!value) {
        m_damaged = true;
        return std::nullopt;
    }
    field.value = *value;
    return field;
}

}  // namespace alcove::engine
