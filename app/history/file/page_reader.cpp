#include "app/history/file/page_reader.h"

#include <algorithm>
#include <bit>
#include <new>

#include <QtEndian>

namespace alcove {
namespace {

constexpr quint32 kDefaultPageSize = 4096;  // what SQLite makes, and so what Alcove's own files have
constexpr uchar kTableLeaf = 0x0d;
constexpr qint64 kFileHeader = 100;  // at the beginning of the first page
// In a whole file no byte is of two rows. In a damaged one some are; beyond this, the file was made to keep us busy.
constexpr qint64 kMostReadings = 8;
constexpr qint64 kLargestImage = qint64{2} << 30;

quint32 big32(const uchar* at) {
    return qFromBigEndian<quint32>(at);
}

bool isPageSize(quint32 size) {
    return size >= 512 && size <= 65536 && std::has_single_bit(size);
}

const uchar* bytesOf(const QByteArray& page) {
    return reinterpret_cast<const uchar*>(page.constData());
}

qint64 headerOffset(quint32 number) {
    return number == 1 ? kFileHeader : 0;
}

bool isTableLeaf(const QByteArray& page, quint32 number) {
    return bytesOf(page)[headerOffset(number)] == kTableLeaf;
}

// A page of a b-tree whose cells all lie in it.
bool isIntactTreePage(const QByteArray& page, quint32 number) {
    const uchar* header = bytesOf(page) + headerOffset(number);
    const uchar type = header[0];
    if (type != 2 && type != 5 && type != 10 && type != kTableLeaf) {
        return false;
    }
    const qint64 pointers = headerOffset(number) + (type < 8 ? 12 : 8);
    // Where there are more pointers than the page can hold, the first one lies among them.
    const qint64 content = pointers + qint64{2} * qFromBigEndian<quint16>(header + 3);
    for (qint64 at = pointers; at < content; at += 2) {
        const qint64 cell = qFromBigEndian<quint16>(bytesOf(page) + at);
        if (cell < content || cell >= page.size()) {
            return false;
        }
    }
    return true;
}

// What secure_delete leaves of a page that is no longer used.
bool isErased(const QByteArray& page) {
    return std::all_of(page.cbegin(), page.cend(), [](char byte) { return byte == 0; });
}

}  // namespace

PageReader::PageReader(const QString& path) : m_main(path), m_log(path + QStringLiteral("-wal")) {
    const std::optional<QByteArray> header = m_main.read(0, kFileHeader);
    const quint32 written = header ? qFromBigEndian<quint16>(header->constData() + 16) : 0;
    const quint32 size = written == 1 ? 65536 : written;
    usePageSize(isPageSize(size) ? size : kDefaultPageSize);
    // The header's page size may be what is damaged.
    if (m_pageSize != kDefaultPageSize && !hasRows()) {
        usePageSize(kDefaultPageSize);
    }
}

void PageReader::usePageSize(quint32 size) {
    m_pageSize = size;
    m_frames = WalFrames::read(m_log, size);
    const QList<quint32> inLog = m_frames.committed.keys();
    m_inLog.assign(inLog.cbegin(), inLog.cend());
    std::sort(m_inLog.begin(), m_inLog.end());
}

// The first page from `number` on that was ever written.
quint32 PageReader::nextWritten(quint32 number) const {
    const qint64 inMain = m_main.nextWritten((qint64{number} - 1) * m_pageSize) / m_pageSize + 1;
    const auto inLog = std::lower_bound(m_inLog.cbegin(), m_inLog.cend(), number);
    const qint64 next = inLog == m_inLog.cend() ? inMain : std::min<qint64>(inMain, *inLog);
    return static_cast<quint32>(std::clamp<qint64>(next, number, UINT32_MAX));
}

std::optional<QByteArray> PageReader::page(quint32 number) const {
    const auto found = m_frames.committed.constFind(number);
    return found != m_frames.committed.constEnd() ? m_log.read(*found, m_pageSize) : mainPage(number);
}

std::optional<QByteArray> PageReader::mainPage(quint32 number) const {
    return number > 0 ? m_main.read((qint64{number} - 1) * m_pageSize, m_pageSize) : std::nullopt;
}

// The payload of a cell: its part on the leaf page, then its chain of overflow pages.
struct PageReader::Payload {
    QByteArray bytes;
    bool whole = true;
};

std::optional<PageReader::Payload> PageReader::payload(const uchar* at, const uchar* end, quint64 length, bool current,
                                                       Allowance& allowance) const {
    if (length > static_cast<quint64>(kLongestRow)) {
        return std::nullopt;
    }
    const qint64 total = static_cast<qint64>(length);
    const qint64 usable = m_pageSize;  // Alcove's files reserve no bytes at the end of a page
    const qint64 mostLocal = usable - 35;
    qint64 local = total;
    if (total > mostLocal) {
        const qint64 leastLocal = (usable - 12) * 32 / 255 - 23;
        const qint64 fitted = leastLocal + (total - leastLocal) % (usable - 4);
        local = fitted <= mostLocal ? fitted : leastLocal;
    }
    const qint64 needed = local + (total > local ? 4 : 0);
    // The overflow pages of a row that is not current may hold something else by now.
    if (end - at < needed || (total > local && !current)) {
        return std::nullopt;
    }
    Payload payload{QByteArray(reinterpret_cast<const char*>(at), local), true};
    quint32 next = total > local ? big32(at + local) : 0;
    for (quint32 pagesLeft = pages(); payload.bytes.size() < total; --pagesLeft) {
        const bool mayRead = pagesLeft > 0 && allowance.overflowPages > 0;
        const std::optional<QByteArray> overflow = mayRead ? page(next) : std::nullopt;
        if (!overflow) {
            payload.whole = false;
            break;
        }
        --allowance.overflowPages;
        const qint64 part = std::min(total - payload.bytes.size(), usable - 4);
        payload.bytes.append(overflow->constData() + 4, part);
        next = big32(bytesOf(*overflow));
    }
    return payload;
}

void PageReader::readLeaf(const QByteArray& page, quint32 number, bool current, Allowance& allowance,
                          const Found& found) const {
    if (!isTableLeaf(page, number)) {
        return;
    }
    const uchar* begin = bytesOf(page);
    const qint64 header = headerOffset(number);
    const int cells = qFromBigEndian<quint16>(begin + header + 3);
    const qint64 content = header + 8 + qint64{2} * cells;
    if (content > page.size()) {
        return;
    }
    std::vector<bool> seen(static_cast<std::size_t>(page.size()));
    qint64 left = kMostReadings * page.size();
    for (int i = 0; i < cells && left > 0; ++i) {
        const qint64 offset = qFromBigEndian<quint16>(begin + header + 8 + qint64{2} * i);
        if (offset < content || offset >= page.size() || seen[static_cast<std::size_t>(offset)]) {
            continue;
        }
        seen[static_cast<std::size_t>(offset)] = true;
        Cursor cursor{begin + offset, begin + page.size()};
        const std::optional<quint64> length = cursor.varint();
        const std::optional<quint64> rowid = cursor.varint();
        if (!rowid) {  // nor is there one where the length is cut off
            continue;
        }
        const std::optional<Payload> bytes = payload(cursor.at, cursor.end, *length, current, allowance);
        if (!bytes) {
            continue;
        }
        left -= std::min<qint64>(bytes->bytes.size(), page.size());
        if (auto row = parseRecord(static_cast<qint64>(*rowid), bytes->bytes, bytes->whole)) {
            row->current = current;
            found(*row);
        }
    }
}

quint32 PageReader::pages() const {
    const qint64 inFile = m_main.size() / m_pageSize;
    // What the log says, but never more than both files can hold.
    const qint64 most = inFile + m_log.size() / m_pageSize;
    const qint64 count = m_frames.databasePages != 0 ? std::min<qint64>(m_frames.databasePages, most) : inFile;
    return static_cast<quint32>(std::min<qint64>(count, UINT32_MAX));
}

PageReader::Allowance PageReader::fullAllowance() const {
    return {kMostReadings * ((m_main.written() + m_log.written()) / m_pageSize + 1)};
}

void PageReader::readCurrent(Allowance& allowance, const Found& found, const std::function<bool()>& enough) const {
    const quint32 count = pages();
    for (qint64 next = 1; next <= count && !enough(); ++next) {
        next = nextWritten(static_cast<quint32>(next));
        const auto number = static_cast<quint32>(next);
        if (const auto bytes = number <= count ? page(number) : std::nullopt) {
            readLeaf(*bytes, number, true, allowance, found);
        }
    }
}

bool PageReader::hasRows() const {
    bool any = false;
    Allowance allowance = fullAllowance();
    readCurrent(
        allowance, [&any](const RecoveredRow&) { any = true; }, [&any] { return any; });
    return any;
}

void PageReader::forEachRow(const Found& found) const {
    Allowance allowance = fullAllowance();
    readCurrent(allowance, found, [] { return false; });
    for (auto it = m_frames.others.constBegin(); it != m_frames.others.constEnd(); ++it) {
        const quint32 number = it.key();
        const bool dropped = m_frames.databasePages != 0 && number > m_frames.databasePages;
        if (dropped || m_frames.committed.contains(number)) {
            continue;
        }
        const std::optional<QByteArray> present = page(number);  // empty: the file was cut off
        if (present && (isIntactTreePage(*present, number) || isErased(*present))) {
            continue;
        }
        for (qsizetype i = it->size(); i-- > 0;) {
            const std::optional<QByteArray> older = m_log.read(it->at(i), m_pageSize);
            if (older && isTableLeaf(*older, number)) {
                readLeaf(*older, number, false, allowance, found);
                break;
            }
        }
    }
}

QByteArray PageReader::image() const {
    const qint64 size = qint64{pages()} * m_pageSize;
    if (size > kLargestImage) {
        throw std::bad_alloc();
    }
    QByteArray image(size, '\0');
    for (quint32 number = 1; number <= pages(); ++number) {
        if (const auto bytes = page(number)) {
            std::copy(bytes->cbegin(), bytes->cend(), image.begin() + (qint64{number} - 1) * m_pageSize);
        }
    }
    if (!image.isEmpty()) {
        constexpr char kWithoutLog = 1;  // the versions for writing and for reading: a rollback journal
        image[18] = kWithoutLog;
        image[19] = kWithoutLog;
    }
    return image;
}

}  // namespace alcove
