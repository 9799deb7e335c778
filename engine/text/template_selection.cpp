#include "engine/text/template_selection.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/base/memory_error.h"
#include "engine/checkpoint/config_reader.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/checkpoint/location.h"
#include "engine/files/file_errors.h"
#include "engine/files/mapped_file.h"

namespace alcove::engine {

namespace {

constexpr std::size_t kLongestName = 255;  // what a file system takes as one; a longer one is no name of a model
constexpr std::string_view kFallback = "plain";

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The last part of "_name_or_path" in config.json; empty if there is none, or the file is damaged. It need not be the
// checkpoint's (a GGUF file may lie beside it), and where it is, Checkpoint::open says what is wrong with it.
std::string originalName(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "config.json";
    if (!std::filesystem::is_regular_file(path)) {
        return {};
    }
    std::string name;
    try {
        const JsonDocument config = readJsonObject(path, kConfigLimits);
        const auto given = config->find("_name_or_path");
        if (given != config->end() && given->is_string()) {
            name = given->get<std::string>();
        }
    } catch (const Error&) {
        return {};
    }
    while (!name.empty() && name.back() == '/') {
        name.pop_back();
    }
    return name.substr(name.find_last_of('/') + 1);
}

std::string folderName(const std::filesystem::path& folder) {
    std::error_code failure;
    const std::filesystem::path whole = std::filesystem::weakly_canonical(folder, failure);
    return (failure ? folder : whole).filename().string();
}

// What alcove.json asks for.
TemplateSelection givenSelection(const std::filesystem::path& path) {
    const JsonDocument document = readJsonObject(path, kCardLimits);
    const nlohmann::json& object = *document;
    TemplateSelection selection;
    if (const auto name = object.find("chat_template"); name != object.end()) {
        if (!name->is_string()) {
            failDamaged(path, ALCOVE_TEXT("engine", "%1 is %2, not %3"), name.key(), shownValue(*name),
                        ALCOVE_TEXT("engine", "the name of a chat template"));
        }
        selection.name = name->get<std::string>();
    }
    if (const auto example = object.find("worked_example"); example != object.end()) {
        if (!example->is_boolean()) {
            failDamaged(path, ALCOVE_TEXT("engine", "%1 is %2, not %3"), example.key(), shownValue(*example),
                        ALCOVE_TEXT("engine", "true or false"));
        }
        selection.workedExample = example->get<bool>();
    }
    if (!selection.name.empty()) {
        try {
            selection.name = templateNamed(selection.name).name;
        } catch (const Error& error) {
            throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1 cannot be used: %2"), path, error.sentence());
        }
    }
    return selection;
}

// The template that Alcove wrote into a GGUF file; none: the file's own name for the model is added to `names`.
TemplateSelection writtenSelection(const GgufFile& gguf, std::vector<std::string>& names) {
    TemplateSelection selection;
    selection.name = gguf.text(alcove_key::kChatTemplate).value_or("");
    const std::vector<ChatTemplate>& known = builtInTemplates();
    if (std::none_of(known.begin(), known.end(), [&](const ChatTemplate& one) { return one.name == selection.name; })) {
        selection.name.clear();
        names.emplace_back(gguf.text("general.name").value_or(""));
        return selection;
    }
    selection.workedExample = gguf.flag(alcove_key::kWorkedExample).value_or(false);
    return selection;
}

}  // namespace

// What an earlier "*" stands for need never grow again once a later one is reached, so only the newest is tried with
// more: at most name.size() * pattern.size() comparisons.
bool fitsPattern(std::string_view name, std::string_view pattern) {
    constexpr std::size_t kNone = std::string_view::npos;
    std::size_t inName = 0;
    std::size_t inPattern = 0;
    std::size_t afterStar = kNone;  // in the pattern
    std::size_t rest = 0;           // of the name: where what follows the "*" is looked for
    while (inName < name.size()) {
        if (inPattern < pattern.size() && pattern[inPattern] == '*') {
            afterStar = ++inPattern;
            rest = inName;
        } else if (inPattern < pattern.size() && lowered(name[inName]) == lowered(pattern[inPattern])) {
            ++inName;
            ++inPattern;
        } else if (afterStar != kNone) {
            inPattern = afterStar;
            inName = ++rest;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', inPattern) == kNone;
}

namespace {

TemplateSelection selected(const std::filesystem::path& location) {
    TemplateSelection selection;
    const std::filesystem::path folder = folderOfLocation(location);
    const std::filesystem::path path = folder / "alcove.json";
    if (std::filesystem::exists(path)) {
        selection = givenSelection(path);
    }
    if (!selection.name.empty()) {
        return selection;
    }
    std::vector<std::string> names = {folderName(folder), originalName(folder)};
    if (folder != location) {
        const MappedFile file(location);
        TemplateSelection written = file.unchangedAfter([&] { return writtenSelection(GgufFile(file), names); });
        if (!written.name.empty()) {
            return written;
        }
        names.front() = nameOfLocation(location);
    }
    for (const ChatTemplate& candidate : builtInTemplates()) {
        for (const std::string& pattern : candidate.checkpoints) {
            for (const std::string& name : names) {
                if (name.size() <= kLongestName && fitsPattern(name, pattern)) {
                    selection.name = candidate.name;
                    return selection;
                }
            }
        }
    }
    selection.name = kFallback;
    return selection;
}

}  // namespace

TemplateSelection selectTemplate(const std::filesystem::path& location) {
    return withMemoryToRead(location, [&] { return selected(location); });
}

}  // namespace alcove::engine
