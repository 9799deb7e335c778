// Search beside the GUI thread.
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/history_store.h"
#include "app/search/search_thread.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestSearchThread : public QObject {
    Q_OBJECT

private slots:
    void init();
    void answers();
    void findsWhatWasJustWritten();
    void onlyTheNewestRequestIsAnswered();
    void indexesByItself();
    void findsInAConversation();
    void saysWhyItCannot();
    void endsAtAnyTime();

private:
    std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSearchThread::init() {
    m_folder = std::make_unique<QTemporaryDir>();
}

void TestSearchThread::answers() {
    HistoryStore store = HistoryStore::open(m_folder->path());
    store.startConversation("rye bread");
    SearchThread search(m_folder->path());
    QSignalSpy found(&search, &SearchThread::found);
    const quint64 request = search.search("rye brea", 10);
    QVERIFY(found.wait());
    QCOMPARE(found[0][0].toULongLong(), request);
    QCOMPARE(found[0][1].value<SearchPage>().hits.size(), 2);
    search.search("  ", 10);
    QVERIFY(found.wait());
    QCOMPARE(found[1][1].value<SearchPage>().hits.size(), 0);
}

void TestSearchThread::findsWhatWasJustWritten() {
    HistoryStore store = HistoryStore::open(m_folder->path());
    const qint64 id = store.startConversation("question").conversationId;
    SearchThread search(m_folder->path());
    QSignalSpy found(&search, &SearchThread::found);
    for (int i = 1; i <= 3; ++i) {
        store.appendMessage(id, Author::User, "rye");
        search.search("rye", 10);
        QVERIFY(found.wait());
        QCOMPARE(found.takeFirst()[1].value<SearchPage>().hits.size(), i);
    }
}

void TestSearchThread::onlyTheNewestRequestIsAnswered() {
    HistoryStore store = HistoryStore::open(m_folder->path());
    store.startConversation("rye");
    SearchThread search(m_folder->path());
    QSignalSpy found(&search, &SearchThread::found);
    for (const char* text : {"r", "ry", "rye"}) {
        search.search(text, 10);
    }
    const quint64 last = search.search("rye", 10);
    QVERIFY(found.wait());
    search.search("none", 10);
    search.cancelSearch();
    QTest::qWait(50);
    QCOMPARE(found.size(), 1);
    QCOMPARE(found[0][0].toULongLong(), last);
}

void TestSearchThread::indexesByItself() {
    HistoryStore store = HistoryStore::open(m_folder->path());
    const qint64 id = store.startConversation("question").conversationId;
    {
        Database database(historyFile(m_folder->path()), Database::Mode::ReadWrite, 1000);
        Transaction transaction(database);
        for (int i = 0; i < 1000; ++i) {
            database.run(
                "INSERT INTO messages (conversation_id, author, text, status, created_at)"
                " VALUES (?, 'user', 'rye', 'complete', 0)",
                {id});
        }
        transaction.commit();
    }
    SearchThread search(m_folder->path(), 0);
    QSignalSpy waiting(&search, &SearchThread::waitingChanged);
    QTRY_VERIFY(!waiting.isEmpty() && waiting.last()[0].toLongLong() == 0);
    QVERIFY(waiting.first()[0].toLongLong() > 0);
    SearchIndex other(m_folder->path());
    other.look();
    QVERIFY(!other.step());
}

void TestSearchThread::findsInAConversation() {
    HistoryStore store = HistoryStore::open(m_folder->path());
    const HistoryStore::Started started = store.startConversation("rye bread");
    SearchThread search(m_folder->path());
    QSignalSpy matched(&search, &SearchThread::matched);
    const quint64 request = search.find({started.messageId}, "BRE");
    QVERIFY(matched.wait());
    QCOMPARE(matched[0][0].toULongLong(), request);
    QCOMPARE(matched[0][1].value<QList<MessageMatch>>(), (QList<MessageMatch>{{started.messageId, 4, 3}}));
}

void TestSearchThread::saysWhyItCannot() {
    SearchThread search({});
    QSignalSpy failed(&search, &SearchThread::failed);
    search.search("rye", 10);
    QVERIFY(failed.wait());
    QVERIFY(failed[0][1].toString().contains("memory"));
    SearchThread missing(m_folder->path() + "/none");
    QSignalSpy missingFailed(&missing, &SearchThread::failed);
    missing.search("rye", 10);
    QVERIFY(missingFailed.wait());
}

void TestSearchThread::endsAtAnyTime() {
    HistoryStore store = HistoryStore::open(m_folder->path());
    store.startConversation("rye");
    {
        SearchThread search(m_folder->path(), 0);
        search.search("rye", 10);
    }
    SearchThread search(m_folder->path(), 0);
    search.search("rye", 10);
    search.shutdown();
    QSignalSpy found(&search, &SearchThread::found);
    search.search("rye", 10);
    search.followHistory();
    QTest::qWait(20);
    QVERIFY(found.isEmpty());
}

ALCOVE_TEST(TestSearchThread)

#include "test_search_thread.moc"
