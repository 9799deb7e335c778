// Erasing for good what a person has deleted, from every file of the history.
//
// SQLite's secure_delete overwrites rows where they lie, but not the copies that are left behind when rows move between
// pages. So after rows are deleted the file is written anew from what is left (VACUUM), and the log, which has older
// contents of pages, is emptied. A file named history-erasing is there from before the deletion until after that: where
// a program did not get so far, the next one does it.
//
// The search index is emptied, to be built again from what is left.
//
// Copies go too: a backup from before a migration or a damaged file that was set aside is removed as a whole when a
// conversation is erased that was begun before the copy was made, since it holds that conversation. Copies are for
// going back when something went wrong; that ends where they would bring back what was to be gone. Conversations that
// were in the bin when a damaged file was recovered are erased at the next start after that, so that the file that was
// set aside is there for one whole session.
#pragma once

#include <QDateTime>

#include "app/history/file/database.h"

namespace alcove {

// In each, `folder` is where the history lies; empty for a history in memory.

// Erases the conversations that were deleted by the program with this session number; null: by an unknown one. False if
// there are none. Throws HistoryError; copies may be gone by then.
bool eraseDeletedBy(Database& database, const QString& folder, const QVariant& session);

// The same for conversations, folders and branches that went to the bin before `time`.
bool eraseBinnedBefore(Database& database, const QString& folder, const QDateTime& time);

// Writes the file anew, which takes time and memory for as much as the file has. Does nothing unless this program
// `erased` rows or another one began and did not end. Where it cannot be done now, the next start does it.
void finishErasing(Database& database, const QString& folder, bool erased);

}  // namespace alcove
