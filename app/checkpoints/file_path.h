// Paths between Qt and the engine: the same bytes on both sides, whatever the locale's encoding.
#pragma once

#include <filesystem>

#include <QFile>

namespace alcove {

[[nodiscard]] inline std::filesystem::path toPath(const QString& path) {
    return std::filesystem::path(QFile::encodeName(path).toStdString());
}

[[nodiscard]] inline QString fromPath(const std::filesystem::path& path) {
    return QFile::decodeName(path.string().c_str());
}

}  // namespace alcove
