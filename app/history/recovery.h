// What happens to a history file that is damaged: it is set aside under a dated name, whole and unchanged, and
// what can be read from it goes into a new one.
#pragma once

#include <QString>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"

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
    bool busy = false;  // another program does not let it be read
};

// Opens `path` (ReadOnly or ExclusiveReadOnly) and checks all of its pages and indexes. Changes nothing.
[[nodiscard]] Examination examine(const QString& path, Database::Mode mode, int busyTimeoutMs);
[[nodiscard]] Examination examine(Database& database);

struct Recovery {
    QString setAsideAs;
    int conversations = 0;
    int messages = 0;
};

// Replaces `folder`/history.sqlite by a new file of the current schema with all rows that can be read. The new
// file is complete on the disk before the damaged one is renamed. Throws HistoryError; the damaged file is then
// where it was. Call it while no other program has the history open.
Recovery recover(const QString& folder);

// Puts all rows of the damaged `file` that can be read into `database`, which is empty and of the current schema.
Recovery recoverInto(Database& database, const QString& file);

}  // namespace alcove
