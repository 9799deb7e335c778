// Reads the rows of a damaged SQLite file straight from its pages (https://www.sqlite.org/fileformat2.html).
//
// A b-tree with one broken page hides everything below it, and a broken first page hides everything. The rows
// themselves lie in leaf pages that can be recognised one by one, so they are read there, without the tree.
// Pages in the file's write-ahead log take the place of the older ones. Nothing in the file is trusted: every
// offset and length is checked, and what does not hold together is passed over.
#pragma once

#include <functional>

#include <QFile>
#include <QHash>
#include <QVariantList>

namespace alcove {

struct RecoveredRow {
    qint64 rowid = 0;
    QVariantList columns;  // qlonglong, double, QString, QByteArray or null; the INTEGER PRIMARY KEY is null
    bool whole = true;     // false: a part of a long row is lost; a text may end early, later columns are missing
};

class PageReader {
public:
    // Maps `path`, and `path`-wal if there is one. A file that cannot be read has no rows.
    explicit PageReader(const QString& path);

    void forEachRow(const std::function<void(const RecoveredRow&)>& found) const;

private:
    void scan(quint32 pageSize, const std::function<void(const RecoveredRow&)>& found) const;
    [[nodiscard]] QHash<quint32, qint64> loggedPages(quint32 pageSize) const;

    struct Mapped {
        QFile file;
        const uchar* bytes = nullptr;
        qint64 size = 0;
        explicit Mapped(const QString& path);
    };
    Mapped m_main;
    Mapped m_log;
};

}  // namespace alcove
