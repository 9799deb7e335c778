#include "engine/checkpoint/gguf.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <set>
#include <utility>

#include "engine/checkpoint/gguf_cursor.h"
#include "engine/checkpoint/tensor_shape.h"

namespace alcove::engine {

namespace {

constexpr std::uint64_t kMaxMetadata = 1 << 16;
constexpr std::uint64_t kMaxTensors = 1 << 16;
constexpr std::uint64_t kMaxArray = 1 << 24;  // values; larger than any vocabulary
constexpr std::size_t kLongestKey = 65535;    // the format's own limit
constexpr std::size_t kLongestName = 255;
constexpr std::uint32_t kMaxDimensions = 4;  // ggml's
constexpr std::uint64_t kMaxAlignment = 1 << 20;
// The least that an entry of each table takes: lengths, types and offsets without any text.
constexpr std::uint64_t kSmallestEntry = 13;
constexpr std::uint64_t kSmallestTensor = 32;

struct KnownType {
    DType dtype;
    std::uint32_t number;
};

constexpr std::array<KnownType, kDTypeCount> kTypes = {{{DType::F32, 0},
                                                        {DType::F16, 1},
                                                        {DType::Q4_0, 2},
                                                        {DType::Q8_0, 8},
                                                        {DType::Q4_K, 12},
                                                        {DType::Q5_K, 13},
                                                        {DType::Q6_K, 14},
                                                        {DType::BF16, 30}}};

// Bytes of a number or bool in a list; nothing for text and lists.
std::optional<std::uint64_t> fixedSize(GgufType type) {
    switch (type) {
        case GgufType::UInt8:
        case GgufType::Int8:
        case GgufType::Bool:
            return 1;
        case GgufType::UInt16:
        case GgufType::Int16:
            return 2;
        case GgufType::UInt32:
        case GgufType::Int32:
        case GgufType::Float32:
            return 4;
        case GgufType::UInt64:
        case GgufType::Int64:
        case GgufType::Float64:
            return 8;
        case GgufType::String:
        case GgufType::Array:
            break;
    }
    return std::nullopt;
}

class Reader {
public:
    explicit Reader(const MappedFile& file) : m_file(file.path()), m_bytes(file.bytes()), m_cursor(m_bytes, m_file) {}

    std::map<std::string_view, GgufValue> readMetadata() {
        readVersion();
        m_tensorCount = m_cursor.take<std::uint64_t>();
        const auto count = m_cursor.take<std::uint64_t>();
        if (m_tensorCount > kMaxTensors || count > kMaxMetadata ||
            m_tensorCount * kSmallestTensor + count * kSmallestEntry > m_cursor.left()) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "its header claims more entries than it can hold"));
        }
        std::map<std::string_view, GgufValue> metadata;
        for (std::uint64_t i = 0; i < count; ++i) {
            const std::string_view key = m_cursor.takeText();
            if (key.empty() || key.size() > kLongestKey) {
                failDamaged(m_file, ALCOVE_TEXT("engine", "a key of its metadata is empty or too long"));
            }
            const auto type = takeType(key);
            if (!metadata.emplace(key, takeValue(key, type)).second) {
                failDamaged(m_file, ALCOVE_TEXT("engine", "it gives %1 twice"), shown(key));
            }
        }
        return metadata;
    }

    std::vector<TensorView> readTensors(std::uint64_t alignment) {
        if (!std::has_single_bit(alignment) || alignment > kMaxAlignment) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "its alignment is %1"), alignment);
        }
        struct Entry {
            TensorView view;
            std::uint64_t offset;
        };
        std::vector<Entry> entries;
        entries.reserve(m_tensorCount);
        std::set<std::string_view> names;
        for (std::uint64_t i = 0; i < m_tensorCount; ++i) {
            TensorView view = takeDescription();
            const auto offset = m_cursor.take<std::uint64_t>();
            if (offset % alignment != 0) {
                failDamaged(m_file, ALCOVE_TEXT("engine", "%1 does not begin at a multiple of its alignment"),
                            shown(view.name));
            }
            entries.push_back({std::move(view), offset});
            if (!names.insert(entries.back().view.name).second) {
                failDamaged(m_file, ALCOVE_TEXT("engine", "it holds %1 twice"), shown(entries.back().view.name));
            }
        }
        const std::uint64_t begin = (m_cursor.position() + alignment - 1) / alignment * alignment;
        const auto data = begin < m_bytes.size() ? m_bytes.subspan(begin) : std::span<const std::byte>();
        std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
        std::vector<TensorView> tensors;
        tensors.reserve(entries.size());
        for (auto& [view, offset] : entries) {
            view.bytes = bytesOf(view, offset, data);
            places.emplace_back(offset, offset + view.bytes.size());
            tensors.push_back(std::move(view));
        }
        std::sort(places.begin(), places.end());
        for (std::size_t i = 1; i < places.size(); ++i) {
            if (places[i].first < places[i - 1].second) {
                failDamaged(m_file, ALCOVE_TEXT("engine", "two of its tensors overlap"));
            }
        }
        return tensors;
    }

private:
    void readVersion() {
        if (m_bytes.size() < kGgufMagic.size() ||
            std::memcmp(m_cursor.take(kGgufMagic.size()).data(), kGgufMagic.data(), kGgufMagic.size()) != 0) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "it does not begin as a GGUF file does"));
        }
        const auto version = m_cursor.take<std::uint32_t>();
        if ((version & 0xFFFFU) == 0) {
            failUnsupported(m_file, ALCOVE_TEXT("engine", "it is a big-endian GGUF file"));
        }
        if (version != 2 && version != 3) {
            failUnsupported(
                m_file, ALCOVE_TEXT("engine", "it is of GGUF version %1, and Alcove reads versions 2 and 3"), version);
        }
    }

    GgufType takeType(std::string_view key) {
        const auto number = m_cursor.take<std::uint32_t>();
        if (number > static_cast<std::uint32_t>(GgufType::Float64)) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "%1 is of an unknown type"), shown(key));
        }
        return static_cast<GgufType>(number);
    }

    GgufValue takeValue(std::string_view key, GgufType type) {
        switch (type) {
            case GgufType::UInt8:
                return std::uint64_t{m_cursor.take<std::uint8_t>()};
            case GgufType::UInt16:
                return std::uint64_t{m_cursor.take<std::uint16_t>()};
            case GgufType::UInt32:
                return std::uint64_t{m_cursor.take<std::uint32_t>()};
            case GgufType::UInt64:
                return m_cursor.take<std::uint64_t>();
            case GgufType::Int8:
                return std::int64_t{m_cursor.take<std::int8_t>()};
            case GgufType::Int16:
                return std::int64_t{m_cursor.take<std::int16_t>()};
            case GgufType::Int32:
                return std::int64_t{m_cursor.take<std::int32_t>()};
            case GgufType::Int64:
                return m_cursor.take<std::int64_t>();
            case GgufType::Float32:
                return static_cast<double>(m_cursor.take<float>());
            case GgufType::Float64:
                return m_cursor.take<double>();
            case GgufType::Bool:
                return m_cursor.take<std::uint8_t>() != 0;
            case GgufType::String:
                return m_cursor.takeText();
            case GgufType::Array:
                break;
        }
        return takeArray(key);
    }

    GgufArray takeArray(std::string_view key) {
        GgufArray array;
        array.type = takeType(key);
        array.count = m_cursor.take<std::uint64_t>();
        if (array.type == GgufType::Array) {
            failUnsupported(m_file, ALCOVE_TEXT("engine", "%1 is a list of lists"), shown(key));
        }
        if (array.count > kMaxArray) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "%1 claims %2 values"), shown(key), array.count);
        }
        const std::uint64_t begin = m_cursor.position();
        if (const std::optional<std::uint64_t> size = fixedSize(array.type)) {
            (void)m_cursor.take(array.count * *size);
        } else {
            for (std::uint64_t i = 0; i < array.count; ++i) {
                (void)m_cursor.takeText();
            }
        }
        array.bytes = m_cursor.since(begin);
        return array;
    }

    TensorView takeDescription() {
        TensorView view;
        view.name = m_cursor.takeText();
        if (view.name.empty() || view.name.size() > kLongestName) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "a tensor's name is empty or too long"));
        }
        const auto dimensions = m_cursor.take<std::uint32_t>();
        if (dimensions == 0 || dimensions > kMaxDimensions) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "%1 has %2 dimensions"), shown(view.name), dimensions);
        }
        for (std::uint32_t i = 0; i < dimensions; ++i) {
            view.shape.push_back(m_cursor.take<std::uint64_t>());
        }
        std::reverse(view.shape.begin(), view.shape.end());  // the file gives the length of a row first
        const auto number = m_cursor.take<std::uint32_t>();
        const auto known =
            std::find_if(kTypes.begin(), kTypes.end(), [&](const KnownType& type) { return type.number == number; });
        if (known == kTypes.end()) {
            failUnsupported(
                m_file,
                ALCOVE_TEXT(
                    "engine",
                    "%1 is stored as ggml type %2, and Alcove reads F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K and Q6_K"),
                shown(view.name), number);
        }
        view.dtype = known->dtype;
        return view;
    }

    std::span<const std::byte> bytesOf(const TensorView& view, std::uint64_t offset,
                                       std::span<const std::byte> data) const {
        const DTypeTraits& traits = dtypeTraits(view.dtype);
        const std::optional<std::uint64_t> count = elementCount(view.shape);
        if (view.shape.back() % traits.blockElements != 0) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "the rows of %1 are no whole number of %2 blocks"),
                        shown(view.name), traits.name);
        }
        std::uint64_t size = 0;
        if (!count || __builtin_mul_overflow(*count / traits.blockElements, traits.blockBytes, &size) ||
            offset > data.size() || size > data.size() - offset) {
            failDamaged(m_file, ALCOVE_TEXT("engine", "%1 of shape %2 does not lie within the file; it may be cut off"),
                        shown(view.name), shown(view.shape));
        }
        return data.subspan(offset, size);
    }

    const std::filesystem::path& m_file;
    std::span<const std::byte> m_bytes;
    GgufCursor m_cursor;
    std::uint64_t m_tensorCount = 0;
};

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

std::uint32_t ggmlNumber(DType dtype) {
    return std::find_if(kTypes.begin(), kTypes.end(), [dtype](const KnownType& type) { return type.dtype == dtype; })
        ->number;
}

GgufFile::GgufFile(const MappedFile& file) : m_path(file.path()) {
    Reader reader(file);
    m_metadata = reader.readMetadata();
    m_tensors = reader.readTensors(number("general.alignment").value_or(kGgufDefaultAlignment));
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

std::optional<std::vector<std::string_view>> GgufFile::texts(std::string_view key) const {
    const GgufArray* array = findArray(key);
    if (array == nullptr) {
        return std::nullopt;
    }
    if (array->type != GgufType::String) {
        failType(key, ALCOVE_TEXT("engine", "a list of texts"));
    }
    GgufCursor cursor(array->bytes, m_path);
    std::vector<std::string_view> result;
    result.reserve(array->count);
    for (std::uint64_t i = 0; i < array->count; ++i) {
        result.push_back(cursor.takeText());
    }
    return result;
}

std::optional<std::vector<float>> GgufFile::floats(std::string_view key) const {
    const GgufArray* array = findArray(key);
    if (array == nullptr) {
        return std::nullopt;
    }
    if (array->type != GgufType::Float32) {
        failType(key, ALCOVE_TEXT("engine", "a list of numbers with a fraction"));
    }
    std::vector<float> result(array->count);
    std::copy(array->bytes.begin(), array->bytes.end(), std::as_writable_bytes(std::span(result)).begin());
    return result;
}

std::optional<std::vector<std::int64_t>> GgufFile::integers(std::string_view key) const {
    const GgufArray* array = findArray(key);
    if (array == nullptr) {
        return std::nullopt;
    }
    const GgufCursor cursor(array->bytes, m_path);
    switch (array->type) {
        case GgufType::UInt32:
            return widened<std::uint32_t>(cursor, array->count);
        case GgufType::Int32:
            return widened<std::int32_t>(cursor, array->count);
        case GgufType::UInt8:
            return widened<std::uint8_t>(cursor, array->count);
        case GgufType::Int8:
            return widened<std::int8_t>(cursor, array->count);
        case GgufType::UInt16:
            return widened<std::uint16_t>(cursor, array->count);
        case GgufType::Int16:
            return widened<std::int16_t>(cursor, array->count);
        default:
            failType(key, ALCOVE_TEXT("engine", "a list of whole numbers"));
    }
}

}  // namespace alcove::engine
