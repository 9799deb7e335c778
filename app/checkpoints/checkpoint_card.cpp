#include "app/checkpoints/checkpoint_card.h"

#include <algorithm>
#include <cmath>
#include <exception>
#include <filesystem>

#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "engine/checkpoint/location.h"
#include "engine/files/small_file.h"

namespace alcove {
namespace {

constexpr std::uint64_t kLargestFile = 64 << 10;
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
QString plainLine(const QJsonValue& value, qsizetype longest) {
    const QString line = value.toString().simplified();
    return line.size() <= longest && std::none_of(line.begin(), line.end(), isInvisibleOrReorders) ? line : QString();
}

}  // namespace

CheckpointCard readCheckpointCard(const QString& location) {
    QJsonObject object;
    try {
        const std::filesystem::path place(QFile::encodeName(location).toStdString());
        const std::filesystem::path folder = engine::folderOfLocation(place);
        if (folder != place && engine::ggufFilesIn(folder).size() > 1) {
            return {};  // it does not say which of them it is about
        }
        const std::filesystem::path file = folder / "alcove.json";
        object = QJsonDocument::fromJson(QByteArray::fromStdString(engine::readSmallFile(file, kLargestFile))).object();
    } catch (const std::exception&) {  // engine::Error, or the file system's
        return {};
    }
    CheckpointCard card;
    card.displayName = plainLine(object[QLatin1String("display_name")], kLongestName);
    card.description = plainLine(object[QLatin1String("description")], kLongestDescription);
    const double order = object[QLatin1String("order")].toDouble(card.order);
    card.order = std::isnan(order) ? card.order : order;
    const QJsonArray suggestions = object[QLatin1String("suggestions")].toArray();
    for (qsizetype i = 0; i < suggestions.size() && card.suggestions.size() < kMostSuggestions; ++i) {
        const QString suggestion = plainLine(suggestions[i], kLongestSuggestion);
        if (!suggestion.isEmpty() && !card.suggestions.contains(suggestion)) {
            card.suggestions << suggestion;
        }
    }
    return card;
}

QString checkpointName(const QString& location) {
    const QString name = readCheckpointCard(location).displayName;
    const QFileInfo info(location);
    return !name.isEmpty() ? name : info.isFile() ? info.completeBaseName() : info.fileName();
}

}  // namespace alcove
