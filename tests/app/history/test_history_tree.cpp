// Messages as a tree: what is shown, walking between siblings, forks, and the bin.
#include <QTemporaryDir>
#include <QTest>

#include "app/history/file/database.h"
#include "app/history/file/history_files.h"
#include "app/history/history_store.h"
#include "app/history/message_tree.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

using Ids = QList<qint64>;

//  1 ─ 2 ─ 4 ─ 5
//    └ 3     └ 6      7 is another beginning, 8 is hidden and 9 follows it
MessageTree exampleTree() {
    return MessageTree({{1, 0}, {2, 1}, {3, 1}, {4, 2}, {5, 4}, {6, 4}, {7, 0}, {8, 3, true}, {9, 8}});
}

}  // namespace

class TestHistoryTree : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_store = std::make_unique<HistoryStore>(HistoryStore::open(m_folder->path()));
        const HistoryStore::Started started = m_store->startConversation(QStringLiteral("question"));
        m_conversation = started.conversationId;
        m_question = started.messageId;
    }
    void cleanup() {
        m_store.reset();
        m_folder.reset();
    }

    void pathsAndSiblings() {
        const MessageTree tree = exampleTree();
        QCOMPARE(tree.path(6), Ids({1, 2, 4, 6}));
        QCOMPARE(tree.path(9), Ids({1, 3, 9}));
        QCOMPARE(tree.path(0), Ids());
        QCOMPARE(tree.siblings(2), Ids({2, 3}));
        QCOMPARE(tree.siblings(7), Ids({1, 7}));
        QCOMPARE(tree.siblingIndex(6), 1);
        QCOMPARE(tree.siblingCount(6), 2);
        QCOMPARE(tree.siblingCount(9), 1);
        QCOMPARE(tree.newestEnd(1), 9);
        QCOMPARE(tree.newestEnd(2), 6);
        QCOMPARE(tree.newestEnd(5), 5);
        QCOMPARE(tree.branch(3), Ids({3, 8, 9}));
        QCOMPARE(tree.all(), Ids({1, 2, 3, 4, 5, 6, 7, 9}));
        QVERIFY(!tree.contains(8) && !tree.contains(10) && tree.contains(9));
    }

    void leavesThatAreLost() {
        const MessageTree tree = exampleTree();
        QCOMPARE(tree.leaf(4), 4);
        QCOMPARE(tree.leaf(8), 3);   // hidden: the one before it
        QCOMPARE(tree.leaf(42), 9);  // unknown: the newest without children
        QCOMPARE(tree.leaf(0), 9);
        QCOMPARE(MessageTree({{1, 0, true}, {2, 1, true}}).leaf(2), 0);
        QVERIFY(MessageTree({{1, 0, true}}).isEmpty());
        QCOMPARE(MessageTree({}).leaf(1), 0);
    }

    // A parent that cannot be one stands for the message before.
    void parentsThatCannotBe() {
        const MessageTree tree({{1, 3}, {2, 2}, {3, 9}, {4, 42}, {9, 1}});
        QCOMPARE(tree.path(4), Ids({1, 2, 3, 4}));
        QCOMPARE(tree.path(9), Ids({1, 9}));
    }

    void editingAddsASibling() {
        const qint64 reply = addReply(QStringLiteral("answer"));
        const qint64 edited =
            m_store->appendMessage(m_conversation, Author::User, QStringLiteral("better question"), 0);
        QCOMPARE(shown(), QStringList{QStringLiteral("better question")});
        const QList<Message> path = m_store->messages(m_conversation);
        QCOMPARE(path[0].siblingIndex, 1);
        QCOMPARE(path[0].siblingCount, 2);
        QCOMPARE(path[0].parentId, 0);
        m_store->showMessage(m_question);
        QCOMPARE(shown(), QStringList({QStringLiteral("question"), QStringLiteral("answer")}));
        m_store->showMessage(reply);
        QCOMPARE(m_store->leaf(m_conversation), reply);
        QCOMPARE(m_store->siblings(m_question), Ids({m_question, edited}));
        const qint64 next = m_store->appendMessage(m_conversation, Author::User, QStringLiteral("next"));
        QCOMPARE(m_store->messages(m_conversation).last().parentId, reply);
        m_store->showMessage(m_question);  // is on the path
        QCOMPARE(m_store->leaf(m_conversation), next);
        m_store->setLeaf(reply);
        QCOMPARE(shown().size(), 2);
    }

    void aReplyMadeAnewIsShownWithItsFirstText() {
        const qint64 old = addReply(QStringLiteral("old"));
        const qint64 anew = m_store->beginReply(m_conversation, {}, m_question);
        QCOMPARE(m_store->leaf(m_conversation), old);
        m_store->updateReply(anew, {});
        QCOMPARE(m_store->leaf(m_conversation), old);
        m_store->updateReply(anew, QStringLiteral("n"));
        QCOMPARE(m_store->leaf(m_conversation), anew);
        m_store->showMessage(old);
        m_store->updateReply(anew, QStringLiteral("new"));  // that is where a person went meanwhile
        QCOMPARE(m_store->leaf(m_conversation), old);
        QCOMPARE(m_store->messages(m_conversation).last().siblingCount, 2);
    }

    void aReplyThatGoesOnIsWriting() {
        const qint64 reply = addReply(QStringLiteral("half"));
        m_store->resumeReply(reply, true);
        QCOMPARE(m_store->messages(m_conversation).last().status, MessageStatus::Writing);
        QVERIFY_EXCEPTION_THROWN(m_store->resumeReply(reply, true), HistoryError);
        QVERIFY_EXCEPTION_THROWN(m_store->resumeReply(m_question, true), HistoryError);
    }

    void tokensStayWithTheReply() {
        const qint64 reply = m_store->beginReply(m_conversation, {});
        QVERIFY(m_store->replyTokens(reply).ids.isEmpty());
        const ReplyTokens tokens{{5, -1, 70000}, {1, 2, 9},          QStringLiteral("18446744073709551615"), 0,
                                 2048,           QStringLiteral("f")};
        m_store->updateReply(reply, QStringLiteral("text"), tokens);
        m_store->finishReply(reply, QStringLiteral("text"), MessageStatus::Complete, {});
        const qint64 copy = m_store->messages(m_store->fork(reply)).last().id;
        for (const qint64 id : {reply, copy}) {
            const ReplyTokens read = m_store->replyTokens(id);
            QCOMPARE(read.ids, tokens.ids);
            QCOMPARE(read.ends, tokens.ends);
            QCOMPARE(read.seed, tokens.seed);
            QCOMPARE(read.position, tokens.position);
            QCOMPARE(read.contextSize, tokens.contextSize);
            QCOMPARE(read.fingerprint, tokens.fingerprint);
        }
        m_store->resumeReply(reply, false);
        QVERIFY(m_store->replyTokens(reply).ids.isEmpty());
    }

    void forksCopyThePath() {
        const qint64 first = m_store->beginReply(m_conversation, {QStringLiteral("tiny"), {}, {}, {}});
        ReplyStatistics statistics;
        statistics.memoryStartsAt = m_question;
        m_store->finishReply(first, QStringLiteral("one"), MessageStatus::Stopped, statistics);
        m_store->beginReply(m_conversation, {}, m_question);
        m_store->appendMessage(m_conversation, Author::User, QStringLiteral("more"), first);
        const qint64 fork = m_store->fork(first);
        const QList<Message> copy = m_store->messages(fork);
        QCOMPARE(copy.size(), 2);
        QCOMPARE(copy[0].text, QStringLiteral("question"));
        QCOMPARE(copy[1].text, QStringLiteral("one"));
        QCOMPARE(copy[1].status, MessageStatus::Stopped);
        QCOMPARE(copy[1].settings.checkpointName, QStringLiteral("tiny"));
        QCOMPARE(copy[1].statistics.memoryStartsAt, copy[0].id);
        QCOMPARE(copy[1].createdAt, m_store->messagesTo(first).last().createdAt);
        QCOMPARE(m_store->conversations()[0].title, QStringLiteral("question (branch)"));
        QCOMPARE(shown().size(), 3);  // where it came from is as it was
        m_store->appendMessage(fork, Author::User, QStringLiteral("elsewhere"));
        QCOMPARE(shown().size(), 3);
    }

    void theBinTakesBranches() {
        const qint64 one = addReply(QStringLiteral("one"));
        const qint64 more = m_store->appendMessage(m_conversation, Author::User, QStringLiteral("more"));
        m_store->beginReply(m_conversation, {}, m_question);
        const qint64 two = m_store->beginReply(m_conversation, {}, m_question);
        m_store->finishReply(two, QStringLiteral("two"), MessageStatus::Complete, {});
        m_store->showMessage(one);
        m_store->binBranch(one);
        QCOMPARE(shown(), QStringList({QStringLiteral("question"), QString()}));  // the sibling
        const QList<BinnedBranch> bin = m_store->binnedBranches();
        QCOMPARE(bin.size(), 1);
        QCOMPARE(bin[0].rootId, one);
        QCOMPARE(bin[0].messages, 2);
        QCOMPARE(bin[0].beginning, QStringLiteral("one"));
        QVERIFY_EXCEPTION_THROWN(m_store->binBranch(one), HistoryError);
        QVERIFY_EXCEPTION_THROWN(m_store->showMessage(more), HistoryError);
        QVERIFY_EXCEPTION_THROWN(m_store->setLeaf(more), HistoryError);
        QVERIFY_EXCEPTION_THROWN(m_store->appendMessage(m_conversation, Author::User, {}, more), HistoryError);
        m_store->restoreBranch(one);
        QCOMPARE(shown(), QStringList({QStringLiteral("question"), QStringLiteral("one"), QStringLiteral("more")}));
        QVERIFY(m_store->binnedBranches().isEmpty());
        QVERIFY_EXCEPTION_THROWN(m_store->restoreBranch(one), HistoryError);
        m_store->binBranch(m_question);
        QVERIFY(shown().isEmpty());
        QCOMPARE(m_store->leaf(m_conversation), 0);
        QCOMPARE(m_store->conversations()[0].preview, QString());
        m_store->appendMessage(m_conversation, Author::User, QStringLiteral("begun again"));
        QCOMPARE(shown(), QStringList{QStringLiteral("begun again")});
    }

    void whatIsErasedIsGone() {
        const qint64 reply = addReply(QStringLiteral("a secret to be erased"));
        addReply(QStringLiteral("below"));
        m_store->binBranch(reply);
        m_store->eraseBinned(QDateTime::currentDateTimeUtc().addDays(-1));
        QCOMPARE(m_store->binnedBranches().size(), 1);
        m_store->eraseBinned(QDateTime::currentDateTimeUtc().addSecs(1));
        QVERIFY(m_store->binnedBranches().isEmpty());
        for (const QFileInfo& file : QDir(m_folder->path()).entryInfoList(QDir::Files)) {
            QVERIFY2(!tests::contents(file.absoluteFilePath()).contains("secret to be"), qPrintable(file.fileName()));
        }
        QCOMPARE(shown(), QStringList{QStringLiteral("question")});
    }

    // Whatever the file says, each message can be reached.
    void aFileThatIsWrong() {
        const qint64 reply = addReply(QStringLiteral("answer"));
        {
            Database database(historyFile(m_folder->path()), Database::Mode::ReadWrite, 0);
            database.run("UPDATE messages SET parent_id = id");
            database.run("UPDATE conversations SET leaf_id = 12345");
        }
        QCOMPARE(shown(), QStringList({QStringLiteral("question"), QStringLiteral("answer")}));
        {
            Database database(historyFile(m_folder->path()), Database::Mode::ReadWrite, 0);
            database.run("UPDATE messages SET parent_id = (SELECT max(id) FROM messages)");
            database.run("UPDATE conversations SET leaf_id = NULL");
        }
        QCOMPARE(shown().size(), 2);
        m_store->appendMessage(m_conversation, Author::User, QStringLiteral("next"));
        QCOMPARE(m_store->messages(m_conversation).last().parentId, reply);
    }

    void allOfATree() {
        for (int i = 0; i < 100; ++i) {
            m_store->appendMessage(m_conversation, Author::User, QString::number(i), m_question);
        }
        int seen = 0;
        m_store->eachMessage(m_conversation, [&](const Message& message) {
            if (seen > 0 && (message.siblingIndex != seen - 1 || message.siblingCount != 100 ||
                             message.text != QString::number(seen - 1))) {
                return false;
            }
            return ++seen < 90;
        });
        QCOMPARE(seen, 90);
    }

private:
    qint64 addReply(const QString& text) {
        const qint64 id = m_store->beginReply(m_conversation, {});
        m_store->finishReply(id, text, MessageStatus::Complete, {});
        return id;
    }
    [[nodiscard]] QStringList shown() const {
        QStringList texts;
        for (const Message& message : m_store->messages(m_conversation)) {
            texts << message.text;
        }
        return texts;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<HistoryStore> m_store;
    qint64 m_conversation = 0;
    qint64 m_question = 0;
};

ALCOVE_TEST(TestHistoryTree)
#include "test_history_tree.moc"
