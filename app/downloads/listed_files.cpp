#include "app/downloads/listed_files.h"

#include <nlohmann/json.hpp>

#include "app/fetch/messages/names.h"

namespace alcove {

nlohmann::json jsonOfFiles(const QList<ListedFile>& files) {
    nlohmann::json rows = nlohmann::json::array();
    for (const ListedFile& file : files) {
        rows.push_back({{"name", file.name.toStdString()},
                        {"size", file.content.size},
                        {file.content.kind == HashKind::Sha256 ? "sha256" : "blob", file.content.hex.toStdString()}});
    }
    return rows;
}

std::optional<QList<ListedFile>> filesInJson(const nlohmann::json& array) {
    if (!array.is_array() || array.size() > static_cast<std::size_t>(kMostListedFiles)) {
        return std::nullopt;
    }
    QList<ListedFile> files;
    for (const nlohmann::json& row : array) {
        if (!row.is_object()) {
            return std::nullopt;
        }
        ListedFile file;
        file.content.kind = row.contains("sha256") ? HashKind::Sha256 : HashKind::GitBlob;
        const auto name = row.find("name");
        const auto size = row.find("size");
        const auto hex = row.find(file.content.kind == HashKind::Sha256 ? "sha256" : "blob");
        if (name == row.end() || !name->is_string() || size == row.end() || !size->is_number_unsigned() ||
            size->get<quint64>() > quint64{1} << 53 || hex == row.end() || !hex->is_string()) {
            return std::nullopt;
        }
        file.name = QString::fromStdString(name->get<std::string>());
        file.content.size = size->get<qint64>();
        file.content.hex = QByteArray::fromStdString(hex->get<std::string>());
        if (!isSafeName(file.name) || file.name.contains(u'/') || !isHash(file.content.kind, file.content.hex)) {
            return std::nullopt;
        }
        files << file;
    }
    return files;
}

}  // namespace alcove
