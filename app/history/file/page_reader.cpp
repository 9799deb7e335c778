#include "app/history/file/page_reader.h"

#include <algorithm>
#include <bit>
#include <optional>

#include <QtEndian>

namespace alcove {
namespace {

constexpr quint32 kDefaultPageSize = 4096;  // what SQLite makes, and so what Alcove's own files have
constexpr qint64 kLongestRow = 64 << 20;
constexpr int kMostColumns = 64;
constexpr qint64 kLogHeader = 32;
constexpr qint64 kFrameHeader = 24;

quint32 big32(const uchar* at) {
    return qFromBigEndian<quint32>(at);
}

bool isPageSize(quint32 size) {
    return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

// A bounded reader of SQLite's variable-length integers (1 to 9 bytes, most significant first).
struct Cursor {
    const uchar* at;
    const uchar* end;

    std::optional<quint64> varint() {
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
};

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

// The columns of one record, as many as `payload` still holds.
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
    while (header.at < header.end) {
        const std::optional<quint64> type = header.varint();
        if (!type || *type == 10 || *type == 11 || *type > 2 * static_cast<quint64>(kLongestRow) ||
            row.columns.size() == kMostColumns) {
            return std::nullopt;
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
            break;
        }
        row.columns << columnValue(*type, begin + offset, size);
        offset += size;
    }
    return row;
}

// All pages of the database as they were last committed.
struct Pages {
    const uchar* main;
    qint64 mainSize;
    const uchar* log;
    QHash<quint32, qint64> logged;  // page number → offset in the log
    quint32 size;

    [[nodiscard]] const uchar* page(quint32 number) const {
        const auto found = logged.constFind(number);
        if (found != logged.constEnd()) {
            return log + *found;
        }
        const qint64 offset = (qint64{number} - 1) * size;
        return number > 0 && offset + size <= mainSize ? main + offset : nullptr;
    }
};

// The payload of a cell: its part on the leaf page, then its chain of overflow pages.
struct Payload {
    QByteArray bytes;
    bool whole = true;
};

std::optional<Payload> readPayload(const Pages& pages, const uchar* at, const uchar* end, quint64 length) {
    if (length == 0 || length > static_cast<quint64>(kLongestRow)) {
        return std::nullopt;
    }
    const qint64 total = static_cast<qint64>(length);
    const qint64 usable = pages.size;  // Alcove's files reserve no bytes at the end of a page
    const qint64 mostLocal = usable - 35;
    qint64 local = total;
    if (total > mostLocal) {
        const qint64 leastLocal = (usable - 12) * 32 / 255 - 23;
        const qint64 fitted = leastLocal + (total - leastLocal) % (usable - 4);
        local = fitted <= mostLocal ? fitted : leastLocal;
    }
    const qint64 needed = local + (total > local ? 4 : 0);
    if (end - at < needed) {
        return std::nullopt;
    }
    Payload payload{QByteArray(reinterpret_cast<const char*>(at), local), true};
    quint32 next = total > local ? big32(at + local) : 0;
    while (payload.bytes.size() < total) {
        const uchar* page = pages.page(next);
        if (page == nullptr) {
            payload.whole = false;
            break;
        }
        const qint64 part = std::min(total - payload.bytes.size(), usable - 4);
        payload.bytes.append(reinterpret_cast<const char*>(page + 4), part);
        next = big32(page);
    }
    return payload;
}

void readLeaf(const Pages& pages, quint32 number, const std::function<void(const RecoveredRow&)>& found) {
    constexpr uchar kTableLeaf = 0x0d;
    const uchar* page = pages.page(number);
    if (page == nullptr) {
        return;
    }
    const qint64 header = number == 1 ? 100 : 0;  // the first page begins with the file's header
    if (page[header] != kTableLeaf) {
        return;
    }
    const int cells = qFromBigEndian<quint16>(page + header + 3);
    const qint64 content = header + 8 + qint64{2} * cells;
    if (content > pages.size) {
        return;
    }
    for (int i = 0; i < cells; ++i) {
        const qint64 offset = qFromBigEndian<quint16>(page + header + 8 + qint64{2} * i);
        if (offset < content || offset >= pages.size) {
            continue;
        }
        Cursor cursor{page + offset, page + pages.size};
        const std::optional<quint64> length = cursor.varint();
        const std::optional<quint64> rowid = cursor.varint();
        if (!length || !rowid) {
            continue;
        }
        const std::optional<Payload> payload = readPayload(pages, cursor.at, cursor.end, *length);
        if (!payload) {
            continue;
        }
        if (const auto row = parseRecord(static_cast<qint64>(*rowid), payload->bytes, payload->whole)) {
            found(*row);
        }
    }
}

}  // namespace

PageReader::Mapped::Mapped(const QString& path) : file(path) {
    if (file.open(QIODevice::ReadOnly) && file.size() > 0) {
        bytes = file.map(0, file.size());
        size = bytes != nullptr ? file.size() : 0;
    }
}

PageReader::PageReader(const QString& path) : m_main(path), m_log(path + QStringLiteral("-wal")) {
}

// The newest committed copy of each page in the log. Frames after the last commit, or left from an earlier
// use of the log (they bear another salt), do not count.
QHash<quint32, qint64> PageReader::loggedPages(quint32 pageSize) const {
    QHash<quint32, qint64> committed;
    if (m_log.size < kLogHeader || (big32(m_log.bytes) & ~1U) != 0x377f0682U || big32(m_log.bytes + 8) != pageSize) {
        return committed;
    }
    const quint64 salt = qFromBigEndian<quint64>(m_log.bytes + 16);
    QHash<quint32, qint64> pending;
    for (qint64 at = kLogHeader; at + kFrameHeader + pageSize <= m_log.size; at += kFrameHeader + pageSize) {
        const uchar* frame = m_log.bytes + at;
        if (qFromBigEndian<quint64>(frame + 8) != salt) {
            break;
        }
        pending.insert(big32(frame), at + kFrameHeader);
        if (big32(frame + 4) != 0) {  // the size of the database after a commit
            committed.insert(pending);
            pending.clear();
        }
    }
    return committed;
}

void PageReader::scan(quint32 pageSize, const std::function<void(const RecoveredRow&)>& found) const {
    const Pages pages{m_main.bytes, m_main.size, m_log.bytes, loggedPages(pageSize), pageSize};
    const qint64 inFile = m_main.size / pageSize;
    for (qint64 number = 1; number <= inFile; ++number) {
        readLeaf(pages, static_cast<quint32>(number), found);
    }
    QList<quint32> beyond;
    for (auto it = pages.logged.constBegin(); it != pages.logged.constEnd(); ++it) {
        if (it.key() > inFile) {
            beyond << it.key();
        }
    }
    std::sort(beyond.begin(), beyond.end());
    for (const quint32 number : beyond) {
        readLeaf(pages, number, found);
    }
}

void PageReader::forEachRow(const std::function<void(const RecoveredRow&)>& found) const {
    quint32 pageSize = kDefaultPageSize;
    if (m_main.size >= 18) {
        const quint32 written = qFromBigEndian<quint16>(m_main.bytes + 16);
        const quint32 size = written == 1 ? 65536 : written;
        pageSize = isPageSize(size) ? size : kDefaultPageSize;
    }
    qint64 rows = 0;
    scan(pageSize, [&](const RecoveredRow& row) {
        ++rows;
        found(row);
    });
    if (rows == 0 && pageSize != kDefaultPageSize) {  // the header's page size may be what is damaged
        scan(kDefaultPageSize, found);
    }
}

}  // namespace alcove
