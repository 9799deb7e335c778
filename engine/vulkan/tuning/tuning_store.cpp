#include "engine/vulkan/tuning/tuning_store.h"

#include <array>
#include <cstddef>
#include <span>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/files/bounded_json.h"
#include "engine/vulkan/driver/device_files.h"

namespace alcove::engine::vulkan {

namespace {

using nlohmann::json;

// Alcove writes some hundred bytes for each shape of model.
constexpr JsonLimits kLimits = {.bytes = 65536, .depth = 6, .values = 50'000, .text = 1 << 12};
constexpr std::size_t kMaxSubjects = 64;                                              // more: the file is written anew
constexpr std::array<const char*, 3> kVariantNames = {"plain", "dot", "lean"};        // in the order of Variant
constexpr std::array<const char*, 3> kPromptNames = {"streamed", "tiled", "matrix"};  // in the order of PromptForm

std::optional<std::uint32_t> number(const json& object, const char* name) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_number_unsigned() || *found > std::uint64_t{UINT32_MAX}) {
        return std::nullopt;
    }
    return found->get<std::uint32_t>();
}

template <class Enumeration>
std::optional<Enumeration> named(const json& object, const char* name, std::span<const char* const> names) {
    const auto found = object.find(name);
    if (found == object.end() || !found->is_string()) {
        return std::nullopt;
    }
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (found->get_ref<const std::string&>() == names[i]) {
            return static_cast<Enumeration>(i);
        }
    }
    return std::nullopt;
}

std::optional<KernelSelection> selectionFrom(const json& object) {
    const auto variant = named<Variant>(object, "variant", kVariantNames);
    const std::optional<std::uint32_t> invocations = number(object, "invocations");
    const std::optional<std::uint32_t> subgroup = number(object, "subgroup");
    const auto prompt = named<PromptForm>(object, "prompt", kPromptNames);
    if (!variant || !invocations || !subgroup || !prompt) {
        return std::nullopt;
    }
    return KernelSelection{*variant, *invocations, *subgroup, *prompt};
}

json emptyFileFor(const PhysicalDevice& device) {
    return {{"driver", device.properties.driverVersion}, {"shaders", shaderHash()}, {"found", json::object()}};
}

// What is stored; an empty object if the file is missing or cannot be used.
json readFile(const std::filesystem::path& file, const PhysicalDevice& device) {
    json empty = emptyFileFor(device);
    json stored;
    try {
        stored = *readJsonObject(file, kLimits);
    } catch (const Error&) {
        return empty;
    }
    if (stored.value("driver", json()) != empty["driver"] || stored.value("shaders", json()) != empty["shaders"] ||
        !stored.value("found", json()).is_object() || stored["found"].size() >= kMaxSubjects) {
        return empty;
    }
    return stored;
}

}  // namespace

std::string tuningSubject(const ModelConfig& config, DType dtype) {
    return std::string(dtypeName(dtype)) + " " + std::to_string(config.hiddenSize) + "x" +
           std::to_string(config.ffnSize) + ", " + std::to_string(config.kvHeadCount) + " of " +
           std::to_string(config.headCount) + " heads of " + std::to_string(config.headDim);
}

TuningStore::TuningStore(const PhysicalDevice& device, const std::filesystem::path& folder) : m_device(&device) {
    if (!folder.empty()) {
        m_file = deviceFile(folder, "tuning", device.properties, "json");
    }
}

std::optional<KernelSelection> TuningStore::find(const std::string& subject) const {
    if (m_file.empty()) {
        return std::nullopt;
    }
    const json stored = readFile(m_file, *m_device);
    const auto found = stored["found"].find(subject);
    if (found == stored["found"].end() || !found->is_object()) {
        return std::nullopt;
    }
    const std::optional<KernelSelection> selection = selectionFrom(*found);
    return selection && isAllowed(*selection, m_device->features) ? selection : std::nullopt;
}

bool TuningStore::remember(const std::string& subject, const TuningSearch& search) const {
    if (m_file.empty()) {
        return false;
    }
    json stored = readFile(m_file, *m_device);
    json trials = json::array();
    for (const TuningTrial& trial : search.trials) {
        trials.push_back({describe(trial.selection), trial.seconds ? json(*trial.seconds) : json()});
    }
    stored["found"][subject] = {{"variant", kVariantNames[static_cast<std::size_t>(search.best.variant)]},
                                {"invocations", search.best.invocations},
                                {"subgroup", search.best.subgroupSize},
                                {"prompt", kPromptNames[static_cast<std::size_t>(search.best.prompt)]},
                                {"trials", trials}};
    const std::string text = stored.dump(1);
    return replaceFile(m_file, {std::as_bytes(std::span(text))});
}

std::string describe(const KernelSelection& selection) {
    std::string text = kVariantNames[static_cast<std::size_t>(selection.variant)];
    text += ", work groups of " + std::to_string(selection.invocations);
    if (selection.subgroupSize != 0) {
        text += ", subgroups of " + std::to_string(selection.subgroupSize);
    }
    if (selection.prompt != PromptForm::Streamed) {
        text += std::string(", prompts ") + kPromptNames[static_cast<std::size_t>(selection.prompt)];
    }
    return text;
}

}  // namespace alcove::engine::vulkan
