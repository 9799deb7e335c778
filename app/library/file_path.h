// Paths on their way from Qt to the engine.
#pragma once

#include <filesystem>

#include <QFile>

namespace alcove {

// The same bytes, whatever the locale takes them for.
[[nodiscard]] inline std::filesystem::path toPath(const QString& path) {
    return std::filesystem::path(QFile::encodeName(path).toStdString());
}

}  // namespace alcove
