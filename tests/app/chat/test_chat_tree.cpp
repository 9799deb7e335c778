// The window's side of the tree: versions of messages, walking between them, going on, forks, the bin.
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

struct TreeFixture : ChatFixture {
    // Two questions with a reply each.
    [[nodiscard]] bool talked() {
        script->replies = {"first", "second", "third", "fourth"};
        if (!openReady()) {
            return false;
        }
        for (const char* question : {"One", "Two"}) {
            chat().send(question);
            if (!idle()) {
                return false;
            }
        }
        return texts() == QStringList({"One", "first", "Two", "second"});
    }
    [[nodiscard]] qint64 id(int row) { return message(row, MessageListModel::MessageIdRole).toLongLong(); }
    [[nodiscard]] QString versions(int row) {
        return QStringLiteral("%1/%2")
            .arg(message(row, MessageListModel::SiblingIndexRole).toInt() + 1)
            .arg(message(row, MessageListModel::SiblingCountRole).toInt());
    }
};

class TestChatTree : public QObject {
    Q_OBJECT

private slots:
    void editing() {
        TreeFixture fixture;
        QVERIFY(fixture.talked());
        QVERIFY(!fixture.chat().editMessage(fixture.id(0), " \n"));
        QVERIFY(!fixture.chat().editMessage(fixture.id(1), "a reply"));
        QVERIFY(fixture.chat().editMessage(fixture.id(0), "One, better"));
        QVERIFY(!fixture.chat().canChange());
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"One, better", "third"}));
        QCOMPARE(fixture.versions(0), QString("2/2"));
        QCOMPARE(fixture.script->asked.last().turns.size(), 1);
        fixture.chat().showSibling(fixture.id(0), -1);
        QCOMPARE(fixture.texts(), QStringList({"One", "first", "Two", "second"}));
        QCOMPARE(fixture.versions(0), QString("1/2"));
        fixture.chat().showSibling(fixture.id(0), -1);  // there is none
        QCOMPARE(fixture.texts().size(), 4);
        QVERIFY(fixture.chat().editMessage(fixture.id(2), "Two, better"));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"One", "first", "Two, better", "fourth"}));
        QCOMPARE(fixture.script->asked.last().turns.size(), 3);
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 4);
    }

    void versionsOfReplies() {
        TreeFixture fixture;
        QVERIFY(fixture.talked());
        fixture.chat().regenerateReply(fixture.id(1));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"One", "third"}));
        QCOMPARE(fixture.versions(1), QString("2/2"));
        QSignalSpy resets(&fixture.messages(), &QAbstractItemModel::modelReset);
        fixture.chat().showSibling(fixture.id(1), -1);
        QCOMPARE(fixture.texts(), QStringList({"One", "first", "Two", "second"}));
        QCOMPARE(resets.count(), 0);  // what both paths have stays on the screen
        // The path is stored: it is the one that is shown next time.
        const int conversation = fixture.chat().conversationId();
        fixture.chat().newConversation();
        fixture.chat().openConversation(conversation);
        QCOMPARE(fixture.texts().size(), 4);
        QCOMPARE(fixture.versions(1), QString("1/2"));
    }

    // While a reply is being made anew, the next message follows on it.
    void sendingWhileAReplyIsMadeAnew() {
        TreeFixture fixture;
        QVERIFY(fixture.talked());
        fixture.token.holdAt(0);
        fixture.chat().regenerate();
        QVERIFY(fixture.token.held());
        QTRY_COMPARE(fixture.status(), QString("reading"));
        QVERIFY(fixture.chat().send("Three"));
        fixture.token.letGo();
        QTRY_COMPARE(fixture.texts(), QStringList({"One", "first", "Two", "third", "Three", "fourth"}));
        QVERIFY(fixture.idle());
        const QList<Message> stored = fixture.stored(fixture.chat().conversationId());
        QCOMPARE(stored.size(), 6);
        QCOMPARE(stored[4].parentId, stored[3].id);
    }

    void goingOn() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.app->settings()->setMaxTokens(2);
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        const auto canContinue = [&] {
            return fixture.message(fixture.messages().count() - 1, MessageListModel::CanContinueRole).toBool();
        };
        QCOMPARE(fixture.texts(), QStringList({"Go", "one two"}));
        QVERIFY(canContinue());
        fixture.chat().continueReply();
        QVERIFY(!canContinue());
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", "one two three four"}));
        // Begun by that limit, it keeps it, whatever is set meanwhile.
        fixture.app->settings()->setMaxTokens(0);
        fixture.token.holdAt(0);
        fixture.chat().continueReply();
        QVERIFY(fixture.token.held());
        QTRY_COMPARE(fixture.status(), QString("reading"));
        fixture.chat().stop();
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", "one two three four"}));
        QCOMPARE(fixture.status(), QString("stopped"));
        fixture.chat().continueReply();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", "one two three four five"}));
        QCOMPARE(fixture.status(), QString("complete"));
        QVERIFY(!canContinue());
        fixture.chat().continueReply();
        QCOMPARE(fixture.chat().state(), ChatController::Idle);
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 2);
    }

    void forks() {
        TreeFixture fixture;
        QVERIFY(fixture.talked());
        const int from = fixture.chat().conversationId();
        fixture.chat().fork(fixture.id(1));
        QVERIFY(fixture.chat().conversationId() != from);
        QCOMPARE(fixture.texts(), QStringList({"One", "first"}));
        QCOMPARE(fixture.chat().title(), QString("One (branch)"));
        fixture.chat().send("Elsewhere");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.stored(from).size(), 4);
    }

    void deleting() {
        TreeFixture fixture;
        QVERIFY(fixture.talked());
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        const qint64 first = fixture.id(1);
        fixture.chat().removeMessage(fixture.id(3));
        QCOMPARE(fixture.texts(), QStringList({"One", "first", "Two", "second"}));  // the other version
        QCOMPARE(fixture.versions(3), QString("1/1"));
        fixture.chat().removeMessage(first);
        QCOMPARE(fixture.texts(), QStringList{"One"});
        QVERIFY(fixture.chat().canRegenerate());
        const auto undo = [&] {
            const NoticeListModel& notices = *fixture.app->notices();
            const QModelIndex last = notices.index(notices.count() - 1);
            fixture.app->notices()->act(notices.data(last, NoticeListModel::NoticeIdRole).toInt());
        };
        undo();
        QCOMPARE(fixture.texts(), QStringList({"One", "first", "Two", "second"}));
        // Undone while another conversation is open.
        fixture.chat().removeMessage(first);
        const int conversation = fixture.chat().conversationId();
        fixture.chat().newConversation();
        undo();
        QVERIFY(fixture.texts().isEmpty());
        fixture.chat().openConversation(conversation);
        QCOMPARE(fixture.texts().size(), 4);
    }
};

ALCOVE_TEST(TestChatTree)
#include "test_chat_tree.moc"
