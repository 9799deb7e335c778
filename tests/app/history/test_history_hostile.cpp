// A history that somebody made to keep recovery busy: what is read of it stays in proportion to what it holds.
#include <sys/stat.h>
#include <unistd.h>

#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include "app/history/file/file_bytes.h"
#include "app/history/file/history_files.h"
#include "app/history/file/page_reader.h"
#include "app/history/history_store.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

using alcove::tests::contents;
using alcove::tests::write;

namespace {

constexpr int kBytes = 4096;  // of a page

QByteArray varint(quint64 value) {
    QByteArray bytes(1, static_cast<char>(value & 0x7f));
    for (value >>= 7; value != 0; value >>= 7) {
        bytes.prepend(static_cast<char>(0x80 | (value & 0x7f)));
    }
    return bytes;
}

// A row with one text of such a length that the row has `total` bytes: its head, without the text.
QByteArray rowHead(quint64 rowid, quint64 total) {
    const QByteArray type = varint(13 + 2 * (total - 7));
    QByteArray header = QByteArray(1, '\0') + type;
    header.prepend(static_cast<char>(header.size() + 1));
    return varint(total) + varint(rowid) + header;
}

// A leaf page of a table whose pointers are these.
QByteArray leaf(const QList<int>& pointers, int size = kBytes) {
    QByteArray page(size, '\0');
    page[0] = 0x0d;
    qToBigEndian(static_cast<quint16>(pointers.size()), page.data() + 3);
    for (qsizetype i = 0; i < pointers.size(); ++i) {
        qToBigEndian(static_cast<quint16>(pointers[i]), page.data() + 8 + 2 * i);
    }
    return page;
}

struct Seen {
    int rows = 0;
    int whole = 0;
    qint64 bytes = 0;
};

Seen read(const QString& file) {
    Seen seen;
    PageReader(file).forEachRow([&seen](const RecoveredRow& row) {
        ++seen.rows;
        seen.whole += row.whole ? 1 : 0;
        for (const QVariant& column : row.columns) {
            seen.bytes += column.toString().size();
        }
    });
    return seen;
}

}  // namespace

class TestHistoryHostile : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        QVERIFY(m_folder->isValid());
    }

    // Its size says nothing of what is in it: a terabyte that was never written takes no time.
    void aFileOfHoles() {
        constexpr qint64 kTerabyte = qint64{1} << 40;
        {
            HistoryStore store = HistoryStore::open(m_folder->path());
            store.startConversation(QStringLiteral("at the beginning"));
        }
        const QByteArray good = contents(file());
        QByteArray damaged = good;
        write(file(), damaged.replace(0, 16, QByteArray(16, '?')));
        write(logOf(file()), good.left(100));
        QVERIFY(QFile::resize(file(), kTerabyte));
        QVERIFY(QFile::resize(logOf(file()), kTerabyte));
        {
            QFile far(file());
            QVERIFY(far.open(QIODevice::ReadWrite) && far.seek(kTerabyte - good.size()));
            QCOMPARE(far.write(good), good.size());
        }
        const FileBytes bytes(file());
        QCOMPARE(bytes.size(), kTerabyte);
        QVERIFY(bytes.written() < qint64{8} * good.size());
        QCOMPARE(bytes.nextWritten(kTerabyte / 2) / kBytes, (kTerabyte - good.size()) / kBytes);
        QCOMPARE(bytes.nextWritten(kTerabyte + 5), kTerabyte);
        const Seen seen = read(file());
        QVERIFY2(seen.rows >= 4, qPrintable(QString::number(seen.rows)));  // those of the beginning, twice
        QVERIFY_EXCEPTION_THROWN(PageReader(file()).image(), std::bad_alloc);
        const HistoryStore store = HistoryStore::open(m_folder->path());
        QCOMPARE(store.report().state, OpenReport::State::Recovered);
        QCOMPARE(store.conversations().size(), 1);
    }

    // Long rows whose overflow pages lead back to themselves.
    void rowsInCircles() {
        constexpr int kPages = 10;
        constexpr int kRows = 8;
        constexpr int kLocal = 489;                        // bytes of such a row on its leaf page
        constexpr quint64 kTotal = kLocal + 4092 * 15000;  // about 61 MB
        QByteArray history(kBytes, '\0');
        for (int page = 0; page < kPages; ++page) {
            QList<int> pointers;
            for (int row = 0; row < kRows; ++row) {
                pointers << 64 + row * 500;
            }
            QByteArray bytes = leaf(pointers);
            for (const int at : pointers) {
                const QByteArray head = rowHead(5, kTotal);
                bytes.replace(at, head.size(), head);
                qToBigEndian(quint32{kPages + 2}, bytes.data() + at + 5 + kLocal);
            }
            history += bytes;
        }
        QByteArray overflow(kBytes, 'x');
        qToBigEndian(quint32{kPages + 2}, overflow.data());
        history += overflow;
        write(file(), history);
        const Seen seen = read(file());
        QCOMPARE(seen.rows, kPages * kRows);
        QCOMPARE(seen.whole, 0);
        QVERIFY2(seen.bytes > history.size() && seen.bytes < 10 * history.size(),
                 qPrintable(QString::number(seen.bytes)));
    }

    // One circle takes no more than the pages there are, so that rows after it have theirs.
    void aCircleLeavesOthersTheirPages() {
        constexpr quint64 kTotal = 489 + 4092 * 15000;
        constexpr quint64 kShort = 489 + 4092;
        QByteArray bytes = leaf({64, 600});
        const QByteArray circle = rowHead(1, kTotal);
        bytes.replace(64, circle.size(), circle);
        qToBigEndian(quint32{3}, bytes.data() + 64 + 5 + 489);
        const QByteArray other = rowHead(2, kShort);
        bytes.replace(600, other.size(), other);
        qToBigEndian(quint32{4}, bytes.data() + 600 + 3 + 489);
        QByteArray overflow(kBytes, 'x');
        qToBigEndian(quint32{3}, overflow.data());
        write(file(), QByteArray(kBytes, '\0') + bytes + overflow + QByteArray(kBytes, 'y'));
        const Seen seen = read(file());
        QCOMPARE(seen.rows, 2);
        QCOMPARE(seen.whole, 1);
    }

    // Rows that lie over one another.
    void rowsOverOneAnother() {
        constexpr int kLarge = 65536;
        constexpr int kRows = 4000;
        constexpr int kStride = 10;
        QList<int> pointers;
        for (int row = 0; row < kRows; ++row) {
            pointers << 9000 + row * kStride;
        }
        QByteArray page = leaf(pointers, kLarge);
        for (const int at : pointers) {
            const QByteArray head = rowHead(5, 20000);
            page.replace(at, head.size(), head);
        }
        QByteArray first(kLarge, '\0');
        first[16] = 0;  // the header's page size: 1 stands for 65536
        first[17] = 1;
        write(file(), first + page);
        const Seen seen = read(file());
        QVERIFY2(seen.rows > 10 && seen.bytes <= qint64{9} * kLarge, qPrintable(QString::number(seen.bytes)));
    }

    void aRowIsReadOnce() {
        QByteArray page = leaf(QList<int>(1000, 3000));
        const QByteArray head = rowHead(5, 20);
        page.replace(3000, head.size(), head);
        write(file(), QByteArray(kBytes, '\0') + page);
        QCOMPARE(read(file()).rows, 1);
    }

    void onlyLeavesOfTablesHaveRows() {
        for (const char type : {'\x02', '\x05', '\x0a', '\x0d'}) {
            QByteArray page = leaf({3000});
            page[0] = type;
            const QByteArray head = rowHead(5, 20);
            page.replace(3000, head.size(), head);
            write(file(), QByteArray(kBytes, '\0') + page);
            QCOMPARE(read(file()).rows, type == '\x0d' ? 1 : 0);
        }
    }

    void aRowThatThePageCutsOffIsNone() {
        QByteArray page = leaf({kBytes - 1, kBytes - 2});
        page[kBytes - 2] = 0;       // its length, and a number that would go on
        page[kBytes - 1] = '\x81';  // and so would this length
        write(file(), QByteArray(kBytes, '\0') + page);
        QCOMPARE(read(file()).rows, 0);
    }

    void aRowAmongThePointersIsNone() {
        // The pointers, read as a row: two bytes long, number 5, one column that is null.
        const QByteArray page = leaf({0x0205, 0x0200, 8});
        write(file(), QByteArray(kBytes, '\0') + page);
        QCOMPARE(read(file()).rows, 0);
    }

    void aRowThatIsTooLongIsNone() {
        constexpr quint64 kText = 40 << 20;  // two of them are more than the longest row
        const QByteArray type = varint(13 + 2 * kText);
        const QByteArray header = static_cast<char>(2 + 2 * type.size()) + QByteArray(1, '\0') + type + type;
        QByteArray page = leaf({64, 1000});
        const QByteArray twoTexts = varint(2 * kText + quint64(header.size())) + varint(5) + header;
        page.replace(64, twoTexts.size(), twoTexts);
        const QByteArray endless = rowHead(5, ~quint64{0});
        page.replace(1000, endless.size(), endless);
        write(file(), QByteArray(kBytes, '\0') + page);
        QCOMPARE(read(file()).rows, 0);
    }

    // A row whose first column is lost is of no table, whatever its other columns would be.
    void aRowWithoutColumns() {
        constexpr quint64 kTotal = 489 + 4092 * 100;
        const QByteArray blob = varint(12 + 2 * kTotal);
        const QByteArray header = static_cast<char>(blob.size() + 3) + blob + char(13 + 2 * 6) + char(13 + 2 * 6);
        QByteArray page = leaf({64});
        const QByteArray cell = varint(kTotal) + varint(2) + header;
        page.replace(64, cell.size(), cell);
        qToBigEndian(quint32{0}, page.data() + 64 + varint(kTotal).size() + 1 + 489);
        write(file(), QByteArray(kBytes, '\0') + page);
        QCOMPARE(read(file()).rows, 1);
        const HistoryStore store = HistoryStore::open(m_folder->path());
        QCOMPARE(store.report().state, OpenReport::State::Recovered);
        QVERIFY(store.conversations().isEmpty());
    }

    void readsWithinAFile() {
        write(file(), "0123456789");
        const FileBytes bytes(file());
        QCOMPARE(bytes.size(), 10);
        QCOMPARE(bytes.read(2, 3).value_or(QByteArray()), QByteArray("234"));
        QCOMPARE(bytes.read(7, 3).value_or(QByteArray()), QByteArray("789"));
        QVERIFY(!bytes.read(8, 3) && !bytes.read(-1, 3) && !bytes.read(1, -1) && !bytes.read(0, 11));
        QVERIFY(QFile::resize(file(), 5));
        QVERIFY(!bytes.read(4, 3));
    }

    // What would never end, or is none.
    void readsNothingButFiles() {
        QCOMPARE(FileBytes(file()).size(), 0);
        QCOMPARE(FileBytes(m_folder->path()).size(), 0);
        QCOMPARE(::mkfifo(QFile::encodeName(file()).constData(), 0600), 0);
        QCOMPARE(FileBytes(file()).size(), 0);
        QCOMPARE(FileBytes(QStringLiteral("/dev/zero")).size(), 0);
        QCOMPARE(read(file()).rows, 0);
    }

private:
    [[nodiscard]] QString file() const { return historyFile(m_folder->path()); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

ALCOVE_TEST(TestHistoryHostile)
#include "test_history_hostile.moc"
