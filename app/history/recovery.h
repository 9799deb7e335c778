// What happens to a history file that is damaged: it is set aside under a dated name, whole and unchanged, and
// what can be read from it goes into a new one.
#pragma once

#include <QString>

#include "app/history/file/history_error.h"

namespace alcove {

struct Examination {
    enum class State {
        Missing,     // no file, or an empty database
        Healthy,     // ours, whole, of a schema this program knows; `version`
        Newer,       // ours, of a newer schema; not examined further
        Damaged,     // not a database, not ours, or it contradicts itself
        Unreadable,  // the system or another program does not let it be read; `problem`
    };
    State state = State::Missing;
    int version = 0;
    QString problem;
};

// Opens `path` read-only and checks all of its pages and indexes. Changes nothing.
[[nodiscard]] Examination examine(const QString& path, int busyTimeoutMs);

struct Recovery {
    QString setAsideAs;
    int conversations = 0;
    int messages = 0;
};

// Replaces `folder`/history.sqlite by a new file of the current schema with all rows that can be read. The new
// file is complete on the disk before the damaged one is renamed. Throws HistoryError; the damaged file is then
// where it was. Call it while no other program has the history open.
Recovery recover(const QString& folder);

// Ends a recovery that a power cut stopped between its renames. Call it before looking for the file.
void finishInterruptedRecovery(const QString& folder);

[[nodiscard]] QString historyFile(const QString& folder);

}  // namespace alcove
