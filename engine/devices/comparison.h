// The comparison of a graphics device with the processor, and its format on disk.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/sentence.h"
#include "engine/devices/speed_probe.h"

namespace alcove::engine {

inline constexpr std::size_t kLargestComparison = 16384;  // bytes

// Both speeds, or a failure, or only that measuring has begun.
struct Comparison {
    std::uint32_t begun = 0;  // times that measuring began and did not come to an end
    std::optional<DeviceSpeed> gpu{};
    std::optional<DeviceSpeed> processor{};
    Sentence failure{};  // why the graphics device is of no use
};

// What `text` holds, if it was written for `key` and every number in it is one that can have been measured. Nothing is
// thrown: nothing is returned for a file that is damaged or was written by another program.
[[nodiscard]] std::optional<Comparison> parseComparison(std::string_view text, std::string_view key);
[[nodiscard]] std::string comparisonText(const Comparison& comparison, std::string_view key);

}  // namespace alcove::engine
