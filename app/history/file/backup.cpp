#include "app/history/file/backup.h"

#include <unistd.h>

#include <QDateTime>
#include <QDir>
#include <QFile>

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

QString datedName(const QString& folder, const QString& stem) {
    const QString when = QDateTime::currentDateTimeUtc().toString(QStringLiteral("yyyyMMdd-HHmmsszzz"));
    const QString base = QStringLiteral("%1/%2-%3").arg(folder, stem, when);
    QString name = base + QStringLiteral(".sqlite");
    for (int i = 2; QFile::exists(name) || QFile::exists(name + QStringLiteral("-wal")); ++i) {
        name = QStringLiteral("%1-%2.sqlite").arg(base).arg(i);
    }
    return name;
}

QString backUp(Database& database, const QString& folder) {
    QString name = datedName(folder, QStringLiteral("history-backup-v%1").arg(schemaVersion(database)));
    const QString part = name + QStringLiteral(".part");
    QFile::remove(part);
    try {
        database.run("VACUUM INTO ?", {part});
        QFile copy(part);
        if (!copy.open(QIODevice::ReadWrite) || ::fsync(copy.handle()) != 0) {
            throw HistoryError(HistoryError::Kind::Other,
                               QStringLiteral("The backup %1 could not be written to the disk.").arg(name));
        }
        copy.setPermissions(QFile::ReadOwner | QFile::WriteOwner);
        copy.close();
        if (!copy.rename(name)) {
            throw HistoryError(HistoryError::Kind::Other,
                               QStringLiteral("The backup %1 could not be named: %2").arg(name, copy.errorString()));
        }
    } catch (const HistoryError&) {
        QFile::remove(part);
        throw;
    }
    removeOldBackups(folder);
    return name;
}

}  // namespace alcove
