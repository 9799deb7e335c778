#include "tests/engine/checkpoint/checkpoint_builder.h"

#include <fstream>
#include <iterator>
#include <span>
#include <stdexcept>

#include "engine/checkpoint/zip_reader.h"

namespace alcove::test {

std::string readFile(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) {
        throw std::runtime_error("cannot read " + path.string());
    }
    return {std::istreambuf_iterator<char>(stream), {}};
}

void writeFile(const std::filesystem::path& path, std::string_view bytes) {
    std::filesystem::remove(path);  // some file systems flush a file that is overwritten in place, which is slow
    std::ofstream stream(path, std::ios::binary);
    stream.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    if (!stream.flush()) {
        throw std::runtime_error("cannot write " + path.string());
    }
}

ScratchFolder::ScratchFolder() {
    if (!m_folder.isValid()) {
        throw std::runtime_error("no temporary folder");
    }
}

ScratchFolder::ScratchFolder(const char* fixture) : ScratchFolder() {
    std::filesystem::copy(std::filesystem::path(ALCOVE_FIXTURES) / fixture, path());
}

std::filesystem::path ScratchFolder::path() const {
    return m_folder.path().toStdString();
}

void ScratchFolder::edit(const char* name, std::string_view from, std::string_view to) const {
    std::string content = readFile(path() / name);
    const std::size_t place = content.find(from);
    if (place == std::string::npos || content.find(from, place + 1) != std::string::npos) {
        throw std::runtime_error(std::string(name) + " does not hold exactly one " + std::string(from));
    }
    writeFile(path() / name, content.replace(place, from.size(), to));
}

std::optional<Failure> failureOf(const std::function<void()>& action) {
    try {
        action();
    } catch (const engine::Error& error) {
        return Failure{error.code(), error.what()};
    }
    return std::nullopt;
}

std::string mismatch(const std::function<void()>& action, engine::ErrorCode code, std::string_view part) {
    const std::optional<Failure> failure = failureOf(action);
    if (!failure) {
        return "nothing was thrown";
    }
    if (failure->code != code) {
        return "wrong code " + std::to_string(static_cast<int>(failure->code)) + ": " + failure->sentence;
    }
    if (failure->sentence.find(part) == std::string::npos || !failure->sentence.ends_with('.')) {
        return "wrong sentence: " + failure->sentence;
    }
    return {};
}

std::string littleEndian(std::uint64_t value, std::size_t bytes) {
    std::string result;
    for (std::size_t i = 0; i < bytes; ++i) {
        result += static_cast<char>(value >> (8 * i));
    }
    return result;
}

std::string makeSafetensors(std::string_view header, std::string_view data) {
    return littleEndian(header.size(), 8).append(header).append(data);
}

std::string makeZip(const std::vector<ZipItem>& items, bool zip64) {
    const auto u16 = [](std::uint64_t value) { return littleEndian(value, 2); };
    const auto u32 = [](std::uint64_t value) { return littleEndian(value, 4); };
    const auto u64 = [](std::uint64_t value) { return littleEndian(value, 8); };
    const std::uint64_t full = 0xFFFFFFFF;
    std::string file;
    std::string directory;
    for (const ZipItem& item : items) {
        const std::uint64_t size = item.bytes.size();
        const std::uint64_t offset = file.size();
        const std::uint32_t crc = item.crc.value_or(engine::crc32(std::as_bytes(std::span(item.bytes))));
        const std::string sizes = zip64 ? u32(full) + u32(full) : u32(size) + u32(size);
        const std::string shared =
            u16(item.flags) + u16(item.method) + u32(0) + u32(crc) + sizes + u16(item.name.size());
        const std::string localExtra = zip64 ? u16(1) + u16(16) + u64(size) + u64(size) : std::string();
        // An unrelated field before the ZIP64 one, which readers have to step over.
        const std::string extra =
            zip64 ? u16(0x4246) + u16(3) + "FBZ" + u16(1) + u16(24) + u64(size) + u64(size) + u64(offset)
                  : std::string();
        file += "PK\x03\x04" + u16(45) + shared + u16(localExtra.size()) + item.name + localExtra + item.bytes;
        directory += "PK\x01\x02" + u16(45) + u16(45) + shared + u16(extra.size()) + u16(0) + u16(0) + u16(0) + u32(0) +
                     u32(zip64 ? full : offset) + item.name + extra;
    }
    const std::uint64_t begin = file.size();
    file += directory;
    if (zip64) {
        const std::uint64_t end64 = file.size();
        file += "PK\x06\x06" + u64(44) + u16(45) + u16(45) + u32(0) + u32(0) + u64(items.size()) + u64(items.size()) +
                u64(directory.size()) + u64(begin);
        file += "PK\x06\x07" + u32(0) + u64(end64) + u32(1);
        file += "PK\x05\x06" + u16(0) + u16(0) + u16(0xFFFF) + u16(0xFFFF) + u32(full) + u32(full) + u16(0);
    } else {
        file += "PK\x05\x06" + u16(0) + u16(0) + u16(items.size()) + u16(items.size()) + u32(directory.size()) +
                u32(begin) + u16(0);
    }
    return file;
}

namespace pickle {

std::string text(std::string_view value) {
    return "X" + littleEndian(value.size(), 4) + std::string(value);
}

std::string integer(std::int64_t value) {
    return "\x8A\x08" + littleEndian(static_cast<std::uint64_t>(value), 8);
}

std::string global(std::string_view module, std::string_view name) {
    return "c" + std::string(module) + "\n" + std::string(name) + "\n";
}

std::string tuple(const std::vector<std::int64_t>& values) {
    std::string result = "(";
    for (const std::int64_t value : values) {
        result += integer(value);
    }
    return result + "t";
}

std::string storage(std::string_view type, std::string_view key, std::int64_t count) {
    return "(" + text("storage") + global("torch", type) + text(key) + text("cpu") + integer(count) + "tQ";
}

std::string tensor(const std::string& storage, std::int64_t offset, const std::vector<std::int64_t>& shape,
                   const std::vector<std::int64_t>& strides) {
    return global("torch._utils", "_rebuild_tensor_v2") + "(" + storage + integer(offset) + tuple(shape) +
           tuple(strides) + "\x89" + global("collections", "OrderedDict") + ")RtR";
}

std::string dictionary(const std::string& items) {
    return "\x80\x02}(" + items + "u.";
}

}  // namespace pickle

}  // namespace alcove::test
