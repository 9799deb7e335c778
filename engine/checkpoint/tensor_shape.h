// Arithmetic on shapes that come from outside files.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace alcove::engine {

// Dimensions a reader takes; weights have one or two.
inline constexpr std::size_t kMaxRank = 8;

// The product of `shape` (1 for an empty one), or nothing if it does not fit in 64 bits.
[[nodiscard]] constexpr std::optional<std::uint64_t> elementCount(std::span<const std::uint64_t> shape) {
    std::uint64_t count = 1;
    for (const std::uint64_t size : shape) {
        if (__builtin_mul_overflow(count, size, &count)) {
            return std::nullopt;
        }
    }
    return count;
}

}  // namespace alcove::engine
