// The file in which the comparison of a graphics device with the processor is stored.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "engine/devices/comparison.h"
#include "engine/model/device_info.h"

namespace alcove::engine {

// One small file for each graphics device. It holds for one version of its driver, one processor, and one version of
// Alcove and its shaders.
class ComparisonFile {
public:
    // With an empty `folder`, or a device without an identity, nothing is read or written.
    ComparisonFile(const std::filesystem::path& folder, const DeviceInfo& gpu, const DeviceInfo& processor);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::optional<Comparison> load() const;
    // Failure is ignored: the next run then measures again.
    void save(const Comparison& comparison) const;
    void remove() const;

private:
    std::filesystem::path m_path;
    std::string m_key;
};

}  // namespace alcove::engine
