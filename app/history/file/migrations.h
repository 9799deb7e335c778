// The schema of the history and the steps that lead to it.
//
// `user_version` counts the steps that a file has been through. A step is never changed once released: a
// new one is added. Columns are only ever added at the end, and never dropped.
#pragma once

#include "app/history/file/database.h"
#include "app/history/file/row_tag.h"

namespace alcove {

constexpr int kSchemaVersion = 5;
constexpr int kApplicationId = 0x416c6376;  // "Alcv", in the file's header: this database is ours

[[nodiscard]] int schemaVersion(Database& database);

// Takes the file through the steps it lacks up to `target`, each in one transaction. Throws HistoryError; the
// file is then at the last step that succeeded.
void migrate(Database& database, int target = kSchemaVersion);

}  // namespace alcove
