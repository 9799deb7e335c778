// Every row says which table it is of, through every migration, and recovery goes by that.
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

constexpr RowTag kTags[] = {kConversationTag, kMessageTag, kReplyTag, kDraftTag, kFolderTag, kTokensTag};
constexpr int kTables = std::size(kTags);

// How many rows bear each tag, in the order of kTags, and at the end how many bear none.
QList<int> tagsIn(const QString& file) {
    QList<int> counts(kTables + 1, 0);
    PageReader(file).forEachRow([&counts](const RecoveredRow& row) {
        int which = 0;
        while (which < kTables && !hasTag(row, kTags[which])) {
            ++which;
        }
        ++counts[which];
    });
    return counts;
}

}  // namespace

class TestHistoryTags : public QObject {
    Q_OBJECT

private slots:
    void init();
    void migrates_data() { schemas(); }
    void migrates();
    void recoversOlderSchemas_data() { schemas(); }
    void recoversOlderSchemas();
    void newRowsBearThem();
    void passesOverOtherTables();
    void passesOverOtherTablesOfOlderSchemas();
    void passesOverRowsThatCannotBe();
    void knowsLongRowsThatAreCut();
    void deletedStaysDeleted();

private:
    static void schemas() {
        QTest::addColumn<int>("version");
        for (int version = 1; version <= kSchemaVersion; ++version) {
            QTest::addRow("%d", version) << version;
        }
    }
    static QByteArray fixture(int version) {
        return contents(QStringLiteral(ALCOVE_FIXTURES "/history-v%1/history.sqlite").arg(version));
    }
    // What history_tool.cpp wrote, after the first opening by another program.
    static void compareWithFixture(const HistoryStore& store, int version);
    void breakHeader() const {
        QByteArray damaged = contents(file());
        write(file(), damaged.replace(0, 16, QByteArray(16, '?')));
    }
    [[nodiscard]] QString file() const { return historyFile(m_folder->path()); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHistoryTags::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryTags::compareWithFixture(const HistoryStore& store, int version) {
    const QList<ConversationSummary> list = store.conversations();
    QCOMPARE(list.size(), 2);
    QCOMPARE(list[0].id, 1);
    QCOMPARE(list[0].title, QStringLiteral("Rivers"));
    QCOMPARE(list[0].updatedAt.toMSecsSinceEpoch(), 1790000002000);
    QCOMPARE(list[1].title, QStringLiteral("Empty"));
    const QList<Message> messages = store.messages(1);
    QCOMPARE(messages.size(), version >= 3 ? 4 : 3);
    QCOMPARE(messages[0].text, QStringLiteral("How long is the Rhine?"));
    QCOMPARE(messages[0].author, Author::User);
    QCOMPARE(messages[1].status, MessageStatus::Complete);
    QCOMPARE(messages[2].text, QStringLiteral("From the Alps"));
    for (const Message& unfinished : messages.mid(2)) {
        QCOMPARE(unfinished.status, MessageStatus::Interrupted);
    }
    QCOMPARE(messages[1].settings.checkpointName, version >= 2 ? QStringLiteral("tiny") : QString());
    QCOMPARE(messages[1].statistics.generatedTokens, version >= 2 ? 7 : 0);
    QCOMPARE(store.draft(1), version >= 2 ? QStringLiteral("And the Danube") : QString());
    QCOMPARE(store.messages(2).size(), version >= 5 ? 2 : version == 4 ? 1 : 0);
    for (qsizetype i = 0; i < messages.size(); ++i) {  // the list became a line of descent
        QCOMPARE(messages[i].parentId, i == 0 ? 0 : messages[i - 1].id);
        QCOMPARE(messages[i].siblingCount, 1);
    }
    if (version >= 5) {
        const QList<Message> shown = store.messages(2);
        QCOMPARE(shown[1].text, QStringLiteral("Good day"));
        QCOMPARE(shown[1].siblingCount, 2);
        QCOMPARE(store.siblings(7), QList<qint64>({7, 8}));
        QCOMPARE(store.binnedBranches().size(), 1);
        QCOMPARE(store.binnedBranches()[0].rootId, 9);
        QCOMPARE(list[1].folderId, 2);
        QCOMPARE(list[1].pinnedAt.toMSecsSinceEpoch(), 1790000009000);
        const ReplyTokens tokens = store.replyTokens(8);
        QCOMPARE(tokens.ids, QList<qint32>({7, 8}));
        QCOMPARE(tokens.ends, QList<qint32>({4, 12}));
        QCOMPARE(tokens.seed, QStringLiteral("42"));
        QCOMPARE(tokens.contextSize, 64);
        QCOMPARE(tokens.fingerprint, QStringLiteral("abc"));
    }
}

void TestHistoryTags::migrates() {
    QFETCH(int, version);
    write(file(), fixture(version));
    QVERIFY(!contents(file()).isEmpty());
    {
        const HistoryStore store = HistoryStore::open(m_folder->path());
        QCOMPARE(store.report().state, version < kSchemaVersion ? State::Migrated : State::Opened);
        compareWithFixture(store, version);
        QVERIFY(store.messages(3).isEmpty());
    }
    // The rows of the schema itself and of SQLite's own table bear none.
    const QList<int> tags = tagsIn(file());
    QCOMPARE(tags[0], 2);
    QCOMPARE(tags[1], version >= 5 ? 8 : version == 4 ? 5 : version == 3 ? 4 : 3);
    QCOMPARE(tags[2], version >= 2 ? 1 : 0);
    QCOMPARE(tags[3], version >= 2 ? 1 : 0);
    QCOMPARE(tags[4], version >= 5 ? 2 : 0);
    QCOMPARE(tags[5], version >= 5 ? 1 : 0);
    Database database(file(), Database::Mode::ReadOnly, 0);
    QCOMPARE(database.value("SELECT count(*) FROM sqlite_schema").toInt() +
                 database.value("SELECT count(*) FROM sqlite_sequence").toInt(),
             tags[kTables]);
}

void TestHistoryTags::recoversOlderSchemas() {
    QFETCH(int, version);
    write(file(), fixture(version));
    breakHeader();
    const HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Recovered);
    compareWithFixture(store, version);
    if (version >= 5) {
        Database database(file(), Database::Mode::ReadOnly, 0);
        QCOMPARE(database.value("SELECT name FROM folders WHERE parent_id = 1").toString(), QStringLiteral("Europe"));
        QCOMPARE(database
                     .value("SELECT system_prompt || sampling || checkpoint_path || source FROM conversations"
                            " WHERE id = 2")
                     .toString(),
                 QStringLiteral("Be brief.{\"temperature\":0}/tinyother:1"));
    }
}

void TestHistoryTags::newRowsBearThem() {
    {
        HistoryStore store = HistoryStore::open(m_folder->path());
        const qint64 id = store.startConversation(QStringLiteral("Hello")).conversationId;
        const qint64 reply = store.beginReply(id, {});
        store.updateReply(reply, QStringLiteral("Hi"), {{1}, {2}, QStringLiteral("3"), 0, 4, QStringLiteral("5")});
        store.setDraft(id, QStringLiteral("draft"));
    }
    QCOMPARE(tagsIn(file()).first(kTables), (QList<int>{1, 2, 1, 1, 0, 1}));
}

void TestHistoryTags::passesOverOtherTables() {
    {
        HistoryStore store = HistoryStore::open(m_folder->path());
        store.startConversation(QStringLiteral("A conversation"));
    }
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        // Rows shaped as those of each table were in each schema, without a tag and with one of their own.
        database.run("CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT, made INTEGER, changed INTEGER)");
        database.run("INSERT INTO a VALUES (100, 'a folder', 1790000000000, 1790000000000)");
        database.run("CREATE TABLE b (id INTEGER PRIMARY KEY, name TEXT, made, changed, x, y, tag TEXT)");
        database.run("INSERT INTO b VALUES (101, 'a folder', 1790000000000, 1790000000000, NULL, NULL, 'others')");
        database.run("CREATE TABLE c (id INTEGER PRIMARY KEY, parent INTEGER, a TEXT, b TEXT, c TEXT, d INTEGER)");
        database.run("INSERT INTO c VALUES (102, 1, 'user', 'a note', 'complete', 1790000000000)");
        database.run("CREATE TABLE d (id INTEGER PRIMARY KEY, text TEXT)");
        database.run("INSERT INTO d VALUES (1, 'a setting')");
        database.run("CREATE TABLE e (id INTEGER PRIMARY KEY, parent, a TEXT, b TEXT, c TEXT, d, e, tag TEXT)");
        database.run("INSERT INTO e VALUES (103, 1, 'user', ?, 'complete', 1790000000000, NULL, 'different')",
                     {QString(20000, u'x')});
    }
    breakHeader();
    HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Recovered);
    QCOMPARE(store.conversations().size(), 1);
    QCOMPARE(store.messages(1).size(), 1);
    QCOMPARE(store.draft(1), QString());
}

void TestHistoryTags::passesOverOtherTablesOfOlderSchemas() {
    write(file(), fixture(3));
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        // Shaped as messages, but with no INTEGER PRIMARY KEY.
        database.run("CREATE TABLE a (name TEXT, parent INTEGER, a TEXT, b TEXT, c TEXT, d INTEGER)");
        database.run(
            "INSERT INTO a (rowid, name, parent, a, b, c, d)"
            " VALUES (100, 'not an id', 1, 'user', 'a note', 'complete', 1790000000000)");
    }
    breakHeader();
    const HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Recovered);
    compareWithFixture(store, 3);
}

void TestHistoryTags::passesOverRowsThatCannotBe() {
    {
        HistoryStore store = HistoryStore::open(m_folder->path());
        store.startConversation(QStringLiteral("A conversation"));
    }
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.runOnce(QStringLiteral("PRAGMA foreign_keys=OFF"));
        database.runOnce(QStringLiteral("PRAGMA ignore_check_constraints=ON"));
        for (const char* id : {"-5", "0"}) {
            database.runOnce(
                QStringLiteral("INSERT INTO conversations (id, title, created_at, updated_at) VALUES (%1, 'x', 1, 1)")
                    .arg(QLatin1String(id)));
            database.runOnce(
                QStringLiteral("INSERT INTO messages (id, conversation_id, author, text, status, created_at)"
                               " VALUES (%1, 1, 'user', 'x', 'complete', 1)")
                    .arg(QLatin1String(id)));
        }
        database.run("INSERT INTO drafts (conversation_id, text) VALUES (-5, 'x')");
        const char* const message =
            "INSERT INTO messages (conversation_id, author, text, status, created_at) VALUES (?, ?, ?, ?, 1)";
        database.run(message, {-3, QStringLiteral("user"), QStringLiteral("x"), QStringLiteral("complete")});
        database.run(message, {0, QStringLiteral("user"), QStringLiteral("x"), QStringLiteral("complete")});
        database.run(message, {1, QStringLiteral("system"), QStringLiteral("x"), QStringLiteral("complete")});
        database.run(message, {1, QStringLiteral("assistant"), QString(""), QStringLiteral("writing")});
        database.run(message, {1, QStringLiteral("assistant"), QString(""), QStringLiteral("complete")});
    }
    breakHeader();
    { QCOMPARE(HistoryStore::open(m_folder->path()).report().state, State::Recovered); }
    Database database(file(), Database::Mode::ReadOnly, 0);
    QCOMPARE(database.value("SELECT count(*) FROM conversations").toInt(), 1);
    QCOMPARE(database.value("SELECT count(*) FROM messages").toInt(), 2);  // the first, and the empty one that ended
    QCOMPARE(database.value("SELECT count(*) FROM drafts").toInt(), 0);
}

void TestHistoryTags::knowsLongRowsThatAreCut() {
    // Texts whose overflow pages are lost, in a history and in a table that has rows of the same shape.
    const QString ours = QStringLiteral("ours ").repeated(20000);
    const QString others = QStringLiteral("others ").repeated(20000);
    {
        HistoryStore store = HistoryStore::open(m_folder->path());
        store.startConversation(QStringLiteral("A conversation"));
        store.appendMessage(1, Author::User, ours);
    }
    {
        Database database(file(), Database::Mode::ReadWrite, 0);
        database.run("CREATE TABLE e (id INTEGER PRIMARY KEY, parent, a TEXT, b TEXT, c TEXT, d, e, tag TEXT)");
        database.run("INSERT INTO e VALUES (103, 1, 'user', ?, 'complete', 1790000000000, NULL, 'different')",
                     {others});
    }
    QByteArray damaged = contents(file());
    constexpr int kBytes = 4096;
    int cut = 0;
    for (const char* word : {"ours ours ours ours", "others others others"}) {
        // The second page of each text, and where it says which page is next: none that is there.
        const qsizetype first =
            damaged.indexOf(word, damaged.indexOf(word) / kBytes * kBytes + kBytes) / kBytes * kBytes;
        QVERIFY(first > 0);
        damaged.replace(first, 4, QByteArray("\x7f\xff\xff\xff", 4));
        ++cut;
    }
    QCOMPARE(cut, 2);
    write(file(), damaged);
    breakHeader();
    HistoryStore store = HistoryStore::open(m_folder->path());
    QCOMPARE(store.report().state, State::Recovered);
    const QList<Message> messages = store.messages(1);
    QCOMPARE(messages.size(), 2);
    QVERIFY(messages[1].text.size() > 4000 && ours.startsWith(messages[1].text));
}

void TestHistoryTags::deletedStaysDeleted() {
    for (const int version : {3, kSchemaVersion}) {
        init();
        write(file(), fixture(version));
        breakHeader();
        const Recovery recovery = recover(m_folder->path());
        QCOMPARE(recovery.conversations, 2);
        QCOMPARE(recovery.messages, version == 3 ? 4 : 8);
        Database database(file(), Database::Mode::ReadOnly, 0);
        QCOMPARE(database.value("SELECT deleted_at FROM conversations WHERE id = 3").toLongLong(), 1790000003000);
        QCOMPARE(database.value("SELECT deleted_by FROM conversations WHERE id = 3").toInt(), 5);
        QCOMPARE(database.value("SELECT count(*) FROM messages WHERE conversation_id = 3").toInt(), 1);
    }
}

ALCOVE_TEST(TestHistoryTags)
#include "test_history_tags.moc"
