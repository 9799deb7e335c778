// The files of a history in its folder: their names, who may read them, and making renames last.
#pragma once

#include <QString>

#include "app/history/file/history_error.h"

namespace alcove {

[[nodiscard]] QString historyFile(const QString& folder);
[[nodiscard]] QString logOf(const QString& file);           // SQLite's names beside a database: -wal
[[nodiscard]] QString sharedMemoryOf(const QString& file);  // -shm
[[nodiscard]] QString journalOf(const QString& file);       // -journal

// `folder`/`stem`-YYYYMMDD-HHMMSSmmm.sqlite in UTC, with a number appended if that name is taken.
[[nodiscard]] QString datedName(const QString& folder, const QString& stem);

// An empty file that only its owner can read and write, whatever the umask. Throws HistoryError if it is there
// already or cannot be made. SQLite gives its own files beside a database the permissions of the database.
void createPrivateFile(const QString& path);

// Takes from others what they may do with the history, its copies, its lock and its folder. What another account owns
// stays as it is, and so does a folder that many share (with the sticky bit).
void restrictToOwner(const QString& folder);

// Removes a database with SQLite's files beside it.
void removeDatabase(const QString& path);

// Removes what a backup or a recovery that did not come to its end left.
void removeUnfinishedFiles(const QString& folder);

// Renames and removals in `folder` up to now survive a power cut, where the file system can promise that.
void syncFolder(const QString& folder);

// Within a folder, to a name that is not taken. Throws HistoryError with both names.
void renameOrThrow(const QString& from, const QString& to);

}  // namespace alcove
