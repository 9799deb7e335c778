// The clock all durations are taken with.
#pragma once

#include <chrono>

namespace alcove::engine {

using Clock = std::chrono::steady_clock;

[[nodiscard]] inline double secondsSince(Clock::time_point begin) {
    return std::chrono::duration<double>(Clock::now() - begin).count();
}

}  // namespace alcove::engine
