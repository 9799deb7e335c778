// Copies of the history, kept beside it, made before anything changes its schema.
#pragma once

#include "app/history/file/database.h"

namespace alcove {

constexpr int kBackupsKept = 3;

// Writes `folder`/history-backup-vN-YYYYMMDD-HHMMSSmmm.sqlite, a whole and consistent copy of the open database,
// makes sure that it is on the disk, then removes all but the newest kBackupsKept. Returns its path. Throws
// HistoryError; no partial copy stays then.
QString backUp(Database& database, const QString& folder);

// `folder`/`stem`-YYYYMMDD-HHMMSSmmm.sqlite in UTC, with a number appended if that name is taken.
[[nodiscard]] QString datedName(const QString& folder, const QString& stem);

}  // namespace alcove
