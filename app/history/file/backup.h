// Copies of the history, kept beside it, made before anything changes its schema.
#pragma once

#include <QDateTime>

#include "app/history/file/database.h"

namespace alcove {

constexpr int kBackupsKept = 3;

// Writes `folder`/history-backup-vN-YYYYMMDD-HHMMSSmmm.sqlite, a whole and consistent copy of the open database,
// makes sure that it is on the disk, then removes all but the newest kBackupsKept. Returns its path. Throws
// HistoryError; no partial copy stays then.
QString backUp(Database& database, const QString& folder);

// Writes a whole and consistent copy of the open database to the new file `path`, which its owner alone can read, and
// makes sure that it is on the disk. Throws HistoryError; there is no file then.
void copyTo(Database& database, const QString& path);

// Gives `from` the name `to`, in place of what had it, so that this survives a power cut. In one folder. Throws
// HistoryError.
void replaceFile(const QString& from, const QString& to);

// Removes backups and damaged files that were set aside, if they were made after `time` or up to a day before it, since
// a clock may have been set back.
void removeCopiesMadeAfter(const QString& folder, const QDateTime& time);

}  // namespace alcove
