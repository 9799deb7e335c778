#include "engine/checkpoint/gguf.h"

#include <algorithm>

#include "engine/checkpoint/gguf_cursor.h"
#include "engine/checkpoint/gguf_parser.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

template <typename Value>
std::vector<std::int64_t> widened(GgufCursor cursor, std::uint64_t count) {
    std::vector<std::int64_t> result;
    result.reserve(count);
    for (std::uint64_t i = 0; i < count; ++i) {
        result.push_back(static_cast<std::int64_t>(cursor.take<Value>()));
    }
    return result;
}

}  // namespace

GgufFile::GgufFile(const MappedFile& file) : m_path(file.path()) {
    GgufParser parser(file);
    m_metadata = parser.readMetadata();
    m_tensors = parser.readTensors(number("general.alignment").value_or(kGgufDefaultAlignment));
}

const GgufValue* GgufFile::find(std::string_view key) const {
    const auto found = m_metadata.find(key);
    return found == m_metadata.end() ? nullptr : &found->second;
}

const GgufArray* GgufFile::findArray(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) {
        return nullptr;
    }
    const auto* array = std::get_if<GgufArray>(value);
    if (array == nullptr) {
        failType(key, ALCOVE_TEXT("engine", "a list"));
    }
    return array;
}

void GgufFile::failType(std::string_view key, TranslatableText wanted) const {
    failDamaged(m_path, ALCOVE_TEXT("engine", "%1 is not %2"), shown(key), wanted);
}

std::optional<std::uint64_t> GgufFile::number(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    if (const auto* whole = std::get_if<std::uint64_t>(value)) {
        return *whole;
    }
    const auto* whole = std::get_if<std::int64_t>(value);
    if (whole == nullptr || *whole < 0) {
        failType(key, ALCOVE_TEXT("engine", "a whole number"));
    }
    return static_cast<std::uint64_t>(*whole);
}

std::optional<double> GgufFile::real(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto* real = std::get_if<double>(value);
    if (real == nullptr) {
        failType(key, ALCOVE_TEXT("engine", "a number with a fraction"));
    }
    return *real;
}

std::optional<bool> GgufFile::flag(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const bool* flag = std::get_if<bool>(value);
    if (flag == nullptr) {
        failType(key, ALCOVE_TEXT("engine", "true or false"));
    }
    return *flag;
}

std::optional<std::string_view> GgufFile::text(std::string_view key) const {
    const GgufValue* value = find(key);
    if (value == nullptr) {
        return std::nullopt;
    }
    const auto* text = std::get_if<std::string_view>(value);
    if (text == nullptr) {
        failType(key, ALCOVE_TEXT("engine", "a text"));
    }
    return *text;
}

std::optional<GgufArray> GgufFile::list(std::string_view key) const {
    const GgufArray* array = findArray(key);
    return array == nullptr ? std::nullopt : std::optional(*array);
}

std::optional<std::vector<std::int64_t>> GgufFile::integers(std::string_view key, std::uint64_t most) const {
    const GgufArray* array = findArray(key);
    if (array == nullptr) {
        return std::nullopt;
    }
    const GgufCursor cursor(array->bytes, m_path);
    const std::uint64_t count = std::min(array->count, most);
    switch (array->type) {
        case GgufType::UInt32:
            return widened<std::uint32_t>(cursor, count);
        case GgufType::Int32:
            return widened<std::int32_t>(cursor, count);
        case GgufType::UInt8:
            return widened<std::uint8_t>(cursor, count);
        case GgufType::Int8:
            return widened<std::int8_t>(cursor, count);
        case GgufType::UInt16:
            return widened<std::uint16_t>(cursor, count);
        case GgufType::Int16:
            return widened<std::int16_t>(cursor, count);
        default:
            failType(key, ALCOVE_TEXT("engine", "a list of whole numbers"));
    }
}

}  // namespace alcove::engine
