// The file of the search index beside a history. What is in it can be built again from the history at any time, so it
// is no part of backups and recovery; it holds the words of all messages, so erasing empties it.
#pragma once

#include <QString>

namespace alcove {

[[nodiscard]] QString searchFile(const QString& folder);

// Empties the index, so that no byte of a text is left in it or in SQLite's files beside it, also while programs have
// it open: they see that it is empty and begin anew. True where there is none. False: a program is just reading it, or
// the disk fails; try again later.
bool emptySearchIndex(const QString& folder);

}  // namespace alcove
