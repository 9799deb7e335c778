// The bin, beside a store.
#pragma once

#include <QDateTime>
#include <QString>

namespace alcove {

// deleted_by of conversations and folders that stay in the bin until they are erased, whatever program put them there.
// Sessions, which are above zero, name the program that deleted something until it ends.
constexpr qint64 kInBin = -1;

// As HistoryStore::eraseBinned(), on a connection of its own to the history in `folder`, for any thread. Throws
// HistoryError, also where the history is on a network file system, which lets nobody else in.
void eraseBin(const QString& folder, const QDateTime& before);

}  // namespace alcove
