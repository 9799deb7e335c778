// What is remembered of the comparison of a graphics device with the processor.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "engine/choice/speed_probe.h"
#include "engine/device.h"

namespace alcove::engine {

// Both speeds, or a failure, or only that measuring has begun.
struct Comparison {
    std::uint32_t begun = 0;  // times that measuring began and did not come to an end
    std::optional<DeviceSpeed> gpu{};
    std::optional<DeviceSpeed> processor{};
    std::string failure{};  // a sentence: why the graphics device is of no use
};

// What `text` says, if it was written for `key` and every number in it is one that can have been measured. Nothing is
// thrown: a file that is damaged, or of another program, is as good as none.
[[nodiscard]] std::optional<Comparison> parseComparison(std::string_view text, std::string_view key);
[[nodiscard]] std::string comparisonText(const Comparison& comparison, std::string_view key);

// One small file for each graphics device. It holds for one version of its driver, one processor, and one version of
// Alcove and its shaders.
class ComparisonFile {
public:
    // With an empty `folder`, or a device without an identity, nothing is read or written.
    ComparisonFile(const std::filesystem::path& folder, const DeviceInfo& gpu, const DeviceInfo& processor);

    [[nodiscard]] const std::filesystem::path& path() const { return m_path; }
    [[nodiscard]] std::optional<Comparison> load() const;
    // A folder that does not take it only means that the next program measures again.
    void save(const Comparison& comparison) const;
    void remove() const;

private:
    std::filesystem::path m_path;
    std::string m_key;
};

}  // namespace alcove::engine
