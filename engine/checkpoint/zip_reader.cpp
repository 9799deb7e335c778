#include "engine/checkpoint/zip_reader.h"

#include <algorithm>
#include <array>
#include <vector>

#include "engine/files/file_errors.h"

namespace alcove::engine {

namespace {

constexpr std::uint32_t kLocalHeader = 0x04034B50;
constexpr std::uint32_t kCentralHeader = 0x02014B50;
constexpr std::uint32_t kEnd = 0x06054B50;
constexpr std::uint32_t kEnd64 = 0x06064B50;
constexpr std::uint32_t kEnd64Locator = 0x07064B50;
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kEnd64LocatorSize = 20;
constexpr std::size_t kEnd64Size = 56;
constexpr std::size_t kCentralHeaderSize = 46;
constexpr std::size_t kLocalHeaderSize = 30;
constexpr std::size_t kLongestComment = 0xFFFF;
constexpr std::uint32_t kIn64 = 0xFFFFFFFF;  // "see the ZIP64 field"
constexpr std::uint16_t kIn64Short = 0xFFFF;
constexpr std::uint16_t kZip64Field = 1;
constexpr std::uint16_t kEncrypted = 1;
constexpr std::uint64_t kMaxEntries = 1 << 18;
constexpr std::uint64_t kMaxDirectory = 64 << 20;

// Little-endian reads, checked against the size of the file.
class Bytes {
public:
    explicit Bytes(const MappedFile& file) : m_file(file) {}

    [[nodiscard]] std::uint64_t size() const { return m_file.bytes().size(); }

    [[nodiscard]] std::span<const std::byte> part(std::uint64_t offset, std::uint64_t length) const {
        if (offset > size() || length > size() - offset) {
            fail(ALCOVE_TEXT("engine", "it points outside itself, or is cut off"));
        }
        return m_file.bytes().subspan(offset, length);
    }

    template <typename T>
    [[nodiscard]] T read(std::uint64_t offset) const {
        std::uint64_t value = 0;
        const std::span<const std::byte> bytes = part(offset, sizeof(T));
        for (std::size_t i = 0; i < sizeof(T); ++i) {
            value |= std::to_integer<std::uint64_t>(bytes[i]) << (8 * i);
        }
        return static_cast<T>(value);
    }

    [[nodiscard]] std::uint16_t u16(std::uint64_t offset) const { return read<std::uint16_t>(offset); }
    [[nodiscard]] std::uint32_t u32(std::uint64_t offset) const { return read<std::uint32_t>(offset); }
    [[nodiscard]] std::uint64_t u64(std::uint64_t offset) const { return read<std::uint64_t>(offset); }

    [[noreturn]] void fail(const Sentence& detail) const {
        failDamaged(m_file.path(), ALCOVE_TEXT("engine", "as a ZIP archive, %1"), detail);
    }
    [[noreturn]] void unsupported(const Sentence& detail) const { failUnsupported(m_file.path(), detail); }

private:
    const MappedFile& m_file;
};

struct Directory {
    std::uint64_t offset;
    std::uint64_t size;
    std::uint64_t entries;
};

// The end record is the last thing in the file but for a comment of up to 64 KiB.
std::uint64_t findEnd(const Bytes& bytes) {
    if (bytes.size() >= kEndSize) {
        const std::uint64_t last = bytes.size() - kEndSize;
        const std::uint64_t first = last - std::min<std::uint64_t>(last, kLongestComment);
        for (std::uint64_t offset = last + 1; offset-- > first;) {
            if (bytes.u32(offset) == kEnd && bytes.u16(offset + 20) == last - offset) {
                return offset;
            }
        }
    }
    bytes.fail(ALCOVE_TEXT("engine", "it has no end record; the file is probably incomplete"));
}

Directory readEnd(const Bytes& bytes) {
    const std::uint64_t end = findEnd(bytes);
    Directory directory = {bytes.u32(end + 16), bytes.u32(end + 12), bytes.u16(end + 10)};
    std::uint64_t limit = end;
    if (directory.offset == kIn64 || directory.size == kIn64 || directory.entries == kIn64Short) {
        if (end < kEnd64LocatorSize || bytes.u32(end - kEnd64LocatorSize) != kEnd64Locator) {
            bytes.fail(ALCOVE_TEXT("engine", "its ZIP64 locator is missing"));
        }
        const std::uint64_t end64 = bytes.u64(end - kEnd64LocatorSize + 8);
        if (bytes.part(end64, kEnd64Size).size() != kEnd64Size || bytes.u32(end64) != kEnd64) {
            bytes.fail(ALCOVE_TEXT("engine", "its ZIP64 end record is missing"));
        }
        directory = {bytes.u64(end64 + 48), bytes.u64(end64 + 40), bytes.u64(end64 + 32)};
        limit = end64;
    }
    if (directory.offset > limit || directory.size > limit - directory.offset) {
        bytes.fail(ALCOVE_TEXT("engine", "its directory lies outside the file"));
    }
    if (directory.entries > kMaxEntries || directory.size > kMaxDirectory ||
        directory.entries * kCentralHeaderSize > directory.size) {
        bytes.fail(
            {ALCOVE_TEXT("engine", "its directory claims %1 entries in %2 bytes"), directory.entries, directory.size});
    }
    return directory;
}

struct Header {
    std::string name;
    std::uint64_t size = 0;
    std::uint64_t storedSize = 0;
    std::uint64_t localOffset = 0;
    std::uint32_t crc = 0;
    std::uint64_t next = 0;  // offset of the following central header
};

// Replaces each figure that is full by the next one of the ZIP64 field, in the format's order.
void readZip64(const Bytes& bytes, std::uint64_t extra, std::uint64_t extraSize, Header& header) {
    const std::array<std::uint64_t*, 3> figures = {&header.size, &header.storedSize, &header.localOffset};
    if (std::none_of(figures.begin(), figures.end(), [](const std::uint64_t* figure) { return *figure == kIn64; })) {
        return;
    }
    const std::uint64_t extraEnd = extra + extraSize;
    for (std::uint64_t field = extra; field + 4 <= extraEnd;) {
        const std::uint64_t fieldEnd = field + 4 + bytes.u16(field + 2);
        if (fieldEnd > extraEnd) {
            break;
        }
        if (bytes.u16(field) == kZip64Field) {
            std::uint64_t at = field + 4;
            for (std::uint64_t* figure : figures) {
                if (*figure == kIn64) {
                    if (at + 8 > fieldEnd) {
                        bytes.fail({ALCOVE_TEXT("engine", "the ZIP64 field of %1 is too short"), shown(header.name)});
                    }
                    *figure = bytes.u64(at);
                    at += 8;
                }
            }
            return;
        }
        field = fieldEnd;
    }
    bytes.fail({ALCOVE_TEXT("engine", "%1 has no ZIP64 field"), shown(header.name)});
}

std::string textAt(const Bytes& bytes, std::uint64_t offset, std::uint64_t length) {
    const std::span<const std::byte> part = bytes.part(offset, length);
    return {reinterpret_cast<const char*>(part.data()), part.size()};
}

Header readCentralHeader(const Bytes& bytes, std::uint64_t offset, std::uint64_t directoryEnd) {
    if (offset > directoryEnd || directoryEnd - offset < kCentralHeaderSize || bytes.u32(offset) != kCentralHeader) {
        bytes.fail(ALCOVE_TEXT("engine", "its directory is malformed"));
    }
    const std::uint64_t nameSize = bytes.u16(offset + 28);
    const std::uint64_t extraSize = bytes.u16(offset + 30);
    const std::uint64_t commentSize = bytes.u16(offset + 32);
    Header header;
    header.next = offset + kCentralHeaderSize + nameSize + extraSize + commentSize;
    if (header.next > directoryEnd) {
        bytes.fail(ALCOVE_TEXT("engine", "its directory is malformed"));
    }
    header.name = textAt(bytes, offset + kCentralHeaderSize, nameSize);
    if ((bytes.u16(offset + 8) & kEncrypted) != 0) {
        bytes.unsupported({ALCOVE_TEXT("engine", "its entry %1 is encrypted"), shown(header.name)});
    }
    if (bytes.u16(offset + 10) != 0) {
        bytes.unsupported(
            {ALCOVE_TEXT(
                 "engine",
                 "its entry %1 is compressed, which torch.save never does; save the weights again with torch.save"),
             shown(header.name)});
    }
    header.crc = bytes.u32(offset + 16);
    header.storedSize = bytes.u32(offset + 20);
    header.size = bytes.u32(offset + 24);
    header.localOffset = bytes.u32(offset + 42);
    readZip64(bytes, offset + kCentralHeaderSize + nameSize, extraSize, header);
    if (header.size != header.storedSize) {
        bytes.fail({ALCOVE_TEXT("engine", "the two sizes of its entry %1 differ"), shown(header.name)});
    }
    return header;
}

// Where the entry's bytes begin: after its local header, which has an extra field of a length of its own.
std::uint64_t findData(const Bytes& bytes, const Header& header) {
    const std::uint64_t offset = header.localOffset;
    if (bytes.part(offset, kLocalHeaderSize).empty() || bytes.u32(offset) != kLocalHeader) {
        bytes.fail({ALCOVE_TEXT("engine", "the local header of %1 is missing"), shown(header.name)});
    }
    const std::uint64_t nameSize = bytes.u16(offset + 26);
    if (nameSize != header.name.size() || textAt(bytes, offset + kLocalHeaderSize, nameSize) != header.name) {
        bytes.fail({ALCOVE_TEXT("engine", "the local header of %1 has another name"), shown(header.name)});
    }
    return offset + kLocalHeaderSize + nameSize + bytes.u16(offset + 28);
}

struct Range {
    std::uint64_t begin;
    std::uint64_t end;
};

}  // namespace

std::map<std::string, ZipEntry> readZip(const MappedFile& file) {
    const Bytes bytes(file);
    const Directory directory = readEnd(bytes);
    const std::uint64_t directoryEnd = directory.offset + directory.size;
    std::map<std::string, ZipEntry> entries;
    std::vector<Range> ranges;
    std::uint64_t offset = directory.offset;
    for (std::uint64_t i = 0; i < directory.entries; ++i) {
        const Header header = readCentralHeader(bytes, offset, directoryEnd);
        offset = header.next;
        const std::uint64_t begin = findData(bytes, header);
        const std::span<const std::byte> data = bytes.part(begin, header.size);
        ranges.push_back({header.localOffset, begin + header.size});
        if (!entries.emplace(header.name, ZipEntry{data, header.crc}).second) {
            bytes.fail({ALCOVE_TEXT("engine", "it holds %1 twice"), shown(header.name)});
        }
    }
    if (offset != directoryEnd) {
        bytes.fail(ALCOVE_TEXT("engine", "its directory is longer than its entries"));
    }
    ranges.push_back({directory.offset, directoryEnd});
    std::sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.begin < b.begin; });
    for (std::size_t i = 1; i < ranges.size(); ++i) {
        if (ranges[i].begin < ranges[i - 1].end) {
            bytes.fail(ALCOVE_TEXT("engine", "its entries overlap"));
        }
    }
    return entries;
}

std::uint32_t crc32(std::span<const std::byte> bytes) {
    static constexpr auto kTable = [] {
        std::array<std::uint32_t, 256> table = {};
        for (std::uint32_t i = 0; i < table.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit) {
                value = (value >> 1) ^ ((value & 1) != 0 ? 0xEDB88320U : 0U);
            }
            table[i] = value;
        }
        return table;
    }();
    std::uint32_t crc = 0xFFFFFFFF;
    for (const std::byte byte : bytes) {
        crc = kTable[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xFF] ^ (crc >> 8);
    }
    return ~crc;
}

}  // namespace alcove::engine
