// A fuzzer's input as a file, which is how the readers take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <sanitizer/asan_interface.h>
#include <span>
#include <string>
#include <sys/mman.h>
#include <unistd.h>
#include <utility>
#include <vector>

#include "engine/checkpoint/tensor.h"
#include "engine/files/mapped_file.h"

namespace alcove::fuzz {

// A file in memory with a path of its own. Made once, written anew for each input.
class FuzzFile {
public:
    FuzzFile() : m_descriptor(::memfd_create("input", MFD_CLOEXEC)) {}
    FuzzFile(const FuzzFile&) = delete;
    FuzzFile& operator=(const FuzzFile&) = delete;
    ~FuzzFile() { ::close(m_descriptor); }

    void write(const std::uint8_t* data, std::size_t size) const {
        if (::ftruncate(m_descriptor, 0) != 0 || ::pwrite(m_descriptor, data, size, 0) != static_cast<ssize_t>(size)) {
            std::abort();
        }
    }

    // A hole at its end, up to `size` bytes.
    void extend(std::uint64_t size) const {
        if (::ftruncate(m_descriptor, static_cast<off_t>(size)) != 0) {
            std::abort();
        }
    }

    [[nodiscard]] std::filesystem::path path() const { return "/proc/self/fd/" + std::to_string(m_descriptor); }

private:
    int m_descriptor;
};

// A folder in which files are inputs, under the names given. Removed at the end; the files must live as long.
class FuzzFolder {
public:
    using Names = std::vector<std::pair<const char*, const FuzzFile*>>;

    // With one file of its own.
    explicit FuzzFolder(const char* name) : FuzzFolder(Names{{name, nullptr}}) {}
    explicit FuzzFolder(const Names& names) {
        std::string pattern = (std::filesystem::temp_directory_path() / "alcove-fuzz-XXXXXX").string();
        if (::mkdtemp(pattern.data()) == nullptr) {
            std::abort();
        }
        m_path = pattern;
        for (const auto& [name, file] : names) {
            std::filesystem::create_symlink((file == nullptr ? m_file : *file).path(), m_path / name);
        }
    }
    FuzzFolder(const FuzzFolder&) = delete;
    FuzzFolder& operator=(const FuzzFolder&) = delete;
    ~FuzzFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(m_path, ignored);
    }

    [[nodiscard]] const FuzzFile& input() const { return m_file; }
    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }

private:
    FuzzFile m_file;
    std::filesystem::path m_path;
};

// Makes AddressSanitizer see reads past a mapped file's end, which the system allows up to the end of the page.
class PoisonedTail {
public:
    explicit PoisonedTail(const engine::MappedFile& file) {
        const std::size_t page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        const std::size_t used = file.bytes().size() % page;
        if (used != 0) {
            m_tail = {file.bytes().data() + file.bytes().size(), page - used};
            ASAN_POISON_MEMORY_REGION(m_tail.data(), m_tail.size());
        }
    }
    PoisonedTail(const PoisonedTail&) = delete;
    PoisonedTail& operator=(const PoisonedTail&) = delete;
    ~PoisonedTail() { ASAN_UNPOISON_MEMORY_REGION(m_tail.data(), m_tail.size()); }

private:
    std::span<const std::byte> m_tail;
};

// Reads every byte of a view.
inline void touch(const engine::TensorView& tensor) {
    static volatile unsigned sum = 0;
    for (const std::byte byte : tensor.bytes) {
        sum = sum + std::to_integer<unsigned>(byte);
    }
}

}  // namespace alcove::fuzz
