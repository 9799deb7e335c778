#include "app/checkpoints/checkpoint_card.h"

#include <algorithm>
#include <exception>
#include <filesystem>

#include <QFileInfo>
#include <nlohmann/json.hpp>

#include "app/checkpoints/file_path.h"
#include "engine/checkpoint/location.h"
#include "engine/text/template_selection.h"

namespace alcove {
namespace {

constexpr qsizetype kLongestName = 60;
constexpr qsizetype kLongestDescription = 300;
constexpr qsizetype kLongestSuggestion = 120;
constexpr qsizetype kMostSuggestions = 4;

// Control characters, and those that turn the direction of the text after them.
bool isInvisibleOrReorders(QChar character) {
    const char16_t code = character.unicode();
    return character.category() == QChar::Other_Control || (code >= 0x202A && code <= 0x202E) ||
           (code >= 0x2066 && code <= 0x2069);
}

// Empty for what is no text, too long, or not plain.
QString plainLine(const nlohmann::json& value, qsizetype longest) {
    const QString line =
        value.is_string() ? QString::fromStdString(value.get_ref<const std::string&>()).simplified() : QString();
    return line.size() <= longest && std::none_of(line.begin(), line.end(), isInvisibleOrReorders) ? line : QString();
}

// Null where there is none.
const nlohmann::json& member(const nlohmann::json& object, const char* name) {
    static const nlohmann::json null;
    const auto found = object.find(name);
    return found == object.end() ? null : *found;
}

CheckpointCard cardFrom(const nlohmann::json& object) {
    CheckpointCard card;
    card.displayName = plainLine(member(object, "display_name"), kLongestName);
    card.description = plainLine(member(object, "description"), kLongestDescription);
    if (const nlohmann::json& order = member(object, "order"); order.is_number()) {
        card.order = order.get<double>();
    }
    if (const nlohmann::json& suggestions = member(object, "suggestions"); suggestions.is_array()) {
        for (std::size_t i = 0; i < suggestions.size() && card.suggestions.size() < kMostSuggestions; ++i) {
            const QString suggestion = plainLine(suggestions[i], kLongestSuggestion);
            if (!suggestion.isEmpty() && !card.suggestions.contains(suggestion)) {
                card.suggestions << suggestion;
            }
        }
    }
    return card;
}

}  // namespace

CheckpointCard readCheckpointCard(const QString& location) {
    try {
        const std::filesystem::path place = toPath(location);
        const std::filesystem::path folder = engine::folderOfLocation(place);
        if (folder != place && engine::ggufFilesIn(folder).size() > 1) {
            return {};  // it does not say which of them it is about
        }
        return cardFrom(*engine::readJsonObject(folder / "alcove.json", engine::kCardLimits));
    } catch (const std::exception&) {  // engine::Error, or the file system's
        return {};
    }
}

QString checkpointName(const QString& location) {
    const QString name = readCheckpointCard(location).displayName;
    const QFileInfo info(location);
    return !name.isEmpty() ? name : info.isFile() ? info.completeBaseName() : info.fileName();
}

}  // namespace alcove
