// A file mapped read-only into memory.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string_view>

namespace alcove::engine {

// Move-only; the mapping (and every span onto it) lives as long as the object, also through moves. The file must
// not be shortened meanwhile: the system answers that with SIGBUS, as for every mapping.
class MappedFile {
public:
    // Throws Error{FileMissing} or Error{FileUnreadable}; only regular files are taken.
    explicit MappedFile(std::filesystem::path path);
    MappedFile(MappedFile&& other) noexcept;
    MappedFile& operator=(MappedFile&& other) noexcept;
    ~MappedFile();

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(m_bytes.data()), m_bytes.size()};
    }

    // Gives the memory behind the mapping back to the system; reading it reads the file again.
    void releasePages() const;

private:
    std::filesystem::path m_path;
    std::span<const std::byte> m_bytes;
};

}  // namespace alcove::engine
