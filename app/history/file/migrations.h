// The schema of the history and the steps that lead to it.
//
// `user_version` counts the steps that a file has been through. A step is never changed once released: a
// new one is added. Columns are only ever added at the end, and never dropped.
#pragma once

#include "app/history/file/database.h"

namespace alcove {

constexpr int kSchemaVersion = 4;
constexpr int kApplicationId = 0x416c6376;  // "Alcv", in the file's header: this database is ours

// Since schema 4 every row of every table bears a constant text that says which table it is of, so that recovery
// knows a row without its table. A new table has its tag in its last column when it is made, of a length that no other
// tag has (record.h says why), and its line here.
struct RowTag {
    int column;  // counted from 0, the INTEGER PRIMARY KEY
    const char* text;
};
constexpr RowTag kConversationTag{6, "conversations"};
constexpr RowTag kMessageTag{7, "messages"};
constexpr RowTag kReplyTag{15, "replies"};
constexpr RowTag kDraftTag{2, "drafts"};

[[nodiscard]] int schemaVersion(Database& database);

// Takes the file through the steps it lacks up to `target`, each in one transaction. Throws HistoryError; the
// file is then at the last step that succeeded.
void migrate(Database& database, int target = kSchemaVersion);

}  // namespace alcove
