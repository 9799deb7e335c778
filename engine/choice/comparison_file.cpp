#include "engine/choice/comparison_file.h"

#include <cmath>
#include <span>
#include <system_error>

#include "engine/checkpoint/bounded_json.h"
#include "engine/error.h"
#include "engine/text/small_file.h"
#include "engine/vulkan/device_files.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

// To be raised when measuring or its meaning changes.
constexpr const char* kFormat = "1";
constexpr std::size_t kMostBytes = 16384;
constexpr JsonLimits kLimits = {.bytes = kMostBytes, .depth = 4, .values = 64};
constexpr double kLongest = 3600;  // seconds
constexpr std::uint32_t kMostBegun = 1000;
constexpr std::size_t kLongestFailure = 2000;

const json* find(const json& object, const char* name) {
    const auto found = object.find(name);
    return found == object.end() ? nullptr : &*found;
}

std::optional<std::string> textIn(const json& object, const char* name) {
    const json* value = find(object, name);
    return value != nullptr && value->is_string() ? std::optional(value->get<std::string>()) : std::nullopt;
}

std::optional<double> secondsIn(const json& object, const char* name) {
    const json* value = find(object, name);
    if (value == nullptr || !value->is_number()) {
        return std::nullopt;
    }
    const auto seconds = value->get<double>();
    return std::isfinite(seconds) && seconds > 0 && seconds < kLongest ? std::optional(seconds) : std::nullopt;
}

std::optional<DeviceSpeed> speedIn(const json& object, const char* name) {
    const json* value = find(object, name);
    if (value == nullptr || !value->is_object()) {
        return std::nullopt;
    }
    const std::optional<double> prompt = secondsIn(*value, "prompt_seconds");
    const std::optional<double> reply = secondsIn(*value, "reply_seconds");
    return prompt && reply ? std::optional(DeviceSpeed{.promptSeconds = *prompt, .replySeconds = *reply})
                           : std::nullopt;
}

json jsonOf(const DeviceSpeed& speed) {
    return {{"prompt_seconds", speed.promptSeconds}, {"reply_seconds", speed.replySeconds}};
}

}  // namespace

std::optional<Comparison> parseComparison(std::string_view text, std::string_view key) {
    json object;
    try {
        object = parseJsonObject(text, "comparison", kLimits);
    } catch (const Error&) {
        return std::nullopt;
    }
    if (textIn(object, "key") != key) {
        return std::nullopt;
    }
    Comparison result;
    if (const json* begun = find(object, "begun"); begun != nullptr) {
        if (!begun->is_number_unsigned() || begun->get<std::uint64_t>() > kMostBegun) {
            return std::nullopt;
        }
        result.begun = begun->get<std::uint32_t>();
    }
    result.failure = textIn(object, "failure").value_or("");
    if (result.failure.size() > kLongestFailure) {
        return std::nullopt;
    }
    result.gpu = speedIn(object, "gpu");
    result.processor = speedIn(object, "processor");
    return result;
}

std::string comparisonText(const Comparison& comparison, std::string_view key) {
    json object = {{"key", key}, {"begun", comparison.begun}};
    if (!comparison.failure.empty()) {
        object["failure"] = comparison.failure;
    }
    if (comparison.gpu) {
        object["gpu"] = jsonOf(*comparison.gpu);
    }
    if (comparison.processor) {
        object["processor"] = jsonOf(*comparison.processor);
    }
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

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
    m_key = json(m_key).dump(-1, ' ', true, json::error_handler_t::replace);
}

std::optional<Comparison> ComparisonFile::load() const {
    if (m_path.empty()) {
        return std::nullopt;
    }
    try {
        return parseComparison(readSmallFile(m_path, kMostBytes), m_key);
    } catch (const Error&) {
        return std::nullopt;
    }
}

void ComparisonFile::save(const Comparison& comparison) const {
    if (!m_path.empty()) {
        const std::string text = comparisonText(comparison, m_key);
        // Where the disk does not take it, it is measured again.
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
