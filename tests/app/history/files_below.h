// The files below a folder, and which of them have a text.
#pragma once

#include <QDir>
#include <QDirIterator>
#include <QStringList>

#include "tests/rig/test_files.h"

namespace alcove::tests {

// Files and folders, hidden ones too, sorted.
[[nodiscard]] inline QStringList filesBelow(const QString& folder) {
    QStringList files;
    QDirIterator all(folder, QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot, QDirIterator::Subdirectories);
    while (all.hasNext()) {
        files << all.next();
    }
    files.sort();
    return files;
}

[[nodiscard]] inline QStringList filesWith(const QString& folder, const QByteArray& text) {
    QStringList found;
    for (const QString& path : filesBelow(folder)) {
        if (contents(path).contains(text)) {
            found << path;
        }
    }
    return found;
}

}  // namespace alcove::tests
