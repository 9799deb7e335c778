// The tunings that were found on this machine, kept beside the compiled pipelines.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "engine/checkpoint/model_config.h"
#include "engine/checkpoint/tensor.h"
#include "engine/vulkan/driver/physical_device.h"
#include "engine/vulkan/tuning/tuning_search.h"

namespace alcove::engine::vulkan {

// What a tuning was found for: "Q4_0 2048x5632, 32 of 32 heads of 64".
[[nodiscard]] std::string tuningSubject(const ModelConfig& config, DType dtype);

// One JSON file for a device:
//
//     {"driver": 12345, "shaders": 1311768467, "found": {"Q4_0 2048x5632, …": {"variant": "dot", "invocations": 64,
//      "subgroup": 0, "trials": [["plain, work groups of 64", 0.41], …]}}}
//
// The file is outside the program and therefore hostile: one that belongs to another driver or other shaders, is
// damaged, or names what the device does not allow counts for nothing, and the next remember() replaces it.
class TuningStore {
public:
    // With an empty `folder` nothing is read or written.
    TuningStore(const PhysicalDevice& device, const std::filesystem::path& folder);

    [[nodiscard]] std::optional<KernelSelection> find(const std::string& subject) const;
    // False if the disk does not take it: then it is found out again next time.
    bool remember(const std::string& subject, const TuningSearch& search) const;
    [[nodiscard]] const std::filesystem::path& file() const { return m_file; }

private:
    const PhysicalDevice* m_device;
    std::filesystem::path m_file;
};

// "dot, work groups of 64, subgroups of 32", for reports.
[[nodiscard]] std::string describe(const KernelSelection& selection);

}  // namespace alcove::engine::vulkan
