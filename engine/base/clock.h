// The clock all durations are taken with.
#pragma once

#include <chrono>

namespace alcove::engine {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double secondsBetween(Clock::time_point begin, Clock::time_point end) {
    return std::chrono::duration<double>(end - begin).count();
}

[[nodiscard]] inline double secondsSince(Clock::time_point begin) {
    return secondsBetween(begin, Clock::now());
}

}  // namespace alcove::engine
