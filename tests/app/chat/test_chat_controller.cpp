// Sending, stopping, making anew, switching, leaving: what happens to the messages, on screen and in the store.
#include "tests/app/chat/chat_house.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QString kReply = QStringLiteral("one two three four five");

}  // namespace

class TestChatController : public QObject {
    Q_OBJECT

private slots:
    void sendsAndReceives() {
        House house;
        QVERIFY(house.openReady());
        QSignalSpy states(&house.chat(), &ChatController::stateChanged);
        QCOMPARE(house.chat().title(), QString());
        QVERIFY(house.chat().send("\n\nHow are you?  \n"));
        QCOMPARE(house.chat().state(), ChatController::Reading);
        QVERIFY(house.idle());
        QCOMPARE(states.count(), 3);  // reading, writing, idle

        QCOMPARE(house.texts(), QStringList({"How are you?", kReply}));
        QCOMPARE(house.message(0, MessageListModel::AuthorRole).toString(), QString("user"));
        QCOMPARE(house.message(1, MessageListModel::AuthorRole).toString(), QString("assistant"));
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
        QVERIFY(house.message(1, MessageListModel::TokensPerSecondRole).toDouble() > 0);
        QVERIFY(!house.message(0, MessageListModel::IsLastRole).toBool());
        QVERIFY(house.message(1, MessageListModel::IsLastRole).toBool());
        QCOMPARE(house.chat().title(), QString("How are you?"));
        QCOMPARE(house.chat().contextSize(), 2048);
        QVERIFY(house.chat().contextUsed() > 0);

        const QList<Message> stored = house.stored(house.chat().conversationId());
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored[1].text, kReply);
        QCOMPARE(stored[1].status, MessageStatus::Complete);
        QCOMPARE(stored[1].settings.checkpointPath, QString("/fake/first"));
        QCOMPARE(stored[1].settings.sampling.value("topK").toInt(), 40);
        QVERIFY(stored[1].settings.sampling.value("seed").toInt() >= 0);
        QCOMPARE(stored[1].statistics.stopReason, QString("endOfText"));
    }

    void refusesBlankText() {
        House house;
        QVERIFY(house.openReady());
        QVERIFY(!house.chat().send(" \n\t"));
        QCOMPARE(house.messages().count(), 0);
        QCOMPARE(house.app->conversations()->count(), 0);
    }

    // Another program that opens the same history sees the message before the first token is there.
    void messageIsCommittedFirst() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(0);
        QVERIFY(house.chat().send("Keep this"));
        QVERIFY(house.token.held());
        const HistoryStore other = HistoryStore::open(house.folder.path());
        const QList<Message> stored = other.messages(house.chat().conversationId());
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored[0].text, QString("Keep this"));
        QCOMPARE(stored[1].status, MessageStatus::Writing);
        house.token.letGo();
        QVERIFY(house.idle());
    }

    void growingReplyIsSaved() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(2);
        house.chat().send("Go");
        QVERIFY(house.token.held());
        QTRY_COMPARE(house.stored(house.chat().conversationId()).last().text, QString("one two"));
        QCOMPARE(house.chat().state(), ChatController::Writing);
        QCOMPARE(house.status(), QString("writing"));
        house.token.letGo();
        QVERIFY(house.idle());
    }

    void onlyTheReplysRowChanges() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("Go");
        QVERIFY(house.idle());
        house.token.holdAt(0);
        house.chat().send("Again");
        QVERIFY(house.token.held());
        QTRY_COMPARE(house.chat().readingProgress(), 1.0);
        QSignalSpy changes(&house.messages(), &QAbstractItemModel::dataChanged);
        QSignalSpy inserted(&house.messages(), &QAbstractItemModel::rowsInserted);
        QSignalSpy reset(&house.messages(), &QAbstractItemModel::modelReset);
        house.token.letGo();
        QVERIFY(house.idle());
        int textChanges = 0;
        for (const QList<QVariant>& change : changes) {
            QCOMPARE(change[0].toModelIndex().row(), 3);
            QCOMPARE(change[1].toModelIndex().row(), 3);
            textChanges += change[2].value<QList<int>>().contains(MessageListModel::TextRole) ? 1 : 0;
        }
        QCOMPARE(textChanges, 5);  // one for each token
        QCOMPARE(inserted.count(), 0);
        QCOMPARE(reset.count(), 0);
    }

    void stops() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(2);
        house.chat().send("Go");
        QVERIFY(house.token.held());
        house.chat().stop();
        QCOMPARE(house.chat().state(), ChatController::Stopping);
        house.token.letGo();
        QVERIFY(house.idle());
        QCOMPARE(house.status(), QString("stopped"));
        QCOMPARE(house.texts().last(), QString("one two"));
        const Message reply = house.stored(house.chat().conversationId()).last();
        QCOMPARE(reply.status, MessageStatus::Stopped);
        QCOMPARE(reply.text, QString("one two"));
        QVERIFY(house.chat().canRegenerate());
    }

    void regenerates() {
        House house;
        house.script->replies = {"first", "second"};
        QVERIFY(house.openReady());
        QVERIFY(!house.chat().canRegenerate());
        house.chat().send("Go");
        QVERIFY(house.idle());
        QVERIFY(house.chat().canRegenerate());
        house.chat().regenerate();
        QCOMPARE(house.messages().count(), 2);
        QVERIFY(house.idle());
        QCOMPARE(house.texts(), QStringList({"Go", "second"}));
        QCOMPARE(house.stored(house.chat().conversationId()).size(), 2);
        QCOMPARE(house.stored(house.chat().conversationId())[1].text, QString("second"));
        QCOMPARE(house.script->asked.last().turns.size(), 1);  // the dropped reply was not shown to the model
    }

    // While a checkpoint loads nothing is lost by thinking better of it.
    void stoppingARegenerationThatHasNotBegunKeepsTheReply() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("Go");
        QVERIFY(house.idle());
        house.openStep.holdAt(0);
        house.app->library()->select("/fake/second");
        QVERIFY(house.openStep.held());
        house.chat().regenerate();
        QCOMPARE(house.chat().state(), ChatController::WaitingForCheckpoint);
        QCOMPARE(house.status(), QString("waiting"));
        house.chat().stop();
        QCOMPARE(house.chat().state(), ChatController::Idle);
        QCOMPARE(house.texts(), QStringList({"Go", kReply}));
        house.openStep.letGo();
        QTRY_COMPARE(house.app->running()->path(), QString("/fake/second"));
        QCOMPARE(house.stored(house.chat().conversationId()).size(), 2);
    }

    void sendsWhileACheckpointLoads() {
        House house;
        house.openStep.holdAt(0);
        house.open();
        QVERIFY(house.openStep.held());
        QVERIFY(house.chat().canSend());
        QVERIFY(house.chat().send("Early"));
        QCOMPARE(house.chat().state(), ChatController::WaitingForCheckpoint);
        QCOMPARE(house.status(), QString("waiting"));
        QCOMPARE(house.stored(house.chat().conversationId()).size(), 1);  // the message, and no reply yet
        house.openStep.letGo();
        QVERIFY(house.idle());
        QCOMPARE(house.texts(), QStringList({"Early", kReply}));
    }

    void sendsWhileBusy() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(1);
        house.chat().send("One");
        QVERIFY(house.token.held());
        QVERIFY(house.chat().send("Two"));
        QVERIFY(house.chat().send("Three"));
        QTRY_COMPARE(house.texts(), QStringList({"One", "one", "Two", "Three", ""}));
        QCOMPARE(house.stored(house.chat().conversationId()).size(), 4);  // saved at once
        house.token.letGo();
        QVERIFY(house.idle());
        QCOMPARE(house.texts(), QStringList({"One", kReply, "Two", "Three", kReply}));
        QCOMPARE(house.script->asked.size(), 2);  // one reply to both
        QCOMPARE(house.script->asked.last().turns.size(), 4);
    }

    void replyGoesOnInItsOwnConversation() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(2);
        house.chat().send("Here");
        QVERIFY(house.token.held());
        const int first = house.chat().conversationId();
        house.chat().newConversation();
        QCOMPARE(house.chat().state(), ChatController::Idle);
        QCOMPARE(house.messages().count(), 0);
        QVERIFY(house.chat().send("There"));  // waits for its turn
        const int second = house.chat().conversationId();
        QVERIFY(second != first);
        QCOMPARE(house.chat().state(), ChatController::WaitingForCheckpoint);
        house.chat().openConversation(first);
        QTRY_COMPARE(house.texts(), QStringList({"Here", "one two"}));
        QCOMPARE(house.chat().state(), ChatController::Writing);
        house.chat().openConversation(second);
        house.token.letGo();
        QVERIFY(house.idle());
        QCOMPARE(house.texts(), QStringList({"There", kReply}));
        QCOMPARE(house.stored(first).last().text, kReply);
        QCOMPARE(house.stored(second).last().text, kReply);
    }

    void deletingTheConversationStopsItsReply() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(2);
        house.chat().send("Away");
        QVERIFY(house.token.held());
        const int id = house.chat().conversationId();
        QSignalSpy finished(house.app->conversations(), &ConversationListModel::removed);
        house.app->conversations()->remove(id);
        QCOMPARE(finished.count(), 1);
        QCOMPARE(house.chat().conversationId(), 0);
        QCOMPARE(house.app->conversations()->count(), 0);
        house.token.letGo();
        QTRY_COMPARE(house.stored(id).last().status, MessageStatus::Stopped);
        QCOMPARE(house.stored(id).last().text, QString("one two"));
        house.app->conversations()->undoRemove();
        QCOMPARE(house.chat().conversationId(), id);  // it was open, so it is again
        QCOMPARE(house.texts(), QStringList({"Away", "one two"}));
    }

    void keepsDrafts() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("Hello");
        QVERIFY(house.idle());
        const int id = house.chat().conversationId();
        house.chat().setDraft("half a thought");
        house.chat().newConversation();
        QCOMPARE(house.chat().draft(), QString());
        house.chat().setDraft("another");
        house.chat().openConversation(id);
        QCOMPARE(house.chat().draft(), QString("half a thought"));
        house.chat().setDraft("half a thought more");
        house.close();  // saves what the timer has not
        QVERIFY(house.openReady());
        QCOMPARE(house.chat().draft(), QString("another"));
        house.chat().openConversation(id);
        QCOMPARE(house.chat().draft(), QString("half a thought more"));
        house.chat().send(house.chat().draft());
        QCOMPARE(house.chat().draft(), QString());
        QCOMPARE(house.app->store().draft(id), QString());
        QVERIFY(house.idle());
    }

    void quittingWhileWritingSavesWhatThereIs() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(3);
        house.chat().send("Go");
        QVERIFY(house.token.held());
        const int id = house.chat().conversationId();
        house.chat().send("Later");
        house.token.letGo();
        house.close();
        const HistoryStore store = HistoryStore::open(house.folder.path());
        const QList<Message> stored = store.messages(id);
        QCOMPARE(stored.size(), 3);
        QVERIFY(stored[1].text.startsWith("one two three"));
        QVERIFY(stored[1].status == MessageStatus::Stopped || stored[1].status == MessageStatus::Complete);
        QCOMPARE(stored[2].text, QString("Later"));
    }

    void failureIsShownAndCanBeRetried() {
        House house;
        house.script->failure = BackendError{.sentence = "The device has no memory left."};
        house.script->failAfterTokens = 1;
        QVERIFY(house.openReady());
        house.chat().send("Go");
        QVERIFY(house.idle());
        QCOMPARE(house.status(), QString("failed"));
        QCOMPARE(house.message(1, MessageListModel::ErrorTextRole).toString(), house.script->failure->sentence);
        const Message reply = house.stored(house.chat().conversationId()).last();
        QCOMPARE(reply.status, MessageStatus::Failed);
        QCOMPARE(reply.error, house.script->failure->sentence);
        QCOMPARE(reply.text, QString("one"));
        QCOMPARE(house.script->opened.size(), 1);
        house.script->failure.reset();
        house.chat().regenerate();
        QVERIFY(house.idle());
        QCOMPARE(house.texts(), QStringList({"Go", kReply}));
    }

    void lostDeviceIsOpenedAgainOnce() {
        House house;
        house.script->failure = BackendError{.sentence = "The device was lost.", .reopenNeeded = true};
        QVERIFY(house.openReady());
        house.chat().send("Go");
        QVERIFY(house.idle());
        QCOMPARE(house.status(), QString("failed"));
        QCOMPARE(house.notices().size(), 1);
        QTRY_COMPARE(house.app->running()->path(), QString("/fake/first"));
        QCOMPARE(house.script->opened.size(), 2);
        house.chat().regenerate();
        QVERIFY(house.idle());
        QCOMPARE(house.status(), QString("failed"));
        QCOMPARE(house.app->running()->path(), QString());  // not again
        QVERIFY(!house.app->running()->loading());
        QCOMPARE(house.notices().size(), 2);
        QVERIFY(!house.chat().canSend());
        house.script->failure.reset();
        house.app->library()->select("/fake/first");
        QTRY_VERIFY(house.chat().canRegenerate() && !house.app->running()->loading());
        house.chat().regenerate();
        QVERIFY(house.idle());
        QCOMPARE(house.texts().last(), kReply);
    }

    void showsWhereTheMemoryBegins() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("One");
        QVERIFY(house.idle());
        house.script->firstTurnInContext = 2;
        house.chat().send("Two");
        QVERIFY(house.idle());
        const auto starts = [&house](int row) {
            return house.message(row, MessageListModel::MemoryStartsHereRole).toBool();
        };
        QVERIFY(!starts(0) && !starts(1) && starts(2) && !starts(3));
        const int id = house.chat().conversationId();
        house.chat().newConversation();
        house.chat().openConversation(id);
        QVERIFY(starts(2));  // from the store
        house.script->firstTurnInContext = 0;
        house.chat().regenerate();
        QVERIFY(house.idle());
        QVERIFY(!starts(2));
    }

    void maxTokensAndSettingsReachTheEngine() {
        House house;
        QVERIFY(house.openReady());
        house.app->settings()->setMaxTokens(2);
        house.app->settings()->setSeed(7);
        house.app->settings()->setTemperature(0);
        house.chat().send("Go");
        QVERIFY(house.idle());
        QCOMPARE(house.texts().last(), QString("one two"));
        QCOMPARE(house.script->asked.last().sampling.seed, 7);
        QCOMPARE(house.script->asked.last().sampling.temperature, 0.0);
        QCOMPARE(house.stored(house.chat().conversationId()).last().statistics.stopReason, QString("maxTokens"));
    }
};

ALCOVE_TEST(TestChatController)
#include "test_chat_controller.moc"
