// What the history gives back is what was put in.
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/migrations.h"
#include "app/history/history_store.h"
#include "app/history/queries.h"
#include "app/history/recovery.h"
#include "app/history/title.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

ReplySettings someSettings() {
    return {QStringLiteral("MobiLlama-05B-Chat"), QStringLiteral("/models/MobiLlama-05B-Chat"),
            QStringLiteral("Radeon"), QStringLiteral(R"({"seed":"42","temperature":0.7})")};
}

HistoryError::Kind kindThrownBy(const std::function<void()>& action) {
    try {
        action();
    } catch (const HistoryError& error) {
        return error.kind();
    }
    qFatal("Nothing was thrown");
}

}  // namespace

class TestHistoryStore : public QObject {
    Q_OBJECT

private slots:
    void init();
    void keepsMessagesInOrder();
    void beginningsAreBounded();
    void listsConversationsNewestFirst();
    void renames();
    void keepsHowAReplyWasMade();
    void keepsAFailure();
    void deletesUntilRestored();
    void removesForGoodAtTheEnd();
    void keepsDrafts();
    void removesRepliesWithoutText();
    void anUnfinishedReplyWithoutTextIsNone();
    void reportsWhatIsMissing();
    void survivesStrangeText();
    void nothingOthersMayRead();
    void queriesUseTheirIndexes_data();
    void queriesUseTheirIndexes();
    void syncsAllButGrowingText();
    void makesTitles_data();
    void makesTitles();

private:
    HistoryStore open() { return HistoryStore::open(m_folder->path()); }
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestHistoryStore::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    QVERIFY(m_folder->isValid());
}

void TestHistoryStore::beginningsAreBounded() {
    const QTemporaryDir folder;
    HistoryStore store = HistoryStore::open(folder.path());
    const qint64 id = store.createConversation("Long");
    constexpr int kMessages = 12;
    // Its characters take 1 to 4 bytes, so that some are cut.
    const QString text = QString::fromUtf8("a\u00e4\u20ac\U0001f600").repeated(40'000);
    QList<qint64> ids;
    for (int i = 0; i < kMessages; ++i) {
        ids << store.appendMessage(id, Author::User, QString::number(i) + text);
    }
    const qint64 growing = store.beginReply(id, {});
    store.updateReply(growing, text);
    const qint64 before = store.textBytesRead();
    const QList<Message> beginnings = store.beginnings(id);
    const qint64 whole = text.toUtf8().size();
    QVERIFY(store.textBytesRead() - before <=
            whole + HistoryStore::kBeginningsBytes + kMessages * HistoryStore::kShortestBeginning);
    QCOMPARE(beginnings.size(), kMessages + 1);
    for (int i = 0; i < kMessages; ++i) {
        const Message& message = beginnings[i];
        const QString expected = QString::number(i) + text;
        QCOMPARE(message.id, ids[i]);
        QVERIFY(!message.text.isEmpty() && expected.startsWith(message.text));
        QCOMPARE(message.text.toUtf8().size(), message.unreadFrom);
        QCOMPARE(message.unreadFrom + message.unreadBytes, expected.toUtf8().size());
        QCOMPARE(message.text + QString::fromUtf8(store.textBytes(message.id, message.unreadFrom, message.unreadBytes)),
                 expected);
        QCOMPARE(store.text(message.id), expected);
    }
    QCOMPARE(beginnings.last().text, text);  // still being written
    QCOMPARE(beginnings.last().unreadBytes, 0);
    QVERIFY(store.textBytes(ids[0], whole + 1, 1).isEmpty());
    QVERIFY_THROWS_EXCEPTION(HistoryError, (void)store.text(growing + 1));
    QCOMPARE(store.messages(id).first().text, QString::number(0) + text);
}

void TestHistoryStore::keepsMessagesInOrder() {
    const QDateTime before = QDateTime::currentDateTimeUtc();
    qint64 conversation = 0;
    {
        HistoryStore store = open();
        QCOMPARE(store.report().state, OpenReport::State::Fresh);
        QVERIFY(store.persists() && !store.readOnly());
        const HistoryStore::Started started = store.startConversation(QStringLiteral("First\nquestion"));
        conversation = started.conversationId;
        for (int i = 1; i < 50; ++i) {  // many in one millisecond
            store.appendMessage(conversation, i % 2 == 0 ? Author::User : Author::Assistant, QString::number(i));
        }
        const qint64 other = store.createConversation(QStringLiteral("Other"));
        store.appendMessage(other, Author::User, QStringLiteral("elsewhere"));
    }
    HistoryStore store = open();
    QCOMPARE(store.report().state, OpenReport::State::Opened);
    QVERIFY(store.report().sentence.isEmpty());
    const QList<Message> messages = store.messages(conversation);
    QCOMPARE(messages.size(), 50);
    QCOMPARE(messages[0].text, QStringLiteral("First\nquestion"));
    QCOMPARE(messages[0].status, MessageStatus::Complete);
    for (int i = 1; i < 50; ++i) {
        QCOMPARE(messages[i].text, QString::number(i));
        QCOMPARE(messages[i].author, i % 2 == 0 ? Author::User : Author::Assistant);
        QCOMPARE(messages[i].conversationId, conversation);
        QCOMPARE(messages[i].createdAt.timeSpec(), Qt::UTC);
        QVERIFY(messages[i].createdAt >= before && messages[i].createdAt <= QDateTime::currentDateTimeUtc());
    }
}

void TestHistoryStore::listsConversationsNewestFirst() {
    HistoryStore store = open();
    const qint64 first = store.startConversation(QStringLiteral("First")).conversationId;
    const qint64 second = store.startConversation(QStringLiteral("Second")).conversationId;
    const qint64 empty = store.createConversation(QStringLiteral("Empty"));
    QTest::qSleep(2);  // the clock must move on for the order to be by time
    store.appendMessage(first, Author::Assistant, QStringLiteral("A reply\n  on two lines ") + QString(500, u'x'));
    store.appendMessage(first, Author::Assistant, QString());
    const QList<ConversationSummary> list = store.conversations();
    QCOMPARE(list.size(), 3);
    QCOMPARE(list[0].id, first);
    QCOMPARE(list[0].title, QStringLiteral("First"));
    QVERIFY(list[0].preview.startsWith(QStringLiteral("A reply on two lines xx")));
    QCOMPARE(list[0].preview.size(), 160);
    QVERIFY(list[0].updatedAt > list[0].createdAt);
    QCOMPARE(list[1].id, empty);
    QCOMPARE(list[1].preview, QString());
    QCOMPARE(list[2].id, second);
    QCOMPARE(list[2].preview, QStringLiteral("Second"));
}

void TestHistoryStore::renames() {
    HistoryStore store = open();
    const qint64 id = store.createConversation(QStringLiteral("  "));
    QCOMPARE(store.conversations()[0].title, QStringLiteral("New conversation"));
    store.renameConversation(id, QStringLiteral(" Trip \n to Rome "));
    QCOMPARE(store.conversations()[0].title, QStringLiteral("Trip to Rome"));
    store.renameConversation(id, QStringLiteral(" \n"));
    QCOMPARE(store.conversations()[0].title, QStringLiteral("Trip to Rome"));
}

void TestHistoryStore::keepsHowAReplyWasMade() {
    qint64 conversation = 0;
    ReplyStatistics statistics;
    statistics.promptTokens = 12;
    statistics.reusedTokens = 5;
    statistics.generatedTokens = 34;
    statistics.contextUsed = 46;
    statistics.contextSize = 2048;
    statistics.tokensPerSecond = 20.5;
    statistics.prefillSeconds = 0.25;
    statistics.stopReason = QStringLiteral("endOfText");
    {
        HistoryStore store = open();
        const HistoryStore::Started started = store.startConversation(QStringLiteral("Hello"));
        conversation = started.conversationId;
        statistics.memoryStartsAt = started.messageId;
        const qint64 reply = store.beginReply(conversation, someSettings());
        QCOMPARE(store.messages(conversation)[1].status, MessageStatus::Writing);
        store.updateReply(reply, QStringLiteral("Hi"));
        QCOMPARE(store.messages(conversation)[1].text, QStringLiteral("Hi"));
        store.finishReply(reply, QStringLiteral("Hi there"), MessageStatus::Complete, statistics);
    }
    HistoryStore store = open();
    const Message reply = store.messages(conversation).last();
    QCOMPARE(reply.author, Author::Assistant);
    QCOMPARE(reply.text, QStringLiteral("Hi there"));
    QCOMPARE(reply.status, MessageStatus::Complete);
    QCOMPARE(reply.settings.checkpointName, someSettings().checkpointName);
    QCOMPARE(reply.settings.checkpointPath, someSettings().checkpointPath);
    QCOMPARE(reply.settings.device, someSettings().device);
    QCOMPARE(reply.settings.sampling, someSettings().sampling);
    QCOMPARE(reply.statistics.promptTokens, 12);
    QCOMPARE(reply.statistics.reusedTokens, 5);
    QCOMPARE(reply.statistics.generatedTokens, 34);
    QCOMPARE(reply.statistics.contextUsed, 46);
    QCOMPARE(reply.statistics.contextSize, 2048);
    QCOMPARE(reply.statistics.tokensPerSecond, 20.5);
    QCOMPARE(reply.statistics.prefillSeconds, 0.25);
    QCOMPARE(reply.statistics.stopReason, statistics.stopReason);
    QCOMPARE(reply.statistics.memoryStartsAt, statistics.memoryStartsAt);
}

void TestHistoryStore::keepsAFailure() {
    HistoryStore store = open();
    const qint64 conversation = store.startConversation(QStringLiteral("Hello")).conversationId;
    const qint64 reply = store.beginReply(conversation, someSettings());
    store.finishReply(reply, QStringLiteral("Hi"), MessageStatus::Failed, {}, QStringLiteral("The device was lost."));
    const Message failed = store.messages(conversation).last();
    QCOMPARE(failed.status, MessageStatus::Failed);
    QCOMPARE(failed.error, QStringLiteral("The device was lost."));
    QCOMPARE(failed.text, QStringLiteral("Hi"));
}

void TestHistoryStore::deletesUntilRestored() {
    HistoryStore store = open();
    const qint64 id = store.startConversation(QStringLiteral("Keep me")).conversationId;
    store.deleteConversation(id);
    QVERIFY(store.conversations().isEmpty());
    {
        HistoryStore other = open();  // another program's start does not take away the chance to undo
        QVERIFY(other.conversations().isEmpty());
    }
    store.restoreConversation(id);
    QCOMPARE(store.conversations().size(), 1);
    QCOMPARE(store.messages(id).size(), 1);
}

void TestHistoryStore::removesForGoodAtTheEnd() {
    qint64 id = 0;
    {
        HistoryStore store = open();
        id = store.startConversation(QStringLiteral("A secret nobody shall find")).conversationId;
        store.setDraft(id, QStringLiteral("draft"));
        store.deleteConversation(id);
    }
    HistoryStore store = open();
    QVERIFY(store.messages(id).isEmpty());
    QCOMPARE(store.draft(id), QString());
    QCOMPARE(kindThrownBy([&] { store.restoreConversation(id); }), HistoryError::Kind::NotFound);
    QVERIFY(store.startConversation(QStringLiteral("Next")).conversationId > id);  // ids do not come back
    QFile file(historyFile(m_folder->path()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QVERIFY(!file.readAll().contains("nobody shall find"));
}

void TestHistoryStore::keepsDrafts() {
    qint64 id = 0;
    {
        HistoryStore store = open();
        id = store.createConversation(QStringLiteral("C"));
        QCOMPARE(store.draft(id), QString());
        store.setDraft(id, QStringLiteral("half a"));
        store.setDraft(id, QStringLiteral("half a sentence"));
        store.setDraft(0, QStringLiteral("not begun"));
    }
    HistoryStore store = open();
    QCOMPARE(store.draft(id), QStringLiteral("half a sentence"));
    QCOMPARE(store.draft(0), QStringLiteral("not begun"));
    store.setDraft(0, QString());
    QCOMPARE(store.draft(0), QString());
}

void TestHistoryStore::removesRepliesWithoutText() {
    HistoryStore store = open();
    const HistoryStore::Started started = store.startConversation(QStringLiteral("Question"));
    const qint64 reply = store.beginReply(started.conversationId, someSettings());
    const qint64 next = store.appendMessage(started.conversationId, Author::User, QStringLiteral("Still there?"));
    store.finishReply(reply, QStringLiteral(" \n"), MessageStatus::Failed, {});
    store.removeReply(reply);
    const QList<Message> messages = store.messages(started.conversationId);
    QCOMPARE(messages.size(), 2);
    QCOMPARE(messages[1].id, next);
    QCOMPARE(messages[1].parentId, started.messageId);
    const qint64 last = store.beginReply(started.conversationId, someSettings());
    store.removeReply(last);
    QCOMPARE(store.leaf(started.conversationId), next);
    const qint64 written = store.beginReply(started.conversationId, someSettings());
    store.updateReply(written, QStringLiteral("Yes"));
    QCOMPARE(kindThrownBy([&] { store.removeReply(written); }), HistoryError::Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.removeReply(started.messageId); }), HistoryError::Kind::NotFound);
}

void TestHistoryStore::anUnfinishedReplyWithoutTextIsNone() {
    qint64 id = 0;
    {
        HistoryStore gone = open();
        id = gone.startConversation(QStringLiteral("Question")).conversationId;
        const qint64 reply = gone.beginReply(id, someSettings());
        gone.finishReply(reply, QStringLiteral("Answer"), MessageStatus::Complete, {});
        gone.beginReply(id, someSettings());  // made anew, and the program ends before there is any text
        QCOMPARE(gone.messages(id).size(), 3);
    }
    const HistoryStore store = open();
    QCOMPARE(store.messages(id).size(), 2);
    QCOMPARE(store.messages(id)[1].text, QStringLiteral("Answer"));
    Database database(historyFile(m_folder->path()), Database::Mode::ReadOnly, 0);
    QCOMPARE(database.value("SELECT count(*) FROM messages").toInt(), 2);
    QCOMPARE(database.value("SELECT count(*) FROM replies").toInt(), 1);
}

void TestHistoryStore::reportsWhatIsMissing() {
    HistoryStore store = open();
    using Kind = HistoryError::Kind;
    QCOMPARE(kindThrownBy([&] { store.appendMessage(7, Author::User, QStringLiteral("x")); }), Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.beginReply(7, {}); }), Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.updateReply(7, {}); }), Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.finishReply(7, {}, MessageStatus::Complete, {}); }), Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.removeReply(7); }), Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.renameConversation(7, QStringLiteral("x")); }), Kind::NotFound);
    QCOMPARE(kindThrownBy([&] { store.deleteConversation(7); }), Kind::NotFound);
    QVERIFY(store.conversations().isEmpty());
    QVERIFY(store.startConversation(QStringLiteral("still works")).conversationId > 0);
}

void TestHistoryStore::survivesStrangeText() {
    const QString replacement(QChar(QChar::ReplacementCharacter));
    HistoryStore store = open();
    const QString strange = QStringLiteral("a") + QChar(u'\0') + QStringLiteral("b") + QChar(0xd800) +
                            QStringLiteral("c") + QChar(0xdc00) +
                            QString::fromUtf8("🦙 你好 '; DROP TABLE messages;--");
    const HistoryStore::Started started = store.startConversation(strange);
    const QString expected = QStringLiteral("a") + replacement + QStringLiteral("b") + replacement +
                             QStringLiteral("c") + replacement +
                             QString::fromUtf8("🦙 你好 '; DROP TABLE messages;--");
    QCOMPARE(store.messages(started.conversationId)[0].text, expected);
    QCOMPARE(store.conversations()[0].title, expected);
    const QString cut = QStringLiteral("ends in half") + QChar(0xd83e);
    store.appendMessage(started.conversationId, Author::User, cut);
    QCOMPARE(store.messages(started.conversationId)[1].text, QStringLiteral("ends in half") + replacement);
    const QString long1 = QString::fromUtf8("ünï ").repeated(500000);
    store.appendMessage(started.conversationId, Author::User, long1);
    QVERIFY(store.messages(started.conversationId)[2].text == long1);
}

void TestHistoryStore::nothingOthersMayRead() {
    const QString folder = m_folder->filePath(QStringLiteral("new/data"));
    HistoryStore store = HistoryStore::open(folder);
    store.startConversation(QStringLiteral("private"));
    constexpr auto kOthers =
        QFile::ReadGroup | QFile::WriteGroup | QFile::ExeGroup | QFile::ReadOther | QFile::WriteOther | QFile::ExeOther;
    QVERIFY((QFile::permissions(folder) & kOthers) == 0);
    const QFileInfoList files = QDir(folder).entryInfoList(QDir::Files);
    QVERIFY(files.size() >= 2);
    for (const QFileInfo& file : files) {
        QVERIFY2((file.permissions() & kOthers) == 0, qPrintable(file.fileName()));
    }
}

void TestHistoryStore::queriesUseTheirIndexes_data() {
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<QStringList>("indexes");
    QTest::newRow("conversations") << QByteArray(queries::kConversations)
                                   << QStringList{QStringLiteral("SCAN c USING INDEX conversations_by_update"),
                                                  QStringLiteral("SEARCH m USING INDEX messages_by_conversation")};
    QTest::newRow("tree") << QByteArray(queries::kTree)
                          << QStringList{QStringLiteral("USING COVERING INDEX messages_by_conversation")};
    QTest::newRow("messages") << QByteArray(queries::kMessages)
                              << QStringList{QStringLiteral("SEARCH m USING INTEGER PRIMARY KEY"),
                                             QStringLiteral("SEARCH r USING INTEGER PRIMARY KEY")};
    QTest::newRow("writers") << QByteArray(queries::kWriters)
                             << QStringList{QStringLiteral("USING INDEX messages_in_writing")};
    QTest::newRow("deleters") << QByteArray(queries::kDeleters)
                              << QStringList{QStringLiteral("INDEX conversations_deleted")};
}

void TestHistoryStore::queriesUseTheirIndexes() {
    QFETCH(QByteArray, sql);
    QFETCH(QStringList, indexes);
    { const HistoryStore store = open(); }
    const QByteArray explain = "EXPLAIN QUERY PLAN " + sql;
    Database database(historyFile(m_folder->path()), Database::Mode::ReadOnly, 0);
    Rows rows = database.rows(explain.constData(), sql.contains('?') ? QVariantList{1} : QVariantList{});
    QString plan;
    while (rows.next()) {
        plan += rows.value(3).toString() + QLatin1Char('\n');
    }
    for (const QString& index : indexes) {
        QVERIFY2(plan.contains(index), qPrintable(plan));
    }
    QVERIFY2(!plan.contains(QStringLiteral("TEMP B-TREE")), qPrintable(plan));
}

void TestHistoryStore::syncsAllButGrowingText() {
    constexpr int kNormal = 1;
    constexpr int kFull = 2;
    Database database(m_folder->filePath(QStringLiteral("a.sqlite")), Database::Mode::ReadWrite, 0);
    const auto level = [&] { return database.value("PRAGMA synchronous").toInt(); };
    QCOMPARE(level(), kFull);
    QCOMPARE(database.value("PRAGMA journal_mode").toString(), QStringLiteral("wal"));
    QCOMPARE(database.value("PRAGMA foreign_keys").toInt(), 1);
    {
        const UnsyncedCommits unsynced(database);
        QCOMPARE(level(), kNormal);
    }
    QCOMPARE(level(), kFull);
}

void TestHistoryStore::makesTitles_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("title");
    QTest::newRow("short") << "How are you?"
                           << "How are you?";
    QTest::newRow("first line") << "\n \n  First   line \nSecond line"
                                << "First line";
    QTest::newRow("blank") << " \n\t\n"
                           << "New conversation";
    QTest::newRow("empty") << QString() << "New conversation";
    QTest::newRow("sixty") << QString(60, u'a') << QString(60, u'a');
    QTest::newRow("cut at a word")
        << "Please explain to me in simple words how a transformer decoder predicts the next token"
        << QString::fromUtf8("Please explain to me in simple words how a transformer…");
    QTest::newRow("one long word") << QString(70, u'a') << QString(59, u'a') + QChar(0x2026);
    QTest::newRow("no half characters") << QStringLiteral("a") + QString::fromUtf8("🦙").repeated(40)
                                        << QStringLiteral("a") + QString::fromUtf8("🦙").repeated(29) + QChar(0x2026);
}

void TestHistoryStore::makesTitles() {
    QFETCH(QString, text);
    QFETCH(QString, title);
    QCOMPARE(conversationTitle(text), title);
    QVERIFY(conversationTitle(text).size() <= kTitleLength);
}

ALCOVE_TEST(TestHistoryStore)
#include "test_history_store.moc"
