// Taking replies that came to nothing out of the tree.
#pragma once

#include "app/history/file/database.h"

namespace alcove {

// Removes the reply with this id if it has no text but white space; how many it was. What follows it follows the
// message before it, and a path that ended with it ends there. Part of a transaction.
int removeEmptyReply(Database& database, qint64 id);

}  // namespace alcove
