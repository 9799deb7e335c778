// A file mapped read-only into memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <span>
#include <string_view>
#include <type_traits>

#include "engine/files/guarded_mapping.h"

namespace alcove::engine {

// Move-only; the mapping (and every span onto it) lives as long as the object, also through moves. Where the file
// becomes shorter meanwhile, or its disk fails, zeros are read; requireUnchanged() tells.
class MappedFile {
public:
    // Throws Error{FileMissing} or Error{FileUnreadable}; only regular files are taken.
    explicit MappedFile(std::filesystem::path path);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_mapping.bytes(); }
    [[nodiscard]] std::string_view text() const {
        return {reinterpret_cast<const char*>(bytes().data()), bytes().size()};
    }

    // Gives the memory behind the mapping back to the system; reading it reads the file again.
    void releasePages() const;

    // To be called when bytes were read, before what came of them is used. Throws Error{FileUnreadable} if some of them
    // were not to be had, or the file was written to since it was mapped. A file that was put in its place is another
    // one and does not matter.
    void requireUnchanged() const;

    // What `read` returns. Whatever went wrong with a file that changed while it was read, the Error is that it did.
    template <typename Read>
    auto unchangedAfter(const Read& read) const {
        try {
            if constexpr (std::is_void_v<decltype(read())>) {
                read();
                requireUnchanged();
            } else {
                auto result = read();
                requireUnchanged();
                return result;
            }
        } catch (const std::exception&) {
            requireUnchanged();
            throw;
        }
    }

private:
    // By which the file that was mapped, and its content, are known again.
    struct Identity {
        std::uint64_t device = 0;
        std::uint64_t number = 0;
        std::int64_t size = 0;
        std::int64_t changedSeconds = 0;
        std::int64_t changedNanoseconds = 0;

        friend bool operator==(const Identity&, const Identity&) = default;
    };
    template <typename Status>
    [[nodiscard]] static Identity identityOf(const Status& status);

    std::filesystem::path m_path;
    Identity m_identity;
    GuardedMapping m_mapping;
};

}  // namespace alcove::engine
