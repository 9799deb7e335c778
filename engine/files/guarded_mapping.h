// A mapping of a file that outlives the file's becoming shorter.
//
// Where a mapped file has become shorter, or its disk does not give its bytes, the system answers access with SIGBUS,
// which ends the program. Here a handler of that signal puts zeros in the place of what is missing and notes it, and
// access goes on. Faults anywhere else go to the handler that was there before.
#pragma once

#include <cstddef>
#include <span>

namespace alcove::engine {

// Move-only. The bytes may be read on any thread.
class GuardedMapping {
public:
    GuardedMapping() = default;
    // The first `size` bytes, at least one, of an open file, read-only. bytes() are empty, and errno says why, if the
    // system declines.
    GuardedMapping(int descriptor, std::size_t size);
    GuardedMapping(GuardedMapping&& other) noexcept;
    GuardedMapping& operator=(GuardedMapping&& other) noexcept;
    ~GuardedMapping();

    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

    // Whether bytes were missing: then some that were read are zeros and not the file's.
    [[nodiscard]] bool failed() const;

    struct Entry;

private:
    std::span<const std::byte> m_bytes;
    Entry* m_entry = nullptr;
};

}  // namespace alcove::engine
