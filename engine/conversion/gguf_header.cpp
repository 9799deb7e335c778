#include "engine/conversion/gguf_header.h"

#include <bit>

#include "engine/checkpoint/tensor_shape.h"

namespace alcove::engine {

namespace {

static_assert(std::endian::native == std::endian::little, "numbers are written as they are");

template <typename Value>
void put(std::string& out, Value value) {
    out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void putText(std::string& out, std::string_view text) {
    put(out, static_cast<std::uint64_t>(text.size()));
    out.append(text);
}

template <typename Value>
void putAll(std::string& out, std::span<const Value> values) {
    out.append(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace

void GgufHeader::key(std::string_view key, GgufType type) {
    putText(m_metadata, key);
    put(m_metadata, static_cast<std::uint32_t>(type));
    ++m_keyCount;
}

void GgufHeader::list(std::string_view name, GgufType type, std::uint64_t count) {
    key(name, GgufType::Array);
    put(m_metadata, static_cast<std::uint32_t>(type));
    put(m_metadata, count);
}

void GgufHeader::text(std::string_view name, std::string_view value) {
    key(name, GgufType::String);
    putText(m_metadata, value);
}

void GgufHeader::number(std::string_view name, std::uint32_t value) {
    key(name, GgufType::UInt32);
    put(m_metadata, value);
}

void GgufHeader::real(std::string_view name, float value) {
    key(name, GgufType::Float32);
    put(m_metadata, value);
}

void GgufHeader::flag(std::string_view name, bool value) {
    key(name, GgufType::Bool);
    put(m_metadata, static_cast<std::uint8_t>(value ? 1 : 0));
}

void GgufHeader::texts(std::string_view name, std::span<const std::string> values) {
    list(name, GgufType::String, values.size());
    for (const std::string& value : values) {
        putText(m_metadata, value);
    }
}

void GgufHeader::reals(std::string_view name, std::span<const float> values) {
    list(name, GgufType::Float32, values.size());
    putAll(m_metadata, values);
}

void GgufHeader::numbers(std::string_view name, std::span<const std::uint32_t> values) {
    list(name, GgufType::UInt32, values.size());
    putAll(m_metadata, values);
}

void GgufHeader::signedNumbers(std::string_view name, std::span<const std::int32_t> values) {
    list(name, GgufType::Int32, values.size());
    putAll(m_metadata, values);
}

void GgufHeader::tensor(std::string_view name, DType dtype, std::span<const std::uint64_t> shape) {
    putText(m_tensors, name);
    put(m_tensors, static_cast<std::uint32_t>(shape.size()));
    for (std::size_t i = shape.size(); i > 0; --i) {  // the length of a row first
        put(m_tensors, shape[i - 1]);
    }
    put(m_tensors, ggmlNumber(dtype));
    put(m_tensors, m_dataBytes);
    m_dataBytes += ggufPadded(storedBytes(dtype, elementCount(shape).value()));
    ++m_tensorCount;
}

std::string GgufHeader::bytes() const {
    std::string out(kGgufMagic);
    put(out, kGgufVersion);
    put(out, m_tensorCount);
    put(out, m_keyCount);
    out += m_metadata;
    out += m_tensors;
    out.resize(ggufPadded(out.size()), '\0');
    return out;
}

}  // namespace alcove::engine
