// What recovery takes from a write-ahead log, compared with what SQLite takes from it.
#include <algorithm>
#include <map>

#include <QDir>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/migrations.h"
#include "app/history/file/page_reader.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

using alcove::tests::contents;
using alcove::tests::write;

// A main file and a log that belong together, as a program that was killed leaves them.
struct FileWithLog {
    QByteArray main;
    QByteArray log;

    static FileWithLog of(const QString& file) { return {contents(file), contents(logOf(file))}; }
    void put(const QString& file) const {
        removeDatabase(file);
        write(file, main);
        write(logOf(file), log);
    }
};

namespace {

constexpr int kLogPage = 4096;
constexpr int kFrame = kLogPage + 24;
constexpr int kLogHeader = 32;

// "messages 7" → its text, and so on for each table.
using View = std::map<QString, QString>;

QString keyOf(const char* table, qint64 id) {
    return QStringLiteral("%1 %2").arg(QLatin1String(table)).arg(id);
}

View seenByRecovery(const QString& file, bool currentOnly = true) {
    View view;
    PageReader(file).forEachRow([&](const RecoveredRow& row) {
        const std::pair<RowTag, int> tables[] = {{kConversationTag, 1}, {kMessageTag, 3}, {kDraftTag, 1}};
        for (const auto& [tag, column] : tables) {
            if (hasTag(row, tag) && row.whole && (row.current || !currentOnly)) {
                view.emplace(keyOf(tag.text, row.rowid), row.columns.value(column).toString());
            }
        }
    });
    return view;
}

// Up to the first error, and only what bears its tag.
View seenBySqlite(const QString& file) {
    View view;
    try {
        Database database(file, Database::Mode::ReadOnly, 0);
        for (const char* sql : {"SELECT id, title, tag, 'conversations' FROM conversations NOT INDEXED",
                                "SELECT id, text, tag, 'messages' FROM messages NOT INDEXED",
                                "SELECT conversation_id, text, tag, 'drafts' FROM drafts NOT INDEXED"}) {
            try {
                Rows rows = database.rows(sql);
                while (rows.next()) {
                    if (rows.value(2) == rows.value(3)) {
                        view.emplace(keyOf(rows.value(3).toString().toLatin1(), rows.value(0).toLongLong()),
                                     rows.value(1).toString());
                    }
                }
            } catch (const HistoryError&) {
                continue;
            }
        }
    } catch (const HistoryError&) {
        return view;
    }
    return view;
}

QString textNumber(int number) {
    return QStringLiteral("text %1 ").arg(number) + QString(number % 4 == 0 ? 9000 : 300, QChar(u'a' + number % 26));
}

// Twelve commits in the log; behind its end, frames of the use before.
FileWithLog twoUsesOfOneLog(const QString& file) {
    Database database(file, Database::Mode::ReadWrite, 0);
    migrate(database);
    database.runOnce(QStringLiteral("PRAGMA wal_autocheckpoint=0"));
    int number = 0;
    const auto commit = [&] {
        Transaction transaction(database);
        for (int i = 0; i < 3; ++i, ++number) {
            database.run("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 1, 1)",
                         {textNumber(number)});
            database.run(
                "INSERT INTO messages (conversation_id, author, text, status, created_at)"
                " VALUES (1, 'user', ?, 'complete', 1)",
                {textNumber(number)});
        }
        database.run("UPDATE messages SET text = ? WHERE id = ?", {textNumber(number + 500), number / 2});
        database.run("INSERT OR REPLACE INTO drafts (conversation_id, text) VALUES (1, ?)", {textNumber(number)});
        transaction.commit();
    };
    for (int i = 0; i < 24; ++i) {
        commit();
    }
    database.run("PRAGMA wal_checkpoint(RESTART)");
    for (int i = 0; i < 12; ++i) {
        commit();
    }
    return FileWithLog::of(file);
}

// One kind of damage after another, as the seed has it.
void damageLog(QByteArray& log, QRandomGenerator& random) {
    const int frames = static_cast<int>((log.size() - kLogHeader) / kFrame);
    const auto anyFrame = [&] { return kLogHeader + qsizetype{random.bounded(frames)} * kFrame; };
    switch (random.bounded(8)) {
        case 0:  // a torn frame: its header is written, its page is not
            log.replace(anyFrame() + 24, kLogPage, QByteArray(kLogPage, '\0'));
            break;
        case 1:  // half of a page
            log.replace(anyFrame() + 24 + kLogPage / 2, kLogPage / 2, QByteArray(kLogPage / 2, '\0'));
            break;
        case 2:
            log.truncate(random.bounded(static_cast<int>(log.size())));
            break;
        case 3: {  // frames in another order
            const qsizetype a = anyFrame();
            const qsizetype b = anyFrame();
            const QByteArray kept = log.mid(a, kFrame);
            log.replace(a, kFrame, log.mid(b, kFrame));
            log.replace(b, kFrame, kept);
            break;
        }
        case 4:  // a bit of a frame's header: page number, size, salts, checksums
            log[anyFrame() + random.bounded(24)] ^= static_cast<char>(1 << random.bounded(8));
            break;
        case 5:  // a bit of the log's header
            log[random.bounded(kLogHeader)] ^= static_cast<char>(1 << random.bounded(8));
            break;
        case 6:  // a bit anywhere
            log[random.bounded(static_cast<int>(log.size()))] ^= static_cast<char>(1 << random.bounded(8));
            break;
        default:  // a frame twice
            log.insert(anyFrame(), log.mid(anyFrame(), kFrame));
            break;
    }
}

}  // namespace

class TestHistoryWal : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void readsWhatSqliteReads();
    void findsWhatSqliteFindsInADamagedFile();
    void aTornFrameDoesNotHideAGoodPage();
    void takesAnOlderCopyOfADamagedPage_data();
    void takesAnOlderCopyOfADamagedPage();
    void doesNotTakeFromPagesThatAreGone();
    void doesNotTakeFromPagesOfAnotherUse();
    void doesNotTakeWhatWasDeleted();
    void aFileThatShrinksIsRead();

private:
    [[nodiscard]] QString file() const { return historyFile(m_folder->path()); }
    std::unique_ptr<QTemporaryDir> m_folder;
    FileWithLog m_good;
    View m_goodView;
};

void TestHistoryWal::initTestCase() {
    QTemporaryDir folder;
    m_good = twoUsesOfOneLog(historyFile(folder.path()));
    init();
    m_good.put(file());
    m_goodView = seenBySqlite(file());
    QCOMPARE(m_goodView.size(), std::size_t{2 * 3 * 36 + 1});
}

void TestHistoryWal::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryWal::readsWhatSqliteReads() {
    m_good.put(file());
    QVERIFY(seenByRecovery(file()) == m_goodView);
    constexpr unsigned kSeeds = 4000;
    tests::Sample sample(20);
    int lessThanAll = 0;
    for (unsigned seed = 0; seed < kSeeds; ++seed) {
        if (!sample.takes()) {
            continue;
        }
        QRandomGenerator random(seed);
        FileWithLog damaged = m_good;
        for (int i = random.bounded(3); i >= 0 && damaged.log.size() > kLogHeader + kFrame; --i) {
            damageLog(damaged.log, random);
        }
        damaged.put(file());
        const View recovered = seenByRecovery(file());  // first: SQLite may begin the log anew
        const View expected = seenBySqlite(file());
        QVERIFY2(!expected.empty(), qPrintable(QStringLiteral("seed %1").arg(seed)));
        QVERIFY2(recovered == expected, qPrintable(QStringLiteral("seed %1: %2 rows, SQLite has %3")
                                                       .arg(seed)
                                                       .arg(recovered.size())
                                                       .arg(expected.size())));
        lessThanAll += expected == m_goodView ? 0 : 1;
    }
    QVERIFY(lessThanAll > 20);
}

void TestHistoryWal::findsWhatSqliteFindsInADamagedFile() {
    constexpr unsigned kSeeds = 4000;
    tests::Sample sample(20);
    int more = 0;
    for (unsigned seed = 0; seed < kSeeds; ++seed) {
        if (!sample.takes()) {
            continue;
        }
        QRandomGenerator random(seed);
        FileWithLog damaged = m_good;
        const int pages = static_cast<int>(damaged.main.size() / kLogPage);
        for (int i = random.bounded(6); i >= 0; --i) {
            const qsizetype page = qsizetype{random.bounded(pages)} * kLogPage;
            if (random.bounded(3) == 0) {
                damaged.main.replace(page, kLogPage, QByteArray(kLogPage, static_cast<char>(random.bounded(128))));
            } else {
                damaged.main.replace(page + random.bounded(kLogPage - 8), 8,
                                     QByteArray(8, static_cast<char>(random.bounded(128))));
            }
        }
        if (random.bounded(2) == 0) {
            damageLog(damaged.log, random);
        }
        damaged.put(file());
        const View recovered = seenByRecovery(file());
        const View expected = seenBySqlite(file());
        for (const auto& [key, text] : expected) {
            const auto found = recovered.find(key);
            QVERIFY2(found != recovered.end(), qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(key)));
            QVERIFY2(found->second == text, qPrintable(QStringLiteral("seed %1: %2").arg(seed).arg(key)));
        }
        more += recovered.size() > expected.size() ? 1 : 0;
    }
    QVERIFY(more > 20);
}

void TestHistoryWal::aTornFrameDoesNotHideAGoodPage() {
    // Every frame in turn is followed by a frame for each page with the right salt and no content.
    FileWithLog damaged = m_good;
    const int frames = static_cast<int>((damaged.log.size() - kLogHeader) / kFrame);
    int last = 0;
    while (last < frames && damaged.log.mid(kLogHeader + last * kFrame + 8, 8) == damaged.log.mid(16, 8)) {
        ++last;
    }
    QVERIFY(last > 10 && last < frames);
    QByteArray torn;
    for (int number = 1; number <= damaged.main.size() / kLogPage; ++number) {
        QByteArray frame(kFrame, '\0');
        frame[3] = static_cast<char>(number);
        frame[2] = static_cast<char>(number >> 8);
        frame[7] = frame[3];
        frame[6] = frame[2];
        frame.replace(8, 8, damaged.log.mid(16, 8));
        torn += frame;
    }
    damaged.log = damaged.log.left(kLogHeader + last * kFrame) + torn;
    damaged.put(file());
    QVERIFY(seenByRecovery(file()) == m_goodView);
    QVERIFY(seenBySqlite(file()) == m_goodView);
}

void TestHistoryWal::takesAnOlderCopyOfADamagedPage_data() {
    QTest::addColumn<int>("at");
    QTest::addColumn<QByteArray>("bytes");
    QTest::newRow("all of it") << 0 << QByteArray(kLogPage, '\xa5');
    QTest::newRow("its type") << 0 << QByteArray("\x77");
    QTest::newRow("the number of its rows") << 3 << QByteArray("\xff\xff");
    QTest::newRow("rows in its header") << 8 << QByteArray("\0\1", 2).repeated(4);
    QTest::newRow("rows outside") << 8 << QByteArray("\x7f\xff").repeated(4);
}

void TestHistoryWal::takesAnOlderCopyOfADamagedPage() {
    QFETCH(int, at);
    QFETCH(QByteArray, bytes);
    int recovered = 0;
    for (int number = 41; number < 72; number += 3) {
        const QByteArray lost = QStringLiteral("text %1 ").arg(number).toLatin1();
        FileWithLog damaged = m_good;
        const qsizetype page = damaged.main.indexOf(lost) / kLogPage * kLogPage;
        QVERIFY(page > 0);
        damaged.main.replace(page + at, bytes.size(), bytes);
        damaged.put(file());
        const View current = seenByRecovery(file());
        const View all = seenByRecovery(file(), false);
        for (const auto& [key, text] : current) {
            QCOMPARE(all.at(key), text);
        }
        for (const auto& [key, text] : all) {
            QVERIFY(m_goodView.count(key) == 1);
            // The pages that continue a long row may hold something else by now, so it is not taken from an older copy.
            QVERIFY(current.count(key) == 1 || text.size() < kLogPage);
            QCOMPARE(text, textNumber(text.section(QLatin1Char(' '), 1, 1).toInt()));  // as it once was, whole
        }
        recovered += all.size() > current.size() ? 1 : 0;
    }
    QVERIFY2(recovered > 1, qPrintable(QString::number(recovered)));
    // And by the way that people take.
    const HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, OpenReport::State::Recovered);
}

void TestHistoryWal::doesNotTakeFromPagesThatAreGone() {
    // Rows fill many pages; then most go, and the file is written anew with few. The log still has some of the pages
    // behind its new end.
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        migrate(database);
        database.runOnce(QStringLiteral("PRAGMA wal_autocheckpoint=0"));
        for (int round = 0; round < 20; ++round) {
            Transaction transaction(database);
            for (int i = 0; i < 10; ++i) {
                database.run("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 1, 1)",
                             {textNumber(1)});
            }
            transaction.commit();
        }
        for (int round = 0; round < 60; ++round) {  // so that the log stays longer than what follows
            database.run("UPDATE conversations SET updated_at = ? WHERE id > 100", {round});
        }
        database.run("DELETE FROM conversations WHERE id > 3");
        database.run("PRAGMA wal_checkpoint(RESTART)");
        database.runOnce(QStringLiteral("VACUUM"));
        FileWithLog damaged = FileWithLog::of(file());
        for (qsizetype page = 12 * kLogPage; page < damaged.main.size(); page += kLogPage) {
            damaged.main.replace(page, kLogPage, QByteArray(kLogPage, '\xa5'));
        }
        QVERIFY(damaged.main.size() > 14 * kLogPage);
        init();
        damaged.put(file());
    }
    const WalFrames frames = WalFrames::read(FileBytes(logOf(file())), kLogPage);
    const QList<quint32> older = frames.others.keys();
    QVERIFY(frames.databasePages > 0 && *std::max_element(older.begin(), older.end()) > frames.databasePages);
    QCOMPARE(seenByRecovery(file()).size(), std::size_t{3});
    QVERIFY(seenByRecovery(file(), false) == seenByRecovery(file()));
}

void TestHistoryWal::doesNotTakeFromPagesOfAnotherUse() {
    // Pages that had rows are free, and then hold the rest of long texts.
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        migrate(database);
        database.runOnce(QStringLiteral("PRAGMA wal_autocheckpoint=0"));
        for (int i = 0; i < 200; ++i) {
            database.run("INSERT INTO conversations (title, created_at, updated_at) VALUES (?, 1, 1)", {textNumber(1)});
        }
        database.run("DELETE FROM conversations WHERE id > 3");
        database.run("PRAGMA wal_checkpoint(RESTART)");
        database.run("UPDATE conversations SET title = ?", {QString(20000, u'x')});
        const FileWithLog good = FileWithLog::of(file());
        init();
        good.put(file());
    }
    QCOMPARE(seenByRecovery(file()).size(), std::size_t{3});
    QVERIFY(seenByRecovery(file(), false) == seenByRecovery(file()));
}

void TestHistoryWal::doesNotTakeWhatWasDeleted() {
    // A page that was erased is zeros: the older copy in the log has what was deleted from it.
    for (int number = 41; number < 72; number += 6) {
        FileWithLog erased = m_good;
        const qsizetype page =
            erased.main.indexOf(QStringLiteral("text %1 ").arg(number).toLatin1()) / kLogPage * kLogPage;
        QVERIFY(page > 0);
        erased.main.replace(page, kLogPage, QByteArray(kLogPage, '\0'));
        erased.put(file());
        QVERIFY(seenByRecovery(file(), false) == seenByRecovery(file()));
    }
    // And deleting empties the log, so that there is none.
    init();
    HistoryStore store = HistoryStore::open(m_folder->path());
    const qint64 id = store.startConversation(QStringLiteral("to be deleted")).conversationId;
    QVERIFY(contents(logOf(file())).contains("to be deleted"));
    store.deleteConversation(id);
    QVERIFY(!contents(logOf(file())).contains("to be deleted"));
}

void TestHistoryWal::aFileThatShrinksIsRead() {
    m_good.put(file());
    const PageReader reader(file());
    int rows = 0;
    reader.forEachRow([&](const RecoveredRow&) {
        if (++rows == 5) {
            QVERIFY(QFile::resize(file(), 2 * kLogPage));
            QVERIFY(QFile::resize(logOf(file()), kLogHeader + kFrame));
        }
    });
    QVERIFY(rows >= 5);
    reader.forEachRow([](const RecoveredRow&) {});
}

ALCOVE_TEST(TestHistoryWal)
#include "test_history_wal.moc"
