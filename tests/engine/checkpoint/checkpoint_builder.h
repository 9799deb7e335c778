// Builds checkpoint files byte by byte, right or wrong, for the tests of the readers.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"

namespace alcove::test {

[[nodiscard]] std::string readFile(const std::filesystem::path& path);
void writeFile(const std::filesystem::path& path, std::string_view bytes);

// A temporary copy of one of tests/fixtures, or an empty folder.
class ScratchFolder {
public:
    ScratchFolder();
    explicit ScratchFolder(const char* fixture);
    [[nodiscard]] std::filesystem::path path() const;
    [[nodiscard]] std::filesystem::path operator/(const char* name) const { return path() / name; }
    // Replaces the one occurrence of `from` in a text file.
    void edit(const char* name, std::string_view from, std::string_view to) const;

private:
    QTemporaryDir m_folder;
};

struct Failure {
    engine::ErrorCode code;
    std::string sentence;
};

// The Error that `action` ends with. Other exceptions pass; nothing: none was thrown.
[[nodiscard]] std::optional<Failure> failureOf(const std::function<void()>& action);

// Checks that `action` fails with `code` and a sentence that contains `part` (and ends as one). Returns what is
// wrong, empty: nothing.
[[nodiscard]] std::string mismatch(const std::function<void()>& action, engine::ErrorCode code, std::string_view part);

// The same as an assertion of the test that it stands in.
#define EXPECT_ERROR(action, code, part)                                                   \
    do {                                                                                   \
        const std::string wrong = alcove::test::mismatch([&] { action; }, (code), (part)); \
        QVERIFY2(wrong.empty(), wrong.c_str());                                            \
    } while (false)

[[nodiscard]] std::string littleEndian(std::uint64_t value, std::size_t bytes);

// Header length, header, data.
[[nodiscard]] std::string makeSafetensors(std::string_view header, std::string_view data);

struct ZipItem {
    std::string name;
    std::string bytes;
    std::uint16_t method = 0;  // 0: stored
    std::uint16_t flags = 0;
    std::optional<std::uint32_t> crc = std::nullopt;  // absent: the right one
};

// `zip64`: every size, offset and count in its ZIP64 field, as in archives of more than 4 GiB.
[[nodiscard]] std::string makeZip(const std::vector<ZipItem>& items, bool zip64 = false);

// Pieces of a protocol 2 pickle.
namespace pickle {

[[nodiscard]] std::string text(std::string_view value);
[[nodiscard]] std::string integer(std::int64_t value);
[[nodiscard]] std::string global(std::string_view module, std::string_view name);
[[nodiscard]] std::string tuple(const std::vector<std::int64_t>& values);
[[nodiscard]] std::string storage(std::string_view type, std::string_view key, std::int64_t count);
[[nodiscard]] std::string tensor(const std::string& storage, std::int64_t offset,
                                 const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides);
// A whole pickle: a dictionary of `items`, keys and values in turn.
[[nodiscard]] std::string dictionary(const std::string& items);

}  // namespace pickle

}  // namespace alcove::test
