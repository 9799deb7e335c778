// One row as SQLite stores it (https://www.sqlite.org/fileformat2.html#record_format), read without trusting it.
#pragma once

#include <optional>

#include <QByteArray>
#include <QList>
#include <QVariantList>

namespace alcove {

// The longest row that is read.
constexpr qint64 kLongestRow = 64 << 20;

struct RecoveredRow {
    qint64 rowid = 0;
    QVariantList columns;  // qlonglong, double, QString, QByteArray or null; the INTEGER PRIMARY KEY is null
    // Of all columns of the row, those that are lost too: SQLite's number for the column's type and size.
    QList<quint64> types;
    bool whole = true;    // false: a part of a long row is lost; a text may end early, later columns are missing
    bool current = true;  // false: from an older copy of a page that is damaged; the row may have changed since
};

struct RowTag;

// The row is of the table with this tag (row_tag.h), as far as can be seen.
[[nodiscard]] bool hasTag(const RecoveredRow& row, const RowTag& tag);

// A bounded reader of SQLite's variable-length integers (1 to 9 bytes, most significant first).
struct Cursor {
    const uchar* at;
    const uchar* end;

    std::optional<quint64> varint();
};

// `payload` is the record of a row, or its beginning where it is not `whole`. Empty where it is no record.
[[nodiscard]] std::optional<RecoveredRow> parseRecord(qint64 rowid, const QByteArray& payload, bool whole);

}  // namespace alcove
