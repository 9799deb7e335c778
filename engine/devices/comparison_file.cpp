#include "engine/devices/comparison_file.h"

#include <span>
#include <system_error>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/small_file.h"
#include "engine/vulkan/driver/device_files.h"

namespace alcove::engine {

namespace {

// To be raised when measuring or its meaning changes.
constexpr const char* kFormat = "1";

}  // namespace

ComparisonFile::ComparisonFile(const std::filesystem::path& folder, const DeviceInfo& gpu,
                               const DeviceInfo& processor) {
    if (folder.empty() || gpu.identity.empty()) {
        return;
    }
    m_path = folder / ("comparison-" + gpu.identity.substr(0, gpu.identity.find('-')) + ".json");
    // The processor's driver names its vector unit and threads.
    for (const std::string& part :
         {std::string(kFormat), gpu.identity, gpu.name, gpu.driver, processor.name, processor.driver,
          std::string(ALCOVE_VERSION), std::to_string(vulkan::shaderHash())}) {
        m_key += (m_key.empty() ? "" : "; ") + part;
    }
    // What a driver calls itself need not be UTF-8, and is stored as JSON stores it.
    m_key = nlohmann::json(m_key).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::optional<Comparison> ComparisonFile::load() const {
    if (m_path.empty()) {
        return std::nullopt;
    }
    try {
        return parseComparison(readSmallFile(m_path, kLargestComparison), m_key);
    } catch (const Error&) {
        return std::nullopt;
    }
}

void ComparisonFile::save(const Comparison& comparison) const {
    if (!m_path.empty()) {
        const std::string text = comparisonText(comparison, m_key);
        // If it cannot be written, the next run measures again.
        static_cast<void>(vulkan::replaceFile(m_path, {std::as_bytes(std::span(text))}));
    }
}

void ComparisonFile::remove() const {
    std::error_code ignored;
    if (!m_path.empty()) {
        std::filesystem::remove(m_path, ignored);
    }
}

}  // namespace alcove::engine
