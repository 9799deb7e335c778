// Conversations of other programs in the history: added once, grown, counted beforehand, restored from backups.
#include <QTemporaryDir>
#include <QTest>

#include "app/transfer/importing.h"
#include "app/transfer/restoring.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QString kSamples = QStringLiteral(ALCOVE_FIXTURES "/imports");

MessageRecord messageOf(const QString& id, const QString& parent, const QString& text) {
    MessageRecord one;
    one.id = id;
    one.parentId = parent;
    one.text = text;
    one.author = id.startsWith('r') ? Author::Assistant : Author::User;
    return one;
}

ConversationRecord conversationOf(const QString& source, const QList<MessageRecord>& messages) {
    ConversationRecord record;
    record.source = source;
    record.title = source;
    record.createdAt = QDateTime::fromMSecsSinceEpoch(1764374400000, Qt::UTC);
    record.messages = messages;
    record.leafId = messages.last().id;
    return record;
}

QString counts(const AddedConversation& added) {
    return QString("%1 %2 %3").arg(added.isNew).arg(added.messages).arg(added.branches);
}

QStringList texts(const QList<Message>& messages) {
    QStringList result;
    for (const Message& one : messages) {
        result << one.text;
    }
    return result;
}

}  // namespace

class TestImporting : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_store = std::make_unique<HistoryStore>(HistoryStore::open(m_folder->path()));
    }
    void cleanup() {
        m_store.reset();
        m_folder.reset();
    }

    // The whole folder of samples: what would be added is what is added, and the second time nothing is.
    void onceAndNotTwice() {
        Importing dry(*m_store, ImportMode::Count);
        dry.run({kSamples}, {});
        QCOMPARE(m_store->figures().conversations, 0);
        Importing first(*m_store, ImportMode::Add);
        first.run({kSamples}, {});
        QCOMPARE(first.result().conversations, 22);
        QCOMPARE(dry.result().conversations, first.result().conversations);
        QCOMPARE(m_store->figures().conversations, 22);
        QCOMPARE(m_store->figures().messages, first.result().messages);
        QCOMPARE(m_store->figures().branches, first.result().branches);
        const HistoryFigures before = m_store->figures();
        Importing second(*m_store, ImportMode::Add);
        second.run({kSamples}, {});
        QCOMPARE(second.result().conversations, 0);
        QCOMPARE(second.result().messages, 0);
        QCOMPARE(second.result().branches, 0);
        QCOMPARE(second.result().unchanged,
                 first.result().conversations + first.result().grown + first.result().unchanged);
        QCOMPARE(m_store->figures().messages, before.messages);
        Importing dryAgain(*m_store, ImportMode::Count);
        dryAgain.run({kSamples}, {});
        QCOMPARE(dryAgain.result().messages, 0);
    }

    void grows() {
        const QList<MessageRecord> begun{messageOf("a", "", "one"), messageOf("r1", "a", "two")};
        QCOMPARE(counts(m_store->importConversation(conversationOf("x:1", begun))), QString("1 2 0"));
        const QList<MessageRecord> grown =
            begun + QList<MessageRecord>{messageOf("r2", "a", "other"), messageOf("b", "r2", "three")};
        QCOMPARE(counts(m_store->wouldImport(conversationOf("x:1", grown))), QString("0 2 1"));
        const AddedConversation added = m_store->importConversation(conversationOf("x:1", grown));
        QCOMPARE(counts(added), QString("0 2 1"));
        QCOMPARE(texts(m_store->messages(added.id)), QStringList({"one", "other", "three"}));
        QCOMPARE(counts(m_store->importConversation(conversationOf("x:1", grown))), QString("0 0 0"));
        // What a person has added here stays, and is what is shown.
        m_store->appendMessage(added.id, Author::User, "mine");
        QCOMPARE(counts(m_store->importConversation(conversationOf("x:1", grown))), QString("0 0 0"));
        QCOMPARE(texts(m_store->messages(added.id)).last(), QString("mine"));
    }

    // Two replies of the same words are two messages, also the second time.
    void sameWordsTwice() {
        const ConversationRecord record = conversationOf(
            "x:2", {messageOf("a", "", "one"), messageOf("r1", "a", "same"), messageOf("r2", "a", "same")});
        QCOMPARE(counts(m_store->importConversation(record)), QString("1 3 1"));
        QCOMPARE(counts(m_store->importConversation(record)), QString("0 0 0"));
    }

    void binStaysBin() {
        const ConversationRecord record = conversationOf(
            "x:3", {messageOf("a", "", "one"), messageOf("r1", "a", "two"), messageOf("b", "r1", "three")});
        const AddedConversation added = m_store->importConversation(record);
        const QList<Message> all = m_store->messages(added.id);
        m_store->binBranch(all[1].id);
        QCOMPARE(counts(m_store->importConversation(record)), QString("0 0 0"));
        QCOMPARE(texts(m_store->messages(added.id)), QStringList("one"));
        m_store->deleteConversation(added.id);
        QVERIFY(m_store->importConversation(record).inBin);
        QVERIFY(m_store->conversations().isEmpty());
    }

    void folders() {
        ConversationRecord record = conversationOf("x:4", {messageOf("a", "", "one")});
        record.folder = QStringList{"Work", "Letters"};
        m_store->importConversation(record);
        record.source = "x:5";
        record.folder = QStringList{"Work"};
        m_store->importConversation(record);
        QCOMPARE(m_store->folderRecords().size(), 2);
        QCOMPARE(m_store->folderRecords()[0].path, QStringList("Work"));
        QCOMPARE(m_store->folderRecords()[1].path, QStringList({"Work", "Letters"}));
        FolderRecord folder;
        folder.path = QStringList{"Work"};
        folder.colour = "red";
        folder.settings.systemPrompt = "Be kind.";
        folder.expiresDays = 30;
        m_store->importFolder(folder);
        folder.colour = "blue";
        m_store->importFolder(folder);  // what is set stays
        QCOMPARE(m_store->folderRecords()[0].colour, QString("red"));
        QCOMPARE(m_store->folderRecords()[0].expiresDays, 30);
        QCOMPARE(m_store->folderRecords().size(), 2);
    }

    // Each conversation is one commit; what comes after a stop is missing, and comes the next time.
    void stopsBetweenConversations() {
        int asked = 0;
        Importing first(*m_store, ImportMode::Add);
        first.run({kSamples + "/gpt4all"}, engine::Cancellation([&asked] { return ++asked > 12; }));
        QVERIFY(first.result().cancelled);
        const int done = first.result().conversations;
        QVERIFY(done > 0 && done < 13);
        QCOMPARE(m_store->figures().conversations, done);
        Importing second(*m_store, ImportMode::Add);
        second.run({kSamples + "/gpt4all"}, {});
        QCOMPARE(second.result().conversations, 13 - done);
    }

    // Where the history is full, what was taken in before is whole.
    void fullHistory() {
        const QTemporaryDir folder;
        HistoryStore::OpenOptions options;
        options.maxPageCount = 60;
        HistoryStore small = HistoryStore::open(folder.path(), options);
        int imported = 0;
        try {
            for (; imported < 1000; ++imported) {
                QList<MessageRecord> messages{messageOf("a", "", QString(2000, 'a'))};
                messages << messageOf("r1", "a", QString(2000, 'b'));
                small.importConversation(conversationOf(QString("x:%1").arg(imported), messages));
            }
            QFAIL("The history took everything.");
        } catch (const HistoryError& error) {
            QCOMPARE(error.kind(), HistoryError::Kind::NoSpace);
        }
        QVERIFY(imported > 0);
        QCOMPARE(small.figures().conversations, imported);
        QCOMPARE(small.figures().messages, 2 * imported);
    }

    void backupsAreRestored() {
        Importing importing(*m_store, ImportMode::Add);
        importing.run({kSamples + "/chatgpt.json", kSamples + "/lm-studio"}, {});
        const HistoryStore::Started own = m_store->startConversation("My own question");
        m_store->setDraft(own.conversationId, "half a thought");
        const HistoryFigures before = m_store->figures();
        const QString file = m_folder->filePath("copy.alcove");
        m_store->backUpTo(file);
        QCOMPARE(QFile::permissions(file) & (QFile::ReadGroup | QFile::ReadOther), QFile::Permissions());

        // Into the one that it was made of: nothing. Into an empty one: all. Into that again: nothing.
        ImportResult same;
        restoreBackup(*m_store, file, m_folder->path(), same, {});
        QCOMPARE(same.messages, 0);
        QCOMPARE(same.conversations, 0);
        const QTemporaryDir other;
        HistoryStore empty = HistoryStore::open(other.path());
        ImportResult all;
        restoreBackup(empty, file, other.path(), all, {});
        QCOMPARE(all.conversations, before.conversations);
        QCOMPARE(empty.figures().messages, before.messages);
        QCOMPARE(empty.figures().branches, before.branches);
        QCOMPARE(empty.figures().folders, before.folders);
        QCOMPARE(empty.draft(empty.conversations().first().id), QString("half a thought"));
        ImportResult again;
        restoreBackup(empty, file, other.path(), again, {});
        QCOMPARE(again.messages, 0);
        QCOMPARE(empty.figures().conversations, before.conversations);
        // The copy that was opened is gone.
        QCOMPARE(QDir(other.path()).entryList({".alcove-restore*"}, QDir::AllEntries | QDir::Hidden), QStringList());
    }

    void whatIsNoBackup() {
        write(m_folder->filePath("letter.txt"), "Dear");
        ImportResult result;
        QVERIFY_EXCEPTION_THROWN(
            restoreBackup(*m_store, m_folder->filePath("letter.txt"), m_folder->path(), result, {}), HistoryError);
        QVERIFY_EXCEPTION_THROWN(restoreBackup(*m_store, m_folder->filePath("none"), m_folder->path(), result, {}),
                                 HistoryError);
        QVERIFY_EXCEPTION_THROWN(m_store->backUpTo(m_folder->filePath("no/such/folder")), HistoryError);
    }

    // A backup of an older version of Alcove.
    void olderBackups() {
        const QString older = QStringLiteral(ALCOVE_FIXTURES "/history-v3/history.sqlite");
        const QByteArray bytes = contents(older);
        ImportResult result;
        restoreBackup(*m_store, older, m_folder->path(), result, {});
        QVERIFY(result.conversations > 0);
        QCOMPARE(m_store->figures().conversations, result.conversations);
        QCOMPARE(contents(older), bytes);
    }

private:
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HistoryStore> m_store;
};

ALCOVE_TEST(TestImporting)
#include "test_importing.moc"
