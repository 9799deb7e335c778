// A damaged history is set aside unchanged, and what can be read from it is there again.
#include <QDir>
#include <QProcess>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/migrations.h"
#include "app/history/file/page_reader.h"
#include "app/history/history_store.h"
#include "app/history/recovery.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using State = OpenReport::State;

using alcove::tests::contents;
using alcove::tests::write;

namespace {

constexpr int kConversations = 30;
constexpr int kTurns = 6;
constexpr int kPage = 4096;

// Every third text is longer than a page and so lies on overflow pages.
QString textOf(int conversation, int turn) {
    return QStringLiteral("c%1 t%2 ").arg(conversation).arg(turn) +
           QString::fromUtf8("wörd ").repeated((conversation + turn) % 3 == 0 ? 2500 : 40);
}

QStringList setAside(const QString& folder) {
    return QDir(folder).entryList({QStringLiteral("history-damaged-*.sqlite")}, QDir::Files, QDir::Name);
}

struct Count {
    int conversations = 0;
    int messages = 0;
    int wrong = 0;  // texts that never were
    int replies = 0;
};

Count count(const HistoryStore& store) {
    Count result;
    for (const ConversationSummary& conversation : store.conversations()) {
        ++result.conversations;
        for (const Message& message : store.messages(conversation.id)) {
            ++result.messages;
            result.replies += message.settings.checkpointName == QLatin1String("tiny") ? 1 : 0;
            const QStringList words = message.text.left(20).split(QLatin1Char(' '));
            const QString whole =
                words.size() < 2 ? QString() : textOf(words[0].mid(1).toInt(), words[1].mid(1).toInt());
            const bool cut = message.status == MessageStatus::Interrupted && whole.startsWith(message.text.chopped(1));
            result.wrong += message.text == whole || cut ? 0 : 1;
        }
    }
    return result;
}

}  // namespace

class TestHistoryRecovery : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init();
    void aWholeFileIsNotTouched();
    void aBrokenHeaderLosesNothing();
    void aBrokenPageLosesThatPage();
    void aTruncatedFileKeepsItsBeginning();
    void aFileThatIsNoDatabaseIsKept();
    void anotherProgramsDatabaseIsKept();
    void aBrokenIndexIsNoticed();
    void theLogIsReadToo();
    void orphansGetAConversation();
    void whatWasDeletedStaysDeleted();
    void nothingIsEverOverwritten();
    void waitsForOtherPrograms();
    void endsAnInterruptedRecovery_data();
    void endsAnInterruptedRecovery();
    void endsARecoveryOfAnOlderVersion();
    void anythingMayBeInTheFile();

private:
    [[nodiscard]] QString file() const { return historyFile(m_folder->path()); }
    // Opens the damaged file and checks that it was set aside as it was.
    HistoryStore openDamaged(const QByteArray& damaged) {
        write(file(), damaged);
        HistoryStore store = HistoryStore::open(m_folder->path());
        [&] {
            QCOMPARE(store.report().state, State::Recovered);
            QVERIFY(store.persists() && !store.readOnly());
            const QStringList aside = setAside(m_folder->path());
            QCOMPARE(aside.size(), 1);
            QVERIFY(contents(m_folder->filePath(aside[0])) == damaged);
            QVERIFY(store.report().sentence.contains(aside[0]));
        }();
        return store;
    }

    QByteArray m_good;
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHistoryRecovery::initTestCase() {
    QTemporaryDir folder;
    {
        HistoryStore store = HistoryStore::open(folder.path());
        for (int c = 0; c < kConversations; ++c) {
            const qint64 id = store.startConversation(textOf(c, 0)).conversationId;
            for (int t = 1; t < kTurns; ++t) {
                const qint64 reply = store.beginReply(id, {QStringLiteral("tiny"), QStringLiteral("/t"), {}, {}});
                store.finishReply(reply, textOf(c, t), MessageStatus::Complete, {});
            }
        }
        store.setDraft(0, QStringLiteral("a draft"));
    }
    m_good = contents(historyFile(folder.path()));
    QVERIFY(m_good.size() > 100 * kPage);
}

void TestHistoryRecovery::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryRecovery::aWholeFileIsNotTouched() {
    write(file(), m_good);
    HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Opened);
    QVERIFY(setAside(m_folder->path()).isEmpty());
    QCOMPARE(count(store).messages, kConversations * kTurns);
    QCOMPARE(count(store).wrong, 0);
}

void TestHistoryRecovery::aBrokenHeaderLosesNothing() {
    QByteArray damaged = m_good;
    damaged.replace(0, kPage, QByteArray(kPage, '\xa5'));  // the header and the schema
    const HistoryStore store = openDamaged(damaged);
    const Count found = count(store);
    QCOMPARE(found.conversations, kConversations);
    QCOMPARE(found.messages, kConversations * kTurns);
    QCOMPARE(found.replies, kConversations * (kTurns - 1));
    QCOMPARE(found.wrong, 0);
    QCOMPARE(store.draft(0), QStringLiteral("a draft"));
}

void TestHistoryRecovery::aBrokenPageLosesThatPage() {
    // Each page of the file in turn: whatever it holds, nearly everything else is found.
    const int pages = static_cast<int>(m_good.size() / kPage);
    int shapesSeen = 0;
    for (int page = 1; page < pages; page += 7) {
        QByteArray damaged = m_good;
        damaged.replace(page * kPage, kPage, QByteArray(kPage, '\xff'));
        init();
        write(file(), damaged);
        const HistoryStore store = HistoryStore::open(m_folder->path());
        if (store.report().state == State::Opened) {
            continue;  // the middle of a long text: no structure is broken
        }
        ++shapesSeen;
        QVERIFY2(store.report().state == State::Recovered, qPrintable(store.report().sentence));
        const Count found = count(store);
        QVERIFY2(found.messages >= kConversations * kTurns - 30, qPrintable(QString::number(found.messages)));
    }
    QVERIFY(shapesSeen > 3);
}

void TestHistoryRecovery::aTruncatedFileKeepsItsBeginning() {
    const HistoryStore store = openDamaged(m_good.left(m_good.size() / 2 + 1000));
    const Count found = count(store);
    QVERIFY2(found.messages > kConversations * kTurns / 4, qPrintable(QString::number(found.messages)));
    QVERIFY(found.messages < kConversations * kTurns);
    QCOMPARE(found.wrong, 0);
    QVERIFY(store.report().sentence.contains(QString::number(found.messages)));
}

void TestHistoryRecovery::aFileThatIsNoDatabaseIsKept() {
    HistoryStore store = openDamaged(QByteArray("These are my notes, not a database.\n").repeated(200));
    QVERIFY(store.conversations().isEmpty());
    const qint64 id = store.startConversation(QStringLiteral("On we go")).conversationId;
    QCOMPARE(store.messages(id).size(), 1);
}

void TestHistoryRecovery::anotherProgramsDatabaseIsKept() {
    {
        Database other(file(), Database::Mode::ReadWrite, 0);
        other.run("CREATE TABLE bookmarks (url TEXT)");
        other.run("INSERT INTO bookmarks VALUES ('x')");
    }
    const HistoryStore store = openDamaged(contents(file()));
    QVERIFY(store.conversations().isEmpty());
}

void TestHistoryRecovery::aBrokenIndexIsNoticed() {
    // An index that lacks a row would hide a conversation without any error. No page is broken by it.
    write(file(), m_good);
    const auto redefine = [&](const char* sql) {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.runOnce(QStringLiteral("PRAGMA writable_schema=ON"));
        database.run(sql);
    };
    redefine("UPDATE sqlite_schema SET sql = sql || ' AND id < 0' WHERE name = 'conversations_by_update'");
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("INSERT INTO conversations (id, title, created_at, updated_at) VALUES (99, 'Hidden', 1, 1)");
    }
    redefine("UPDATE sqlite_schema SET sql = replace(sql, ' AND id < 0', '') WHERE name = 'conversations_by_update'");
    const HistoryStore store = openDamaged(contents(file()));
    QCOMPARE(store.conversations().size(), kConversations + 1);
}

void TestHistoryRecovery::theLogIsReadToo() {
    write(file(), m_good);
    QProcess child;
    child.start(QStringLiteral(ALCOVE_HISTORY_TOOL), {QStringLiteral("reply"), m_folder->path()});
    QVERIFY(child.waitForReadyRead(30000));
    child.kill();
    child.waitForFinished();
    const QByteArray log = contents(file() + QStringLiteral("-wal"));
    QByteArray damaged = contents(file());
    QVERIFY(log.contains("Once upon a time"));
    QVERIFY(!damaged.contains("Once upon a time"));
    // A leaf of the messages: the type of its page and the pointers to its rows.
    const qsizetype leaf = damaged.indexOf("c2 t1 w") / kPage * kPage;
    damaged.replace(leaf, 64, QByteArray(64, '?'));
    const HistoryStore store = openDamaged(damaged);
    const QList<ConversationSummary> list = store.conversations();
    QCOMPARE(list.size(), kConversations + 1);
    const QList<Message> messages = store.messages(list[0].id);
    QCOMPARE(messages.size(), 2);
    QCOMPARE(messages[1].text, QStringLiteral("Once upon a time"));
    QCOMPARE(messages[1].status, MessageStatus::Interrupted);
    const QString aside = m_folder->filePath(setAside(m_folder->path()).at(0));
    QVERIFY(contents(aside + QStringLiteral("-wal")) == log);
}

void TestHistoryRecovery::orphansGetAConversation() {
    write(file(), m_good);
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.runOnce(QStringLiteral("PRAGMA foreign_keys=OFF"));
        database.run("DELETE FROM conversations WHERE id = 4");
    }
    QByteArray damaged = contents(file());
    damaged.replace(0, 16, QByteArray(16, '?'));
    const HistoryStore store = openDamaged(damaged);
    const QList<Message> messages = store.messages(4);
    QCOMPARE(messages.size(), kTurns);
    for (const ConversationSummary& conversation : store.conversations()) {
        if (conversation.id == 4) {
            QVERIFY2(messages[0].text.startsWith(conversation.title.chopped(1)), qPrintable(conversation.title));
            QCOMPARE(conversation.createdAt, messages.first().createdAt);
            QCOMPARE(conversation.updatedAt, messages.last().createdAt);
            return;
        }
    }
    QFAIL("The conversation is missing");
}

void TestHistoryRecovery::whatWasDeletedStaysDeleted() {
    write(file(), m_good);
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("UPDATE conversations SET deleted_at = 1, deleted_by = 1 WHERE id = 4");  // not purged yet
        database.run("DELETE FROM conversations WHERE id = 5");                                // purged
    }
    QByteArray damaged = contents(file());
    damaged.replace(0, 16, QByteArray(16, '?'));
    {
        const HistoryStore store = openDamaged(damaged);
        QCOMPARE(count(store).conversations, kConversations - 2);
        QVERIFY(store.messages(5).isEmpty());
    }
    // The next start erases what was deleted, and the damaged file, which holds it.
    const HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Opened);
    QCOMPARE(count(store).conversations, kConversations - 2);
    QVERIFY(store.messages(4).isEmpty());
    QVERIFY(setAside(m_folder->path()).isEmpty());
}

void TestHistoryRecovery::nothingIsEverOverwritten() {
    QList<QByteArray> broken;
    for (int i = 0; i < 4; ++i) {
        broken << QByteArray(5000, static_cast<char>('a' + i));
        write(file(), broken.last());
        QCOMPARE(HistoryStore::open(m_folder->path()).report().state, State::Recovered);
    }
    QList<QByteArray> kept;
    for (const QString& name : setAside(m_folder->path())) {
        kept << contents(m_folder->filePath(name));
    }
    std::sort(kept.begin(), kept.end());
    QCOMPARE(kept, broken);
}

void TestHistoryRecovery::waitsForOtherPrograms() {
    write(file(), m_good);
    HistoryStore window = HistoryStore::open(m_folder->path());
    window.startConversation(QStringLiteral("Open in the window"));
    QByteArray damaged = contents(file());
    const qsizetype leaf = damaged.indexOf("c2 t1 w") / kPage * kPage;
    damaged.replace(leaf, 64, QByteArray(64, '?'));
    write(file(), damaged);
    const QByteArray before = contents(file());
    {
        const HistoryStore terminal = HistoryStore::open(m_folder->path());
        QCOMPARE(terminal.report().state, State::Unavailable);
    }
    QVERIFY(setAside(m_folder->path()).isEmpty());
    QVERIFY(contents(file()) == before);
}

void TestHistoryRecovery::endsAnInterruptedRecovery_data() {
    QTest::addColumn<int>("renames");
    for (int renames = 0; renames <= 4; ++renames) {
        QTest::addRow("%d", renames) << renames;
    }
}

void TestHistoryRecovery::endsAnInterruptedRecovery() {
    // The power went after so many of the renames. Whichever it was, the damaged file and its log have one name then.
    QFETCH(int, renames);
    const QByteArray damaged(5000, 'x');
    const QByteArray log("old log");
    const QString aside = m_folder->filePath(QStringLiteral("history-damaged-20260102-030405006.sqlite"));
    const QString waiting = aside + QStringLiteral(".recovered");
    const QString part = m_folder->filePath(QStringLiteral("history-recovered.sqlite.part"));
    write(file(), damaged);
    write(logOf(file()), log);
    write(part, m_good);
    const std::pair<QString, QString> steps[] = {
        {part, waiting}, {file(), aside}, {logOf(file()), logOf(aside)}, {waiting, file()}};
    for (int i = 0; i < renames; ++i) {
        QVERIFY(QFile::rename(steps[i].first, steps[i].second));
    }
    const HistoryStore store = HistoryStore::open(m_folder->path());
    QVERIFY(!QFile::exists(part) && !QFile::exists(waiting));
    const QStringList kept = setAside(m_folder->path());
    QCOMPARE(kept.size(), 1);
    QVERIFY(contents(m_folder->filePath(kept[0])) == damaged);
    QVERIFY(contents(logOf(m_folder->filePath(kept[0]))) == log);
    if (renames < 2) {  // from the beginning: the damaged file is still the history
        QCOMPARE(store.report().state, State::Recovered);
    } else {
        QCOMPARE(store.report().state, State::Opened);
        QCOMPARE(count(store).messages, kConversations * kTurns);
    }
}

void TestHistoryRecovery::endsARecoveryOfAnOlderVersion() {
    // The power went after the damaged file was renamed: its log and the recovered file remain.
    const QString aside = m_folder->filePath(QStringLiteral("history-damaged-20260102-030405006.sqlite"));
    write(aside, QByteArray("damaged"));
    write(m_folder->filePath(QStringLiteral("history-recovered.sqlite")), m_good);
    write(logOf(file()), QByteArray("old log"));
    const HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Opened);
    QCOMPARE(count(store).messages, kConversations * kTurns);
    QVERIFY(!QFile::exists(m_folder->filePath(QStringLiteral("history-recovered.sqlite"))));
    QCOMPARE(contents(logOf(aside)), QByteArray("old log"));
}

void TestHistoryRecovery::anythingMayBeInTheFile() {
    // Bytes changed at random places, many in each file: reading ends, and the store works afterwards.
    QRandomGenerator random(20240216);
    const QByteArray small = m_good.left(60 * kPage);
    int rows = 0;
    for (int round = 0; round < 150; ++round) {
        QByteArray damaged = small;
        for (int i = 0; i < 400; ++i) {
            // Half of them where pages keep their structure.
            const qint64 page = random.bounded(60);
            const qint64 offset = (i & 1) != 0 ? random.bounded(64) : random.bounded(kPage);
            damaged[page * kPage + offset] = static_cast<char>(random.bounded(256));
        }
        write(file(), damaged);
        PageReader(file()).forEachRow([&rows](const RecoveredRow&) { ++rows; });
        if (round % 10 == 0) {
            init();
            write(file(), damaged);
            HistoryStore store = HistoryStore::open(m_folder->path());
            QCOMPARE(store.report().state, State::Recovered);
            const qint64 id = store.startConversation(QStringLiteral("Works")).conversationId;
            QCOMPARE(store.messages(id).size(), 1);
            QVERIFY(count(store).messages >= 1);
        }
    }
    QVERIFY(rows > 150);
}

ALCOVE_TEST(TestHistoryRecovery)
#include "test_history_recovery.moc"
