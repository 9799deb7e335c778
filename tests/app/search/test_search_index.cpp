// The index finds what the history has, and holds nothing that was erased.
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/file/search_file.h"
#include "app/history/history_store.h"
#include "app/search/search_index.h"
#include "tests/app/history/files_below.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using alcove::tests::filesWith;

class TestSearchIndex : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void findsMessagesAndTitles();
    void findsChinese();
    void filters();
    void filtersByFolder();
    void newestFirstInPages();
    void whatIsInTheBinIsNotFound();
    void aReplyIsFoundWhenItIsComplete();
    void whatGoesOnIsIndexedAgain();
    void renamedConversationsAreFound();
    void longMessagesAreFoundInPieces();
    void goesOnWhereItWasInterrupted();
    void isBuiltAnewWhereItIsDamaged_data();
    void isBuiltAnewWhereItIsDamaged();
    void nothingErasedStaysInAnyFile();
    void erasingEmptiesTheIndexOfAnotherProgram();
    void strangeQueriesFindNothingBad();
    void canBeCancelled();
    void findsInAConversation();
    void othersCannotReadIt();

private:
    [[nodiscard]] QString folder() const { return m_folder->path(); }
    // Messages of one word, rye.
    void addMany(qint64 conversation, int count);
    qint64 add(const QString& question, const QString& answer = "Yes.", const QString& checkpoint = "Starter");
    // What is found for `query`: titles in quotation marks, and texts of messages.
    [[nodiscard]] QStringList found(QStringView query, int count = 100);
    SearchIndex& index();

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<HistoryStore> m_store;
    std::unique_ptr<SearchIndex> m_index;
};

void TestSearchIndex::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_store.emplace(HistoryStore::open(folder()));
}

void TestSearchIndex::cleanup() {
    m_index.reset();
    m_store.reset();
}

SearchIndex& TestSearchIndex::index() {
    if (!m_index) {
        m_index = std::make_unique<SearchIndex>(folder());
    }
    m_index->bringUpToDate();
    return *m_index;
}

qint64 TestSearchIndex::add(const QString& question, const QString& answer, const QString& checkpoint) {
    const qint64 id = m_store->startConversation(question).conversationId;
    const qint64 reply = m_store->beginReply(id, {checkpoint, "/models/" + checkpoint, "cpu"});
    m_store->finishReply(reply, answer, MessageStatus::Complete, {});
    return id;
}

void TestSearchIndex::addMany(qint64 conversation, int count) {
    Database database(historyFile(folder()), Database::Mode::ReadWrite, 1000);
    Transaction transaction(database);
    for (int i = 0; i < count; ++i) {
        database.run(
            "INSERT INTO messages (conversation_id, author, text, status, created_at)"
            " VALUES (?, 'user', 'rye', 'complete', ?)",
            {conversation, i});
    }
    transaction.commit();
}

QStringList TestSearchIndex::found(QStringView query, int count) {
    QStringList result;
    for (const SearchHit& hit : index().search(parseSearch(query), count).hits) {
        result << (hit.messageId == 0 ? '"' + hit.snippet.text + '"' : hit.snippet.text);
    }
    return result;
}

void TestSearchIndex::findsMessagesAndTitles() {
    add("Bread with rye", "Use a third of rye flour, and wheat.");
    add("Something else", "Crème brûlée is no bread.");
    QCOMPARE(found(u"rye"),
             (QStringList{"\"Bread with rye\"", "Use a third of rye flour, and wheat.", "Bread with rye"}));
    QCOMPARE(found(u"rye flour"), QStringList{"Use a third of rye flour, and wheat."});
    QCOMPARE(found(u"\"flour rye\""), QStringList());
    QCOMPARE(found(u"\"rye flour\""), QStringList{"Use a third of rye flour, and wheat."});
    QCOMPARE(found(u"BRE* -rye"), QStringList{QString::fromUtf8("Crème brûlée is no bread.")});
    QCOMPARE(found(u"creme BRULEE"), QStringList{QString::fromUtf8("Crème brûlée is no bread.")});
    QCOMPARE(found(u"flou"), QStringList());
    const SearchHit hit = index().search(parseSearch(u"flour"), 10).hits.value(0);
    QCOMPARE(hit.title, "Bread with rye");
    QCOMPARE(hit.author, Author::Assistant);
    QCOMPARE(hit.snippet.at, QString("Use a third of rye ").size());
    QVERIFY(hit.at.isValid());
}

void TestSearchIndex::findsChinese() {
    const QString text = QString::fromUtf8("我喜欢面包和奶酪");
    add("1", text);
    for (const char* query : {"面包", "包", "喜欢面包和", "我 奶酪"}) {
        QCOMPARE(found(QString::fromUtf8(query)), QStringList{text});
    }
    QCOMPARE(found(QString::fromUtf8("包面")), QStringList());
}

void TestSearchIndex::filters() {
    add("rye one", "rye by one", "MobiLlama-05B-Chat");
    add("rye two", "rye by two", "Starter");
    QCOMPARE(found(u"rye from:me"), (QStringList{"rye two", "rye one"}));
    QCOMPARE(found(u"rye -from:me"), (QStringList{"rye by two", "rye by one"}));
    QCOMPARE(found(u"rye by:mobi"), QStringList{"rye by one"});
    QCOMPARE(found(u"by:\"MobiLlama 05B\""), QStringList{"rye by one"});
    QCOMPARE(found(u"rye -by:starter from:model"), QStringList{"rye by one"});
    QCOMPARE(found(u"-two from:me"), QStringList{"rye one"});
    QCOMPARE(found(u"-rye"), QStringList());
    QCOMPARE(found(u"-one"), (QStringList{"rye by two", "rye two"}));
    QCOMPARE(found(u"rye after:2000-01-01 before:2001").size(), 0);
    QCOMPARE(found(u"two after:2000-01-01").size(), 3);
    QCOMPARE(found(u"after:2000-01-01 from:model").size(), 2);
    QCOMPARE(found(u"rye is:pinned"), QStringList());
    QCOMPARE(found(u"rye in:folder"), QStringList());
}

void TestSearchIndex::filtersByFolder() {
    const qint64 one = add("rye one");
    const qint64 two = add("rye two");
    add("rye three");
    Database database(historyFile(folder()), Database::Mode::ReadWrite, 1000);
    const qint64 recipes = database.insert("INSERT INTO folders (name, created_at) VALUES ('Old Recipes', 0)", {});
    const qint64 bread =
        database.insert("INSERT INTO folders (name, parent_id, created_at) VALUES ('Bread', ?, 0)", {recipes});
    database.run("UPDATE conversations SET folder_id = ?, pinned_at = 1 WHERE id = ?", {recipes, one});
    database.run("UPDATE conversations SET folder_id = ?, archived_at = 1 WHERE id = ?", {bread, two});
    QCOMPARE(found(u"rye in:recip from:me"), (QStringList{"rye two", "rye one"}));
    QCOMPARE(found(u"rye in:bread from:me"), QStringList{"rye two"});
    QCOMPARE(found(u"rye -in:recipes from:me"), QStringList{"rye three"});
    QCOMPARE(found(u"rye is:pinned from:me"), QStringList{"rye one"});
    QCOMPARE(found(u"rye is:archived -is:pinned from:me"), QStringList{"rye two"});
    QCOMPARE(found(u"is:pinned"), QStringList{"\"rye one\""});
    QCOMPARE(found(u"in:recipes -two"), QStringList({"Yes.", "Yes.", "rye one"}));
}

void TestSearchIndex::newestFirstInPages() {
    const qint64 id = add("Numbers", "0");
    for (int i = 1; i <= 25; ++i) {
        m_store->appendMessage(id, Author::User, QString("rye %1").arg(i));
    }
    QStringList all;
    qint64 from = 0;
    do {
        const SearchPage page = index().search(parseSearch(u"rye"), 10, from);
        QVERIFY(page.hits.size() <= 10);
        for (const SearchHit& hit : page.hits) {
            all << hit.snippet.text;
        }
        from = page.next;
    } while (from != 0);
    QCOMPARE(all.size(), 25);
    QCOMPARE(all.first(), "rye 25");
    QCOMPARE(all.last(), "rye 1");
}

void TestSearchIndex::whatIsInTheBinIsNotFound() {
    const qint64 id = add("rye");
    QCOMPARE(found(u"rye").size(), 2);
    m_store->deleteConversation(id);
    QCOMPARE(found(u"rye").size(), 0);
    m_store->restoreConversation(id);
    QCOMPARE(found(u"rye").size(), 2);
}

void TestSearchIndex::aReplyIsFoundWhenItIsComplete() {
    const qint64 id = add("Question");
    const qint64 reply = m_store->beginReply(id, {});
    m_store->updateReply(reply, "rye bre");
    QCOMPARE(found(u"rye"), QStringList());
    m_index.reset();  // another start
    QCOMPARE(found(u"rye"), QStringList());
    m_store->finishReply(reply, "rye bread", MessageStatus::Stopped, {});
    QCOMPARE(found(u"rye"), QStringList{"rye bread"});
}

void TestSearchIndex::whatGoesOnIsIndexedAgain() {
    const qint64 id = add("Question");
    const qint64 reply = m_store->beginReply(id, {});
    m_store->finishReply(reply, "rye", MessageStatus::Stopped, {});
    QCOMPARE(found(u"rye"), QStringList{"rye"});
    QTest::qWait(2);  // the conversation's time is another one
    m_store->finishReply(reply, "rye and wheat", MessageStatus::Complete, {});
    QCOMPARE(found(u"rye"), QStringList{"rye and wheat"});
    QCOMPARE(found(u"wheat"), QStringList{"rye and wheat"});
}

void TestSearchIndex::renamedConversationsAreFound() {
    const qint64 id = add("rye");
    QCOMPARE(found(u"rye").value(0), "\"rye\"");
    m_store->renameConversation(id, "wheat");
    QCOMPARE(found(u"rye"), QStringList{"rye"});
    QCOMPARE(found(u"wheat"), QStringList{"\"wheat\""});
}

void TestSearchIndex::longMessagesAreFoundInPieces() {
    const QString filler = QString::fromUtf8("ünd so weiter ").repeated(20000);
    add("Question", filler + "rye " + filler + "bread");
    const SearchPage page = index().search(parseSearch(u"rye"), 10);
    QCOMPARE(page.hits.size(), 1);
    QCOMPARE(page.hits[0].snippet.at, filler.size());
    QCOMPARE(found(u"bread").size(), 1);
    // No character was cut.
    QCOMPARE(found(QString(QChar(QChar::ReplacementCharacter))).size(), 0);
    QVERIFY(index().search(parseSearch(u"und"), 100).hits.size() > 10);
}

void TestSearchIndex::goesOnWhereItWasInterrupted() {
    const qint64 id = add("Question");
    addMany(id, 1000);
    m_index = std::make_unique<SearchIndex>(folder());
    m_index->look();
    QVERIFY(m_index->step());
    QVERIFY(!m_index->search(parseSearch(u"rye"), 10).complete);
    m_index.reset();
    QCOMPARE(found(u"rye", 2000).size(), 1000);
    QVERIFY(index().search(parseSearch(u"rye"), 10).complete);
    m_index.reset();
    m_index = std::make_unique<SearchIndex>(folder());
    m_index->look();
    QVERIFY(!m_index->step());
}

void TestSearchIndex::isBuiltAnewWhereItIsDamaged_data() {
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("empty") << QByteArray();
    QTest::newRow("no database") << QByteArray(5000, 'x');
    QTest::newRow("cut") << QByteArray("cut");
}

void TestSearchIndex::isBuiltAnewWhereItIsDamaged() {
    QFETCH(QByteArray, content);
    add("rye");
    QCOMPARE(found(u"rye").size(), 2);
    m_index.reset();
    if (content == "cut") {
        content = tests::contents(searchFile(folder()));
        QVERIFY(content.size() > 8192);
        content.replace(4096, content.size() - 4096, QByteArray(content.size() - 4096, '\x55'));
    }
    tests::write(searchFile(folder()), content);
    QCOMPARE(found(u"rye").size(), 2);
}

void TestSearchIndex::nothingErasedStaysInAnyFile() {
    const qint64 id = add("Zanzibarian bread", "Quetzalcoatlus flour");
    add("Keep this");
    QCOMPARE(found(u"zanzibarian").size(), 2);
    m_store->deleteConversation(id);
    QVERIFY(!filesWith(folder(), "zanzibarian").isEmpty());  // the index has the word, folded
    m_store.reset();
    for (const char* word : {"zanzibarian", "Zanzibarian", "quetzalcoatlus", "Quetzalcoatlus"}) {
        QCOMPARE(filesWith(folder(), word), QStringList());
    }
    // The index that is open sees that it was emptied.
    m_store.emplace(HistoryStore::open(folder()));
    QCOMPARE(found(u"zanzibarian"), QStringList());
    QCOMPARE(found(u"keep").size(), 2);
    QCOMPARE(filesWith(folder(), "zanzibarian"), QStringList());
}

void TestSearchIndex::erasingEmptiesTheIndexOfAnotherProgram() {
    add("rye");
    QCOMPARE(found(u"rye").size(), 2);
    SearchIndex other(folder());
    QVERIFY(emptySearchIndex(folder()));
    QVERIFY(QFileInfo(searchFile(folder())).size() <= 4096);
    other.bringUpToDate();
    QCOMPARE(other.search(parseSearch(u"rye"), 10).hits.size(), 2);
    QCOMPARE(found(u"rye").size(), 2);
    QVERIFY(emptySearchIndex(folder() + "/none"));
}

void TestSearchIndex::strangeQueriesFindNothingBad() {
    add("rye \"quoted\" a AND b", "NEAR text:rye {x}");
    index();
    const QString signs = QString::fromUtf8("\"*:-^(){}+<>'`\\/,;.%_#$& \t\nAND OR NOT NEAR(a b, 2) col:x a面\u0301");
    for (qsizetype begin = 0; begin < signs.size(); ++begin) {
        for (qsizetype length = 1; length <= 6; ++length) {
            const QString typed = signs.mid(begin, length) + QChar(0) + signs.mid((begin * 7) % signs.size(), length);
            QVERIFY(m_index->search(parseSearch(typed, LastWord::BeingTyped), 10).complete);
            QVERIFY(m_index->search(parseSearch(typed + " rye"), 10).complete);
        }
    }
    QCOMPARE(found(u"near").size(), 1);
}

void TestSearchIndex::canBeCancelled() {
    const qint64 id = add("rye");
    m_index = std::make_unique<SearchIndex>(folder());
    QVERIFY(m_index->bringUpToDate());
    addMany(id, 2000);
    int asked = 0;
    m_index->look();
    QVERIFY(!m_index->bringUpToDate([&asked] { return ++asked == 1; }));
    m_index->bringUpToDate();
    asked = 0;
    const SearchPage page = m_index->search(parseSearch(u"rye"), 10000, 0, [&asked] { return ++asked > 0; });
    QVERIFY(page.hits.isEmpty());
    QVERIFY(asked > 0);
    QCOMPARE(m_index->search(parseSearch(u"rye"), 10).hits.size(), 11);
}

void TestSearchIndex::findsInAConversation() {
    const qint64 id = add("Rye bread", "More rye, rye");
    QList<qint64> messages;
    for (const Message& message : m_store->messages(id)) {
        messages << message.id;
    }
    const QList<MessageMatch> expected{{messages[0], 0, 3}, {messages[1], 5, 3}, {messages[1], 10, 3}};
    QCOMPARE(index().find(messages, TextFinder("RYE"), 100), expected);
    QCOMPARE(index().find(messages, TextFinder("RYE"), 2), expected.mid(0, 2));
    QCOMPARE(index().find({messages[1], 12345}, TextFinder("rye"), 100), expected.mid(1));
    const QString filler = QString::fromUtf8("ünd so weiter ").repeated(20000);
    const qint64 long_ = m_store->appendMessage(id, Author::User, filler + "rye");
    QCOMPARE(index().find({long_}, TextFinder("rye"), 100), (QList<MessageMatch>{{long_, filler.size(), 3}}));
}

void TestSearchIndex::othersCannotReadIt() {
    add("rye");
    index();
    const auto others = QFile::ReadGroup | QFile::WriteGroup | QFile::ReadOther | QFile::WriteOther;
    for (const QString& name : QDir(folder()).entryList({"search*"}, QDir::Files)) {
        QCOMPARE(QFile::permissions(folder() + '/' + name) & others, QFile::Permissions());
    }
}

ALCOVE_TEST(TestSearchIndex)

#include "test_search_index.moc"
