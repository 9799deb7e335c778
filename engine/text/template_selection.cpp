#include "engine/text/template_selection.h"

#include <algorithm>
#include <vector>

#include <nlohmann/json.hpp>

#include "engine/base/error.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/checkpoint/location.h"
#include "engine/files/small_file.h"

namespace alcove::engine {

namespace {

constexpr std::uint64_t kAlcoveJsonLimit = 1ULL << 16U;
constexpr std::uint64_t kConfigLimit = 1ULL << 20U;
constexpr std::string_view kFallback = "plain";

char lowered(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// The last part of "_name_or_path" in config.json; empty if there is none. Other
// faults of that file are reported by Checkpoint::open.
std::string originalName(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / "config.json";
    if (!std::filesystem::is_regular_file(path)) {
        return {};
    }
    const nlohmann::json config = nlohmann::json::parse(readSmallFile(path, kConfigLimit), nullptr, false);
    if (!config.is_object() || !config.contains("_name_or_path") || !config["_name_or_path"].is_string()) {
        return {};
    }
    auto name = config["_name_or_path"].get<std::string>();
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

// The template that Alcove wrote into a GGUF file; none: the file's own name for the model is added to `names`.
TemplateSelection writtenSelection(const std::filesystem::path& path, std::vector<std::string>& names) {
    const MappedFile file(path);
    const GgufFile gguf(file);
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

bool fitsPattern(std::string_view name, std::string_view pattern) {
    if (pattern.empty()) {
        return name.empty();
    }
    if (pattern.front() == '*') {
        for (std::size_t skipped = 0; skipped <= name.size(); ++skipped) {
            if (fitsPattern(name.substr(skipped), pattern.substr(1))) {
                return true;
            }
        }
        return false;
    }
    return !name.empty() && lowered(name.front()) == lowered(pattern.front()) &&
           fitsPattern(name.substr(1), pattern.substr(1));
}

TemplateSelection selectTemplate(const std::filesystem::path& location) {
    TemplateSelection selection;
    const std::filesystem::path folder = folderOfLocation(location);
    const std::filesystem::path path = folder / "alcove.json";
    if (std::filesystem::exists(path)) {
        const nlohmann::json json = nlohmann::json::parse(readSmallFile(path, kAlcoveJsonLimit), nullptr, false);
        try {
            if (!json.is_object()) {
                throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "it is not a JSON object"));
            }
            selection.name = json.value("chat_template", std::string());
            selection.workedExample = json.value("worked_example", false);
            if (!selection.name.empty()) {
                selection.name = templateNamed(selection.name).name;
            }
        } catch (const Error& error) {
            throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1 cannot be used: %2"), path, error.sentence());
        } catch (const std::exception& failure) {
            throw Error(ErrorCode::FileDamaged, ALCOVE_TEXT("engine", "%1 cannot be used: %2"), path, failure.what());
        }
    }
    if (!selection.name.empty()) {
        return selection;
    }
    std::vector<std::string> names = {folderName(folder), originalName(folder)};
    if (folder != location) {
        if (TemplateSelection written = writtenSelection(location, names); !written.name.empty()) {
            return written;
        }
        names.front() = nameOfLocation(location);
    }
    for (const ChatTemplate& candidate : builtInTemplates()) {
        for (const std::string& pattern : candidate.checkpoints) {
            for (const std::string& name : names) {
                if (fitsPattern(name, pattern)) {
                    selection.name = candidate.name;
                    return selection;
                }
            }
        }
    }
    selection.name = kFallback;
    return selection;
}

}  // namespace alcove::engine
