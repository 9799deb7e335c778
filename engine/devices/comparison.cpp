#include "engine/devices/comparison.h"

#include <cmath>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/bounded_json.h"

namespace alcove::engine {

namespace {

using nlohmann::json;

constexpr JsonLimits kLimits = {.bytes = kLargestComparison, .depth = 6, .values = 64, .text = kLargestComparison};
constexpr double kMostSeconds = 3600;
constexpr std::uint32_t kLargestCount = 1000;
constexpr std::size_t kLongestFailure = 2000;  // bytes
constexpr std::size_t kMostArguments = 9;

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
    return std::isfinite(seconds) && seconds > 0 && seconds < kMostSeconds ? std::optional(seconds) : std::nullopt;
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

// A text stands for itself; an array holds a translatable text and its arguments, each such a value again.
std::optional<Sentence> sentenceFrom(const json& value) {
    if (value.is_string()) {
        return Sentence::verbatim(value.get<std::string>());
    }
    if (!value.is_array() || value.empty() || value.size() > 1 + kMostArguments || !value.front().is_string()) {
        return std::nullopt;
    }
    std::vector<Sentence> arguments;
    for (std::size_t i = 1; i < value.size(); ++i) {
        std::optional<Sentence> argument = sentenceFrom(value[i]);
        if (!argument) {
            return std::nullopt;
        }
        arguments.push_back(*std::move(argument));
    }
    return Sentence::kept(value.front().get<std::string>(), std::move(arguments));
}

json jsonOf(const Sentence& sentence) {
    if (!sentence.translatable()) {
        return sentence.english();
    }
    json result = json::array({sentence.source()});
    for (const Sentence& argument : sentence.arguments()) {
        result.push_back(jsonOf(argument));
    }
    return result;
}

json jsonOf(const DeviceSpeed& speed) {
    return {{"prompt_seconds", speed.promptSeconds}, {"reply_seconds", speed.replySeconds}};
}

std::optional<Comparison> comparisonFrom(const json& object, std::string_view key) {
    if (textIn(object, "key") != key) {
        return std::nullopt;
    }
    Comparison result;
    if (const json* begun = find(object, "begun"); begun != nullptr) {
        if (!begun->is_number_unsigned() || begun->get<std::uint64_t>() > kLargestCount) {
            return std::nullopt;
        }
        result.begun = begun->get<std::uint32_t>();
    }
    if (const json* failure = find(object, "failure"); failure != nullptr) {
        result.failure = sentenceFrom(*failure).value_or(Sentence());
        if (failure->dump().size() > kLongestFailure) {
            return std::nullopt;
        }
    }
    result.gpu = speedIn(object, "gpu");
    result.processor = speedIn(object, "processor");
    return result;
}

}  // namespace

std::optional<Comparison> parseComparison(std::string_view text, std::string_view key) {
    try {
        return comparisonFrom(*parseJsonObject(text, "comparison", kLimits), key);
    } catch (const Error&) {
        return std::nullopt;
    }
}

std::string comparisonText(const Comparison& comparison, std::string_view key) {
    json object = {{"key", key}, {"begun", comparison.begun}};
    if (!comparison.failure.empty()) {
        object["failure"] = jsonOf(comparison.failure);
    }
    if (comparison.gpu) {
        object["gpu"] = jsonOf(*comparison.gpu);
    }
    if (comparison.processor) {
        object["processor"] = jsonOf(*comparison.processor);
    }
    return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace alcove::engine
