// Opening a history whatever state its file and folder are in.
#pragma once

#include <memory>
#include <optional>

#include "app/history/file/database.h"
#include "app/history/file/session_lock.h"
#include "app/history/history_store.h"

namespace alcove {

// Members go in reverse order: the connection before the lock.
struct OpenedHistory {
    QString folder;                      // of the file; empty in memory
    std::optional<SessionLock> lock;     // none in memory
    std::unique_ptr<Database> database;  // never null
    OpenReport report;
};

// The last resort is a database in memory, so this throws HistoryError only where there is no SQLite driver.
[[nodiscard]] OpenedHistory openHistory(const QString& folder, const HistoryStore::OpenOptions& options);

}  // namespace alcove
