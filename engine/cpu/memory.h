// Host memory: how much is free, and large allocations.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace alcove::engine::cpu {

// Throws Error{OutOfMemory} with the numbers if `bytes` are more than is available.
void requireMemory(std::uint64_t bytes);

// Move-only owner of zeroed memory, aligned to 64 bytes and more, in huge pages where the system has them: walking
// 4 KiB pages costs a fifth of the read bandwidth.
class LargeMemory {
public:
    LargeMemory() = default;
    explicit LargeMemory(std::size_t bytes);  // Throws Error{OutOfMemory}.
    LargeMemory(LargeMemory&& other) noexcept;
    LargeMemory& operator=(LargeMemory&& other) noexcept;
    ~LargeMemory();

    [[nodiscard]] std::byte* data() const { return m_data; }
    [[nodiscard]] std::size_t size() const { return m_size; }

private:
    void* m_mapping = nullptr;
    std::size_t m_mapped = 0;
    std::byte* m_data = nullptr;
    std::size_t m_size = 0;
};

}  // namespace alcove::engine::cpu
