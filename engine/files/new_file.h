// A large file that appears under its name only when it is complete.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace alcove::engine {

// Written beside its place under another name; unless commit() was reached, nothing is left behind.
class NewFile {
public:
    // Takes `size` bytes of disk at once where the file system can do that. Throws Error{InvalidRequest} if there is
    // such a file and `overwrite` is false, or `path` is no place for a file; Error{FileUnwritable} with the system's
    // reason (a full disk, permissions), as do the others.
    NewFile(std::filesystem::path path, std::uint64_t size, bool overwrite);
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    ~NewFile();

    void append(std::span<const std::byte> bytes);
    [[nodiscard]] std::uint64_t written() const { return m_written; }

    // Brings it to the disk and gives it its name.
    void commit();

private:
    [[noreturn]] void fail(int error) const;
    void requireFree() const;

    std::filesystem::path m_path;
    std::filesystem::path m_temporary;
    bool m_overwrite;
    int m_descriptor = -1;
    std::uint64_t m_written = 0;
};

}  // namespace alcove::engine
