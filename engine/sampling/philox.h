// Philox4x32-10, a counter-based random number generator.
// Salmon, Moraes, Dror, Shaw: "Parallel random numbers: as easy as 1, 2, 3" (SC 2011).
#pragma once

#include <array>
#include <cstdint>

namespace alcove::engine {

// The random block that belongs to `counter` under `key`. Knows no state: step n needs no step n-1.
[[nodiscard]] constexpr std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> counter,
                                                            std::array<std::uint32_t, 2> key) {
    constexpr int kRounds = 10;
    for (int round = 0; round < kRounds; ++round) {
        const std::uint64_t a = 0xD2511F53ULL * counter[0];
        const std::uint64_t b = 0xCD9E8D57ULL * counter[2];
        counter = {static_cast<std::uint32_t>(b >> 32U) ^ counter[1] ^ key[0], static_cast<std::uint32_t>(b),
                   static_cast<std::uint32_t>(a >> 32U) ^ counter[3] ^ key[1], static_cast<std::uint32_t>(a)};
        key = {key[0] + 0x9E3779B9U, key[1] + 0xBB67AE85U};
    }
    return counter;
}

// Uniform in [0, 1), 53 bits: the draw of `step` under `seed`.
[[nodiscard]] constexpr double uniformDraw(std::uint64_t seed, std::uint64_t step) {
    const auto block = philox({static_cast<std::uint32_t>(step), static_cast<std::uint32_t>(step >> 32U), 0, 0},
                              {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32U)});
    const std::uint64_t bits = (static_cast<std::uint64_t>(block[1]) << 32U) | block[0];
    return static_cast<double>(bits >> 11U) * 0x1p-53;
}

}  // namespace alcove::engine
