#include "app/history/file/record.h"

#include <bit>
#include <string>

#include <QtEndian>

#include "app/history/file/row_tag.h"

namespace alcove {
namespace {

constexpr int kMostColumns = 64;

qint64 signedBig(const uchar* at, int bytes) {
    quint64 value = (at[0] & 0x80) != 0 ? ~quint64{0} : 0;
    for (int i = 0; i < bytes; ++i) {
        value = (value << 8) | at[i];
    }
    return static_cast<qint64>(value);
}

qint64 contentSize(quint64 serialType) {
    constexpr qint64 kFixed[] = {0, 1, 2, 3, 4, 6, 8, 8, 0, 0};
    return serialType < 10 ? kFixed[serialType] : static_cast<qint64>((serialType - 12) / 2);
}

QVariant columnValue(quint64 serialType, const uchar* at, qint64 size) {
    if (serialType == 0) {
        return {};
    }
    if (serialType <= 6) {
        return QVariant(qlonglong{signedBig(at, static_cast<int>(size))});
    }
    if (serialType == 7) {
        return QVariant(std::bit_cast<double>(qFromBigEndian<quint64>(at)));
    }
    if (serialType <= 9) {
        return QVariant(qlonglong{serialType == 9});
    }
    const QByteArray bytes(reinterpret_cast<const char*>(at), size);
    return (serialType & 1) != 0 ? QVariant(QString::fromUtf8(bytes)) : QVariant(bytes);
}

}  // namespace

std::optional<quint64> Cursor::varint() {
    quint64 value = 0;
    for (int i = 0; i < 9; ++i) {
        if (at == end) {
            return std::nullopt;
        }
        const uchar byte = *at++;
        if (i == 8) {
            return (value << 8) | byte;
        }
        value = (value << 7) | (byte & 0x7f);
        if ((byte & 0x80) == 0) {
            return value;
        }
    }
    return value;
}

bool hasTag(const RecoveredRow& row, const RowTag& tag) {
    // Where the end of a long row is lost, the type still tells the length of the tag, which no two have in common.
    const quint64 textOfThatLength = 13 + 2 * std::char_traits<char>::length(tag.text);
    // The first column is the INTEGER PRIMARY KEY, which is stored as null; in SQLite's own tables it is not.
    if (row.types.size() <= tag.column || row.types[0] != 0 || row.types[tag.column] != textOfThatLength) {
        return false;
    }
    const QString written = row.columns.value(tag.column).toString();
    return row.whole ? written == QLatin1String(tag.text) : QLatin1String(tag.text).startsWith(written);
}

std::optional<RecoveredRow> parseRecord(qint64 rowid, const QByteArray& payload, bool whole) {
    const auto* begin = reinterpret_cast<const uchar*>(payload.constData());
    Cursor header{begin, begin + payload.size()};
    const std::optional<quint64> headerSize = header.varint();
    if (!headerSize || *headerSize > static_cast<quint64>(payload.size())) {
        return std::nullopt;
    }
    header.end = begin + *headerSize;
    RecoveredRow row;
    row.rowid = rowid;
    row.whole = whole;
    qint64 offset = static_cast<qint64>(*headerSize);
    bool lost = false;
    while (header.at < header.end) {
        const std::optional<quint64> type = header.varint();
        if (!type || *type == 10 || *type == 11 || *type > 2 * static_cast<quint64>(kLongestRow) ||
            row.types.size() == kMostColumns) {
            return std::nullopt;
        }
        row.types << *type;
        if (lost) {
            continue;
        }
        const qint64 size = contentSize(*type);
        const qint64 left = payload.size() - offset;
        if (size > left) {
            if (whole) {
                return std::nullopt;
            }
            if (*type >= 13 && (*type & 1) != 0) {
                row.columns << columnValue(*type, begin + offset, left);
            }
            lost = true;
            continue;
        }
        row.columns << columnValue(*type, begin + offset, size);
        offset += size;
    }
    return row;
}

}  // namespace alcove
