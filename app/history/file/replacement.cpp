#include "app/history/file/replacement.h"

#include <QDir>
#include <QFile>

#include "app/history/file/history_files.h"

namespace alcove {
namespace {

// The recovered file waits under the name that the damaged one will have, with this at its end: so whoever finishes
// the renames knows the name.
const QString kWaiting = QStringLiteral(".recovered");

// What versions up to 0.1 called the recovered file.
QString waitingFileOfOlderVersions(const QString& folder) {
    return folder + QStringLiteral("/history-recovered.sqlite");
}

// The order matters: log and journal go before another database takes the name, since they would be read as part of it.
void renameAll(const QString& folder, const QString& aside, const QString& waiting) {
    const QString file = historyFile(folder);
    if (QFile::exists(file)) {
        renameOrThrow(file, aside);
        syncFolder(folder);
    }
    if (QFile::exists(logOf(file))) {
        renameOrThrow(logOf(file), logOf(aside));
    }
    if (QFile::exists(journalOf(file))) {
        renameOrThrow(journalOf(file), journalOf(aside));
    }
    QFile::remove(sharedMemoryOf(file));  // an index of the log, made again when needed
    syncFolder(folder);
    renameOrThrow(waiting, file);
    syncFolder(folder);
}

// The damaged file whose log is still under the old name, for want of which versions up to 0.1 left the two apart.
QString asideWithoutLog(const QString& folder) {
    const QStringList names =
        QDir(folder).entryList({QStringLiteral("history-damaged-*.sqlite")}, QDir::Files, QDir::Name | QDir::Reversed);
    if (!names.isEmpty()) {
        QString newest = folder + QLatin1Char('/') + names.first();
        if (!QFile::exists(logOf(newest))) {
            return newest;
        }
    }
    return datedName(folder, QStringLiteral("history-damaged"));
}

}  // namespace

QString replaceDamagedFile(const QString& folder, const QString& recovered) {
    QString aside = datedName(folder, QStringLiteral("history-damaged"));
    renameOrThrow(recovered, aside + kWaiting);
    syncFolder(folder);
    renameAll(folder, aside, aside + kWaiting);
    return aside;
}

void finishInterruptedReplacement(const QString& folder) {
    const bool fileThere = QFile::exists(historyFile(folder));
    const QString older = waitingFileOfOlderVersions(folder);
    if (QFile::exists(older)) {
        if (fileThere) {
            QFile::remove(older);
        } else {
            renameAll(folder, asideWithoutLog(folder), older);
        }
        return;
    }
    const QStringList names =
        QDir(folder).entryList({QStringLiteral("history-damaged-*.sqlite") + kWaiting}, QDir::Files);
    for (const QString& name : names) {
        const QString waiting = folder + QLatin1Char('/') + name;
        const QString aside = waiting.chopped(kWaiting.size());
        if (!QFile::exists(historyFile(folder))) {
            renameAll(folder, aside, waiting);
        } else if (!QFile::exists(aside)) {
            QFile::remove(waiting);  // stopped before the first rename: recovery begins anew
        }
    }
}

}  // namespace alcove
