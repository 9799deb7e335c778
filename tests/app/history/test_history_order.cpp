// Pins, the archive, folders, what conversations have of their own, and the bin.
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/backup.h"
#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/history_store.h"
#include "tests/app/history/files_below.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using alcove::tests::filesWith;

class TestHistoryOrder : public QObject {
    Q_OBJECT

private slots:
    void init();
    void cleanup();
    void pinsAndArchives();
    void foldersAreNested();
    void noFolderIsInItself();
    void folderSettingsAreInherited();
    void theBinKeepsOverStarts();
    void aFolderGoesAndComesBackWhole();
    void whatIsRestoredWithoutItsFolderIsAtTheTop();
    void expires();
    void emptyingTheBinErasesFromAllFiles();
    void olderThingsAlone();
    void reportsWhatIsMissing();

private:
    [[nodiscard]] QString folder() const { return m_folder->path(); }
    qint64 add(const QString& text) { return m_store->startConversation(text).conversationId; }
    // Titles, of those in a folder or all.
    [[nodiscard]] QStringList listed(qint64 in = -1) const;
    [[nodiscard]] QStringList binned() const;

    std::unique_ptr<QTemporaryDir> m_folder;
    std::optional<HistoryStore> m_store;
};

void TestHistoryOrder::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_store.emplace(HistoryStore::open(folder()));
}

void TestHistoryOrder::cleanup() {
    m_store.reset();
}

QStringList TestHistoryOrder::listed(qint64 in) const {
    QStringList titles;
    for (const ConversationSummary& one : m_store->conversations()) {
        if (in < 0 || one.folderId == in) {
            titles << one.title;
        }
    }
    titles.sort();
    return titles;
}

QStringList TestHistoryOrder::binned() const {
    QStringList names;
    for (const BinnedItem& item : m_store->bin()) {
        names << QString::number(static_cast<int>(item.kind)) + ' ' + item.name + ' ' + QString::number(item.count);
    }
    return names;
}

void TestHistoryOrder::pinsAndArchives() {
    const QList<qint64> ids{add("one"), add("two"), add("three")};
    m_store->setPinned({ids[0], ids[2], 99}, true);
    m_store->setArchived({ids[1]}, true);
    for (const ConversationSummary& one : m_store->conversations()) {
        QCOMPARE(one.pinnedAt.isValid(), one.id != ids[1]);
        QCOMPARE(one.archivedAt.isValid(), one.id == ids[1]);
    }
    m_store->setPinned(ids, false);
    m_store->setArchived(ids, false);
    for (const ConversationSummary& one : m_store->conversations()) {
        QVERIFY(!one.pinnedAt.isValid() && !one.archivedAt.isValid());
    }
}

void TestHistoryOrder::foldersAreNested() {
    const qint64 recipes = m_store->createFolder("  Old  recipes ");
    const qint64 bread = m_store->createFolder("Bread", recipes);
    m_store->setFolderColour(bread, "green");
    m_store->renameFolder(recipes, "Recipes");
    m_store->renameFolder(recipes, "  ");
    const QList<Folder> folders = m_store->folders();
    QCOMPARE(folders.size(), 2);
    QCOMPARE(folders[0].name, "Recipes");
    QCOMPARE(folders[1].parentId, recipes);
    QCOMPARE(folders[1].colour, "green");
    const qint64 rye = add("rye");
    add("rain");
    m_store->moveToFolder({rye}, bread);
    QCOMPARE(listed(bread), QStringList{"rye"});
    m_store->moveFolder(bread, 0);
    QCOMPARE(m_store->folders()[1].parentId, 0);
    m_store->moveToFolder({rye}, 0);
    QCOMPARE(listed(bread), QStringList());
    QCOMPARE(listed(), (QStringList{"rain", "rye"}));
}

void TestHistoryOrder::noFolderIsInItself() {
    const qint64 a = m_store->createFolder("a");
    const qint64 b = m_store->createFolder("b", a);
    const qint64 c = m_store->createFolder("c", b);
    QVERIFY_EXCEPTION_THROWN(m_store->moveFolder(a, c), HistoryError);
    QVERIFY_EXCEPTION_THROWN(m_store->moveFolder(a, a), HistoryError);
    m_store->moveFolder(c, a);
    m_store->moveFolder(b, c);
    QCOMPARE(m_store->folders().size(), 3);
}

void TestHistoryOrder::folderSettingsAreInherited() {
    const qint64 a = m_store->createFolder("a");
    const qint64 b = m_store->createFolder("b", a);
    const qint64 id = add("question");
    m_store->moveToFolder({id}, b);
    m_store->setFolderSettings(a, {"Be brief.", R"({"topK":7})", "/models/a"});
    m_store->setFolderSettings(b, {"", "", "/models/b"});
    m_store->setOwnSettings(id, {"", R"({"topK":9})", ""});
    const ConversationSettings settings = m_store->settingsFor(id);
    QCOMPARE(settings.systemPrompt, "Be brief.");
    QCOMPARE(settings.sampling, R"({"topK":9})");
    QCOMPARE(settings.checkpointPath, "/models/b");
    QCOMPARE(m_store->ownSettings(id).systemPrompt, "");
    m_store->setOwnSettings(id, {});
    QCOMPARE(m_store->settingsFor(id).sampling, R"({"topK":7})");
    QVERIFY(m_store->settingsFor(99).systemPrompt.isEmpty());
}

void TestHistoryOrder::theBinKeepsOverStarts() {
    const QList<qint64> ids{add("one"), add("two"), add("three")};
    m_store->binConversations({ids[0], ids[1]});
    QCOMPARE(listed(), QStringList{"three"});
    m_store.reset();
    m_store.emplace(HistoryStore::open(folder()));
    QCOMPARE(binned(), (QStringList{"0 two 1", "0 one 1"}));
    m_store->restoreConversations({ids[0]});
    QCOMPARE(listed(), (QStringList{"one", "three"}));
    QCOMPARE(binned(), QStringList{"0 two 1"});
}

void TestHistoryOrder::aFolderGoesAndComesBackWhole() {
    const qint64 a = m_store->createFolder("a");
    const qint64 b = m_store->createFolder("b", a);
    const qint64 earlier = add("earlier");
    m_store->moveToFolder({add("in a"), earlier}, a);
    m_store->moveToFolder({add("in b")}, b);
    add("outside");
    m_store->binConversations({earlier});
    QTest::qWait(2);
    m_store->binFolder(a);
    QCOMPARE(listed(), QStringList{"outside"});
    QVERIFY(m_store->folders().isEmpty());
    QCOMPARE(binned(), (QStringList{"1 a 1", "0 earlier 1"}));
    m_store->restoreFolder(a);
    QCOMPARE(m_store->folders().size(), 2);
    QCOMPARE(listed(), (QStringList{"in a", "in b", "outside"}));
    QCOMPARE(binned(), QStringList{"0 earlier 1"});
}

void TestHistoryOrder::whatIsRestoredWithoutItsFolderIsAtTheTop() {
    const qint64 a = m_store->createFolder("a");
    const qint64 b = m_store->createFolder("b", a);
    const qint64 id = add("in b");
    m_store->moveToFolder({id}, b);
    m_store->binConversations({id});
    QTest::qWait(2);
    m_store->binFolder(b);
    QTest::qWait(2);
    m_store->binFolder(a);
    m_store->restoreConversations({id});
    QCOMPARE(listed(0), QStringList{"in b"});
    m_store->restoreFolder(b);
    QCOMPARE(m_store->folders().size(), 1);
    QCOMPARE(m_store->folders()[0].parentId, 0);
}

void TestHistoryOrder::expires() {
    const QDateTime now = QDateTime::currentDateTimeUtc();
    const qint64 short_ = m_store->createFolder("short");
    m_store->setFolderExpiry(short_, 7);
    const qint64 own = add("own");
    const qint64 in = add("in a folder");
    const qint64 longer = add("longer");
    add("for good");
    m_store->moveToFolder({in, longer}, short_);
    m_store->setExpiry({own}, now.addDays(1));
    m_store->setExpiry({longer}, now.addDays(30));
    QCOMPARE(m_store->binExpired(now), 0);
    QCOMPARE(m_store->binExpired(now.addDays(2)), 1);
    QCOMPARE(listed(), (QStringList{"for good", "in a folder", "longer"}));
    QCOMPARE(m_store->binExpired(now.addDays(8)), 1);
    QCOMPARE(m_store->binExpired(now.addDays(31)), 1);
    QCOMPARE(listed(), QStringList{"for good"});
}

void TestHistoryOrder::emptyingTheBinErasesFromAllFiles() {
    const qint64 a = m_store->createFolder("Quaggafolder");
    const qint64 id = add("Quaggatitle");
    m_store->appendMessage(id, Author::Assistant, "Quaggatext");
    m_store->setDraft(id, "Quaggadraft");
    m_store->moveToFolder({id}, a);
    add("kept");
    {
        Database database(historyFile(folder()), Database::Mode::ReadWrite, 1000);
        backUp(database, folder());
    }
    QVERIFY(!filesWith(folder(), "Quagga").isEmpty());
    m_store->binFolder(a);
    m_store->eraseBinned(QDateTime::currentDateTimeUtc().addSecs(1));
    QCOMPARE(filesWith(folder(), "Quagga"), QStringList());
    QVERIFY(m_store->bin().isEmpty());
    QCOMPARE(listed(), QStringList{"kept"});
}

void TestHistoryOrder::olderThingsAlone() {
    const qint64 old = add("old");
    m_store->binConversations({old});
    QTest::qWait(5);
    const QDateTime between = QDateTime::currentDateTimeUtc();
    QTest::qWait(5);
    const qint64 fresh = add("fresh");
    m_store->binConversations({fresh});
    m_store->eraseBinned(between);
    QCOMPARE(binned(), QStringList{"0 fresh 1"});
}

void TestHistoryOrder::reportsWhatIsMissing() {
    const auto kind = [](const std::function<void()>& action) {
        try {
            action();
        } catch (const HistoryError& error) {
            return error.kind();
        }
        return HistoryError::Kind::Damaged;
    };
    using Kind = HistoryError::Kind;
    QCOMPARE(kind([&] { m_store->createFolder(" "); }), Kind::Other);
    QCOMPARE(kind([&] { m_store->createFolder("a", 99); }), Kind::NotFound);
    QCOMPARE(kind([&] { m_store->moveToFolder({1}, 99); }), Kind::NotFound);
    QCOMPARE(kind([&] { m_store->renameFolder(99, "a"); }), Kind::NotFound);
    QCOMPARE(kind([&] { m_store->binFolder(99); }), Kind::NotFound);
    QCOMPARE(kind([&] { m_store->restoreFolder(99); }), Kind::NotFound);
    QCOMPARE(kind([&] { m_store->setOwnSettings(99, {}); }), Kind::NotFound);
}

ALCOVE_TEST(TestHistoryOrder)

#include "test_history_order.moc"
