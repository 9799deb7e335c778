#include "app/history/file/backup.h"

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <unistd.h>

#include <QDir>
#include <QFile>
#include <QFileInfo>
#include <QRegularExpression>

#include "app/history/file/history_files.h"
#include "app/history/file/migrations.h"

namespace alcove {
namespace {

void removeOldBackups(const QString& folder) {
    const QDir dir(folder);
    QFileInfoList backups = dir.entryInfoList({QStringLiteral("history-backup-v*.sqlite")}, QDir::Files);
    // Newest first by what the names say: a copied or restored file keeps its place whatever its time stamp.
    const auto when = [](const QFileInfo& file) { return file.completeBaseName().section(QLatin1Char('-'), 3); };
    std::sort(backups.begin(), backups.end(),
              [&when](const QFileInfo& a, const QFileInfo& b) { return when(a) > when(b); });
    for (qsizetype i = kBackupsKept; i < backups.size(); ++i) {
        QFile::remove(backups[i].absoluteFilePath());
    }
}

}  // namespace

void copyTo(Database& database, const QString& path) {
    createPrivateFile(path);
    try {
        database.run("VACUUM INTO ?", {path});
        QFile copy(path);
        if (!copy.open(QIODevice::ReadWrite) || ::fsync(copy.handle()) != 0) {
            throw HistoryError(HistoryError::Kind::Other,
                               QStringLiteral("The backup %1 could not be written to the disk.").arg(path));
        }
    } catch (const HistoryError&) {
        removeDatabase(path);
        throw;
    }
}

void replaceFile(const QString& from, const QString& to) {
    if (::rename(QFile::encodeName(from).constData(), QFile::encodeName(to).constData()) != 0) {
        throw HistoryError(
            HistoryError::Kind::Other,
            QStringLiteral("%1 could not be written: %2.").arg(to, QString::fromLocal8Bit(std::strerror(errno))));
    }
    syncFolder(QFileInfo(to).absolutePath());
}

QString backUp(Database& database, const QString& folder) {
    QString name = datedName(folder, QStringLiteral("history-backup-v%1").arg(schemaVersion(database)));
    const QString part = name + QStringLiteral(".part");
    QFile::remove(part);
    copyTo(database, part);
    try {
        renameOrThrow(part, name);
        syncFolder(folder);
    } catch (const HistoryError&) {
        removeDatabase(part);
        throw;
    }
    removeOldBackups(folder);
    return name;
}

void removeCopiesMadeAfter(const QString& folder, const QDateTime& time) {
    static const QRegularExpression kDate(QStringLiteral("-(\\d{8}-\\d{9})(?=[-.])"));
    const QFileInfoList copies = QDir(folder).entryInfoList(
        {QStringLiteral("history-backup-*"), QStringLiteral("history-damaged-*")}, QDir::Files);
    bool removed = false;
    for (const QFileInfo& copy : copies) {
        QDateTime made =
            QDateTime::fromString(kDate.match(copy.fileName()).captured(1), QStringLiteral("yyyyMMdd-HHmmsszzz"));
        made.setTimeSpec(Qt::UTC);
        if (!made.isValid() || made >= time.addDays(-1)) {
            removed = QFile::remove(copy.absoluteFilePath()) || removed;
        }
    }
    if (removed) {
        syncFolder(folder);
    }
}

}  // namespace alcove
