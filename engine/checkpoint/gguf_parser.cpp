#include "engine/checkpoint/gguf_parser.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <set>
#include <utility>

#include "engine/checkpoint/tensor_shape.h"
#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

// Known files have some 50 keys, 300 tensors and 10 MB of header, nearly all of it three or four lists of up to 260,000
// values: the vocabulary.
constexpr std::uint64_t kMaxMetadata = 1 << 12;
constexpr std::uint64_t kMaxTensors = 1 << 14;
constexpr std::uint64_t kMostListValues = 1 << 22;
constexpr std::uint64_t kLargestHeader = 64 << 20;
constexpr std::size_t kLongestKey = 65535;  // the format's own limit
constexpr std::size_t kLongestTensorName = 255;
constexpr std::uint32_t kMaxDimensions = 4;  // ggml's
constexpr std::uint64_t kMaxAlignment = 1 << 20;
// The least that an entry of each table takes: lengths, types and offsets without any text.
constexpr std::uint64_t kSmallestEntry = 13;
constexpr std::uint64_t kSmallestTensor = 32;

}  // namespace

GgufParser::GgufParser(const MappedFile& file) : m_file(file.path()), m_bytes(file.bytes()), m_cursor(m_bytes, m_file) {
}

std::map<std::string_view, GgufValue> GgufParser::readMetadata() {
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
        limitHeader();
    }
    return metadata;
}

std::vector<TensorView> GgufParser::readTensors(std::uint64_t alignment) {
    if (!std::has_single_bit(alignment) || alignment > kMaxAlignment) {
        failDamaged(m_file, ALCOVE_TEXT("engine", "its alignment is %1"), alignment);
    }
    struct Described {
        TensorView view;
        std::uint64_t offset;
    };
    std::vector<Described> entries;
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
        limitHeader();
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

void GgufParser::limitHeader() const {
    if (m_cursor.position() > kLargestHeader) {
        failDamaged(m_file, ALCOVE_TEXT("engine", "its header is larger than %1 bytes"), kLargestHeader);
    }
}

void GgufParser::readVersion() {
    if (m_bytes.size() < kGgufMagic.size() ||
        std::memcmp(m_cursor.take(kGgufMagic.size()).data(), kGgufMagic.data(), kGgufMagic.size()) != 0) {
        failDamaged(m_file, ALCOVE_TEXT("engine", "it does not begin as a GGUF file does"));
    }
    const auto version = m_cursor.take<std::uint32_t>();
    if ((version & 0xFFFFU) == 0) {
        failUnsupported(m_file, ALCOVE_TEXT("engine", "it is a big-endian GGUF file"));
    }
    if (version != 2 && version != 3) {
        failUnsupported(m_file, ALCOVE_TEXT("engine", "it is of GGUF version %1, and Alcove reads versions 2 and 3"),
                        version);
    }
}

GgufType GgufParser::takeType(std::string_view key) {
    const auto number = m_cursor.take<std::uint32_t>();
    if (number > static_cast<std::uint32_t>(GgufType::Float64)) {
        failDamaged(m_file, ALCOVE_TEXT("engine", "%1 is of an unknown type"), shown(key));
    }
    return static_cast<GgufType>(number);
}

GgufValue GgufParser::takeValue(std::string_view key, GgufType type) {
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

GgufArray GgufParser::takeArray(std::string_view key) {
    GgufArray array;
    array.type = takeType(key);
    array.count = m_cursor.take<std::uint64_t>();
    if (array.type == GgufType::Array) {
        failUnsupported(m_file, ALCOVE_TEXT("engine", "%1 is a list of lists"), shown(key));
    }
    if (array.count > kMostListValues - m_listValues) {
        failDamaged(m_file, ALCOVE_TEXT("engine", "%1 claims %2 values"), shown(key), array.count);
    }
    m_listValues += array.count;
    const std::uint64_t begin = m_cursor.position();
    if (const std::optional<std::uint64_t> size = ggufFixedSize(array.type)) {
        (void)m_cursor.take(array.count * *size);
    } else {
        for (std::uint64_t i = 0; i < array.count; ++i) {
            (void)m_cursor.takeText();
        }
    }
    array.bytes = m_cursor.since(begin);
    return array;
}

TensorView GgufParser::takeDescription() {
    TensorView view;
    view.name = m_cursor.takeText();
    if (view.name.empty() || view.name.size() > kLongestTensorName) {
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
    const std::optional<DType> dtype = dtypeOfGgmlNumber(number);
    if (!dtype) {
        failUnsupported(
            m_file,
            ALCOVE_TEXT(
                "engine",
                "%1 is stored as ggml type %2, and Alcove reads F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K and Q6_K"),
            shown(view.name), number);
    }
    view.dtype = *dtype;
    return view;
}

std::span<const std::byte> GgufParser::bytesOf(const TensorView& view, std::uint64_t offset,
                                               std::span<const std::byte> data) const {
    const DTypeTraits& traits = dtypeTraits(view.dtype);
    const std::optional<std::uint64_t> count = elementCount(view.shape);
    if (view.shape.back() % traits.blockElements != 0) {
        failDamaged(m_file, ALCOVE_TEXT("engine", "the rows of %1 are no whole number of %2 blocks"), shown(view.name),
                    traits.name);
    }
    std::uint64_t size = 0;
    if (!count || __builtin_mul_overflow(*count / traits.blockElements, traits.blockBytes, &size) ||
        offset > data.size() || size > data.size() - offset) {
        failDamaged(
            m_file,
            ALCOVE_TEXT("engine", "%1 of shape %2 does not lie within the file; the file is probably incomplete"),
            shown(view.name), shown(view.shape));
    }
    return data.subspan(offset, size);
}

}  // namespace alcove::engine
