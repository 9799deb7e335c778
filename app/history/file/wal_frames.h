// The pages in a write-ahead log, and which of them count (https://www.sqlite.org/fileformat2.html#walformat).
//
// SQLite takes frames up to the first whose salt or checksum does not hold, and of these the ones up to the last
// commit. A power cut leaves frames that were never fully written; what follows the end of the log in its file is
// left from an earlier use of it.
#pragma once

#include <QHash>
#include <QList>

#include "app/history/file/file_bytes.h"

namespace alcove {

struct WalFrames {
    // Page number → offset in the log of its newest committed content.
    QHash<quint32, qint64> committed;
    // The size of the database after the last commit; 0: the log holds no commit.
    quint32 databasePages = 0;
    // Page number → offsets of contents, newest last, that SQLite does not read: committed in an earlier use of the
    // log or behind a damaged frame. Their own checksums hold.
    QHash<quint32, QList<qint64>> others;

    // No frame counts in a log that is damaged in its header or has another page size.
    [[nodiscard]] static WalFrames read(const FileBytes& log, quint32 pageSize);
};

}  // namespace alcove
