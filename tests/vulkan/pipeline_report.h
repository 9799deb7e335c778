// What a driver says of the code that it made of our shaders: registers, spills, shared memory, occupancy.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/vulkan/driver/device.h"

namespace alcove::tests {

struct PipelineReport {
    std::string name;                                              // the pipeline's, with its specialisation constants
    std::map<std::string, std::uint64_t, std::less<>> statistics;  // by the driver's names

    // None if the driver does not tell it.
    [[nodiscard]] std::optional<std::uint64_t> find(std::string_view statistic) const;
    // True if the code keeps values outside of registers, or if the driver does not tell.
    [[nodiscard]] bool spills() const;
};

// Compiles every pipeline that the engine may make on `info`, each once, and reports on them in order of their names:
// those of the tunings that are tried in the first `rounds` rounds (engine/vulkan/tuning/tuning.h).
// Empty if the driver has no statistics. Throws as Kernels does.
[[nodiscard]] std::vector<PipelineReport> reportOnEveryPipeline(const engine::DeviceInfo& info, int rounds);

}  // namespace alcove::tests
