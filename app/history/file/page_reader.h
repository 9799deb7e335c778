// Reads the rows of a damaged SQLite file straight from its pages (https://www.sqlite.org/fileformat2.html).
//
// A b-tree with one broken page hides everything below it, and a broken first page hides everything. The rows
// themselves lie in leaf pages that can be recognised one by one, so they are read there, without the tree.
// Committed pages in the file's write-ahead log take the place of the older ones. Nothing in the file is trusted:
// every offset and length is checked, and what does not hold together is passed over. However rows overlap or run in
// circles, what is read in one pass is at most a small multiple of what the files hold.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include "app/history/file/file_bytes.h"
#include "app/history/file/record.h"
#include "app/history/file/wal_frames.h"

namespace alcove {

class PageReader {
public:
    // Reads `path`, and `path`-wal if there is one. A file that cannot be read has no rows.
    explicit PageReader(const QString& path);

    // First those that are current. Where a page is damaged and the log has an older copy of it, the rows of that copy
    // come last, with RecoveredRow::current false.
    void forEachRow(const std::function<void(const RecoveredRow&)>& found) const;

    // The whole database as SQLite reads it, with the committed pages of the log in it and none needed any more.
    // Pages that cannot be read are zeros. Empty: there is no file. Throws std::bad_alloc, also for more than 2 GiB.
    [[nodiscard]] QByteArray image() const;

private:
    struct Payload;
    using Found = std::function<void(const RecoveredRow&)>;
    // What may still be read of pages that continue rows.
    struct Allowance {
        qint64 overflowPages = 0;
    };
    void usePageSize(quint32 size);
    [[nodiscard]] quint32 pages() const;
    [[nodiscard]] quint32 nextWritten(quint32 number) const;
    [[nodiscard]] std::optional<QByteArray> page(quint32 number) const;
    [[nodiscard]] std::optional<QByteArray> mainPage(quint32 number) const;
    [[nodiscard]] bool hasRows() const;
    [[nodiscard]] Allowance fullAllowance() const;
    void readCurrent(Allowance& allowance, const Found& found, const std::function<bool()>& enough) const;
    void readLeaf(const QByteArray& page, quint32 number, bool current, Allowance& allowance, const Found& found) const;
    [[nodiscard]] std::optional<Payload> payload(const uchar* at, const uchar* end, quint64 length, bool current,
                                                 Allowance& allowance) const;

    FileBytes m_main;
    FileBytes m_log;
    quint32 m_pageSize = 0;
    WalFrames m_frames;
    std::vector<quint32> m_inLog;  // the keys of m_frames.committed, sorted
};

}  // namespace alcove
