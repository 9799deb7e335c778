#include "app/downloads/removing.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string>

#include <QDir>
#include <QDirIterator>
#include <QFile>
#include <QFileInfo>
#include <QRandomGenerator>

#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/file_path.h"
#include "app/downloads/source_record.h"
#include "engine/base/error.h"

namespace alcove {

bool isOwn(const QString& location, const QString& checkpointFolder) {
    const QString folder = QFileInfo(checkpointFolder).canonicalFilePath();
    const QString path = QFileInfo(location).canonicalFilePath();
    return !folder.isEmpty() && path.startsWith(folder + u'/');
}

qint64 bytesFreed(const QString& location, const QString& copiesFolder) {
    qint64 bytes = QFileInfo(CheckpointCopies(copiesFolder).fileFor(location)).size();
    if (QFileInfo(location).isFile()) {
        return bytes + QFileInfo(location).size();
    }
    QDirIterator files(location, QDir::Files | QDir::Hidden | QDir::NoSymLinks, QDirIterator::Subdirectories);
    while (files.hasNext()) {
        files.next();
        bytes += files.fileInfo().size();
    }
    return bytes;
}

void removeCheckpoint(const QString& location, const QString& checkpointFolder, const QString& copiesFolder) {
    if (!isOwn(location, checkpointFolder)) {
        throw engine::Error(engine::ErrorCode::InvalidRequest,
                            ALCOVE_TEXT("engine", "%1 does not lie in your library, and is not deleted."),
                            toPath(location));
    }
    const QString copy = CheckpointCopies(copiesFolder).fileFor(location);
    const QString record = QFileInfo(location).isFile() ? sourceFile(location) : QString();
    const QString away = checkpointFolder + QStringLiteral("/.downloads/removed-") +
                         QString::number(QRandomGenerator::system()->generate64(), 16);
    if (!QDir().mkpath(away) || ::rename(QFile::encodeName(location).constData(),
                                         QFile::encodeName(away + QStringLiteral("/it")).constData()) != 0) {
        throw engine::Error(engine::ErrorCode::FileUnwritable, ALCOVE_TEXT("engine", "%1 could not be deleted: %2."),
                            toPath(location), std::strerror(errno));
    }
    for (const QString& file : {copy, record}) {
        if (!file.isEmpty()) {
            QFile::remove(file);
        }
    }
    QDir(away).removeRecursively();
    QDir().rmdir(QFileInfo(away).absolutePath());
    QDir().rmdir(QFileInfo(location).absolutePath());  // ORG of ORG/NAME, if nothing else is in it
}

}  // namespace alcove
