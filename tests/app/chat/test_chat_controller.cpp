// Sending, stopping, switching, leaving: what happens to the messages, on screen and in the store.
#include <QJsonDocument>
#include <QJsonObject>

#include "app/history/file/database.h"
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QString kReply = QStringLiteral("one two three four five");

}  // namespace

class TestChatController : public QObject {
    Q_OBJECT

private slots:
    void sendsAndReceives() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        QSignalSpy states(&fixture.chat(), &ChatController::stateChanged);
        QCOMPARE(fixture.chat().title(), QString());
        QVERIFY(fixture.chat().send("\n\nHow are you?  \n"));
        QCOMPARE(fixture.chat().state(), ChatController::Reading);
        QVERIFY(fixture.idle());
        QCOMPARE(states.count(), 3);  // reading, writing, idle

        QCOMPARE(fixture.texts(), QStringList({"How are you?", kReply}));
        QCOMPARE(fixture.message(0, MessageListModel::AuthorRole).toString(), QString("user"));
        QCOMPARE(fixture.message(1, MessageListModel::AuthorRole).toString(), QString("assistant"));
        QCOMPARE(fixture.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
        QVERIFY(fixture.message(1, MessageListModel::TokensPerSecondRole).toDouble() > 0);
        QVERIFY(!fixture.message(0, MessageListModel::IsLastRole).toBool());
        QVERIFY(fixture.message(1, MessageListModel::IsLastRole).toBool());
        QCOMPARE(fixture.chat().title(), QString("How are you?"));
        QCOMPARE(fixture.chat().contextSize(), 2048);
        QVERIFY(fixture.chat().contextUsed() > 0);

        const QList<Message> stored = fixture.stored(fixture.chat().conversationId());
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored[1].text, kReply);
        QCOMPARE(stored[1].status, MessageStatus::Complete);
        QCOMPARE(stored[1].settings.checkpointPath, QString("/fake/first"));
        const QJsonObject sampling = QJsonDocument::fromJson(stored[1].settings.sampling.toUtf8()).object();
        QCOMPARE(sampling.value("topK").toInt(), 40);
        QVERIFY(sampling.value("seed").toInt(-1) >= 0);
        QCOMPARE(stored[1].statistics.stopReason, QString("endOfText"));
    }

    void refusesBlankText() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        QVERIFY(!fixture.chat().send(" \n\t"));
        QCOMPARE(fixture.messages().count(), 0);
        QCOMPARE(fixture.app->conversations()->count(), 0);
    }

    // Another program that opens the same history sees the message before the first token is there.
    void messageIsCommittedFirst() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(0);
        QVERIFY(fixture.chat().send("Keep this"));
        QVERIFY(fixture.token.held());
        const HistoryStore other = HistoryStore::open(fixture.folder.path());
        const QList<Message> stored = other.messages(fixture.chat().conversationId());
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored[0].text, QString("Keep this"));
        QCOMPARE(stored[1].status, MessageStatus::Writing);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
    }

    void growingReplyIsSaved() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(2);
        fixture.chat().send("Go");
        QVERIFY(fixture.token.held());
        QTRY_COMPARE(fixture.stored(fixture.chat().conversationId()).last().text, QString("one two"));
        QCOMPARE(fixture.chat().state(), ChatController::Writing);
        QCOMPARE(fixture.status(), QString("writing"));
        fixture.token.letGo();
        QVERIFY(fixture.idle());
    }

    // A turn of the event loop reads a bounded part of the history, and all of it comes in the end.
    void longTextsAreReadInTurns() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        HistoryStore& store = fixture.app->store();
        const qint64 id = store.createConversation("Long");
        // Its first bytes end before a byte order mark, which is a character as any other.
        const QString mark = QChar(QChar::ByteOrderMark);
        const QString question = QString(HistoryStore::kBeginningBytes, u'a') + mark +
                                 QString::fromUtf8("\u00e4\u20ac\U0001f600 words\n").repeated(60'000);
        const QString reply = "```\n" + QString("int a;\n").repeated(300'000) + "```\n";
        store.appendMessage(id, Author::User, question);
        store.appendMessage(id, Author::Assistant, reply);
        qint64 read = store.textBytesRead();
        const auto turnBytes = [&store, &read] {
            return store.textBytesRead() - std::exchange(read, store.textBytesRead());
        };
        fixture.chat().openConversation(static_cast<int>(id));
        QVERIFY(turnBytes() <= 600 * 1024);
        // Before the end is there, who asks for the whole gets it.
        MessageBlockModel* const blocks = fixture.messages()
                                              .data(fixture.messages().index(1), MessageListModel::BlocksRole)
                                              .value<MessageBlockModel*>();
        blocks->present();
        QCOMPARE(fixture.messages().text(0), question);
        QCOMPARE(fixture.messages().lastReply(), reply);
        QCOMPARE(blocks->code(0).size(), reply.size() - 9);  // without the fences
        turnBytes();
        QSignalSpy changes(&fixture.messages(), &QAbstractItemModel::dataChanged);
        qint64 most = 0;
        for (const QDeadlineTimer end(20'000); changes.count() < 2 && !end.hasExpired();) {
            QCoreApplication::processEvents();
            most = std::max(most, turnBytes());
        }
        QCOMPARE(changes.count(), 2);
        constexpr qint64 kMostInATurn = 512 * 1024;
        QVERIFY2(most > 0 && most <= kMostInATurn, qPrintable(QString::number(most)));
        QCOMPARE(fixture.messages().text(0), question);
        QCOMPARE(fixture.messages().text(1), reply);
        QCOMPARE(turnBytes(), 0);
    }

    // The model is given all of a long text, also if only its beginning has been read for the window.
    void aLongTextIsSentWhole() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        HistoryStore& store = fixture.app->store();
        const qint64 id = store.createConversation("Long");
        const QString question = QString("words ").repeated(100'000) + "end";
        store.appendMessage(id, Author::User, question);
        fixture.chat().openConversation(static_cast<int>(id));
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.script->asked.last().turns.first().text, question);
        QCOMPARE(fixture.stored(id).first().text, question);
    }

    void onlyTheReplysRowChanges() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        fixture.token.holdAt(0);
        fixture.chat().send("Again");
        QVERIFY(fixture.token.held());
        QTRY_COMPARE(fixture.chat().readingProgress(), 1.0);
        QSignalSpy changes(&fixture.messages(), &QAbstractItemModel::dataChanged);
        QSignalSpy inserted(&fixture.messages(), &QAbstractItemModel::rowsInserted);
        QSignalSpy reset(&fixture.messages(), &QAbstractItemModel::modelReset);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
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
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(2);
        fixture.chat().send("Go");
        QVERIFY(fixture.token.held());
        fixture.chat().stop();
        QCOMPARE(fixture.chat().state(), ChatController::Stopping);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.status(), QString("stopped"));
        QCOMPARE(fixture.texts().last(), QString("one two"));
        const Message reply = fixture.stored(fixture.chat().conversationId()).last();
        QCOMPARE(reply.status, MessageStatus::Stopped);
        QCOMPARE(reply.text, QString("one two"));
        QVERIFY(fixture.chat().canRegenerate());
    }

    void sendsWhileACheckpointLoads() {
        ChatFixture fixture;
        fixture.openStep.holdAt(0);
        fixture.open();
        QVERIFY(fixture.openStep.held());
        QVERIFY(fixture.chat().canSend());
        QVERIFY(fixture.chat().send("Early"));
        QCOMPARE(fixture.chat().state(), ChatController::WaitingForCheckpoint);
        QCOMPARE(fixture.status(), QString("waiting"));
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 1);  // the message, and no reply yet
        fixture.openStep.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Early", kReply}));
    }

    void sendsWhileBusy() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(1);
        fixture.chat().send("One");
        QVERIFY(fixture.token.held());
        QVERIFY(fixture.chat().send("Two"));
        QVERIFY(fixture.chat().send("Three"));
        QTRY_COMPARE(fixture.texts(), QStringList({"One", "one", "Two", "Three", ""}));
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 4);  // saved at once
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"One", kReply, "Two", "Three", kReply}));
        QCOMPARE(fixture.script->asked.size(), 2);  // one reply to both
        QCOMPARE(fixture.script->asked.last().turns.size(), 4);
    }

    void replyGoesOnInItsOwnConversation() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(2);
        fixture.chat().send("Here");
        QVERIFY(fixture.token.held());
        const int first = fixture.chat().conversationId();
        fixture.chat().newConversation();
        QCOMPARE(fixture.chat().state(), ChatController::Idle);
        QCOMPARE(fixture.messages().count(), 0);
        QVERIFY(fixture.chat().send("There"));  // waits for its turn
        const int second = fixture.chat().conversationId();
        QVERIFY(second != first);
        QCOMPARE(fixture.chat().state(), ChatController::WaitingForCheckpoint);
        fixture.chat().openConversation(first);
        QTRY_COMPARE(fixture.texts(), QStringList({"Here", "one two"}));
        QCOMPARE(fixture.chat().state(), ChatController::Writing);
        fixture.chat().openConversation(second);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"There", kReply}));
        QCOMPARE(fixture.stored(first).last().text, kReply);
        QCOMPARE(fixture.stored(second).last().text, kReply);
    }

    void deletingTheConversationStopsItsReply() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(2);
        fixture.chat().send("Away");
        QVERIFY(fixture.token.held());
        const int id = fixture.chat().conversationId();
        QSignalSpy finished(fixture.app->conversations(), &ConversationListModel::removed);
        fixture.app->conversations()->remove(id);
        QCOMPARE(finished.count(), 1);
        QCOMPARE(fixture.chat().conversationId(), 0);
        QCOMPARE(fixture.app->conversations()->count(), 0);
        fixture.token.letGo();
        QTRY_COMPARE(fixture.stored(id).last().status, MessageStatus::Stopped);
        QCOMPARE(fixture.stored(id).last().text, QString("one two"));
        fixture.app->conversations()->undoRemove();
        QCOMPARE(fixture.chat().conversationId(), id);  // it was open, so it is again
        QCOMPARE(fixture.texts(), QStringList({"Away", "one two"}));
    }

    void keepsDrafts() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Hello");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        fixture.chat().setDraft("half a thought");
        fixture.chat().newConversation();
        QCOMPARE(fixture.chat().draft(), QString());
        fixture.chat().setDraft("another");
        fixture.chat().openConversation(id);
        QCOMPARE(fixture.chat().draft(), QString("half a thought"));
        fixture.chat().setDraft("half a thought more");
        fixture.close();  // saves what the timer has not
        QVERIFY(fixture.openReady());
        fixture.chat().newConversation();  // the one that was open is open again
        QCOMPARE(fixture.chat().draft(), QString("another"));
        fixture.chat().openConversation(id);
        QCOMPARE(fixture.chat().draft(), QString("half a thought more"));
        fixture.chat().send(fixture.chat().draft());
        QCOMPARE(fixture.chat().draft(), QString());
        QCOMPARE(fixture.app->store().draft(id), QString());
        QVERIFY(fixture.idle());
    }

    // Another program is writing into the history for a while.
    void aDraftThatCouldNotBeSavedIsSavedLater() {
        ChatFixture fixture;
        fixture.options.history.busyTimeoutMs = 0;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Hello");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        {
            Database other(fixture.folder.filePath("history.sqlite"), Database::Mode::ReadWrite, 0);
            const Transaction writing(other);
            fixture.chat().setDraft("half a thought");
            fixture.chat().newConversation();
            QCOMPARE(fixture.notices().size(), 1);
            QCOMPARE(fixture.chat().draft(), QString());
            fixture.chat().openConversation(id);
            QCOMPARE(fixture.chat().draft(), QString("half a thought"));
            fixture.chat().newConversation();
            QCOMPARE(fixture.app->store().draft(id), QString());
        }
        QTRY_COMPARE(fixture.app->store().draft(id), QString("half a thought"));
    }

    void quittingWhileWritingSavesWhatThereIs() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(3);
        fixture.chat().send("Go");
        QVERIFY(fixture.token.held());
        const int id = fixture.chat().conversationId();
        fixture.chat().send("Later");
        fixture.token.letGo();
        fixture.close();
        const HistoryStore store = HistoryStore::open(fixture.folder.path());
        const QList<Message> stored = store.messages(id);
        QCOMPARE(stored.size(), 3);
        QVERIFY(stored[1].text.startsWith("one two three"));
        QVERIFY(stored[1].status == MessageStatus::Stopped || stored[1].status == MessageStatus::Complete);
        QCOMPARE(stored[2].text, QString("Later"));
    }

    void failureIsShownAndCanBeRetried() {
        ChatFixture fixture;
        fixture.script->failure = BackendError{.sentence = "The device has no memory left."};
        fixture.script->failAfterTokens = 1;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.status(), QString("failed"));
        QCOMPARE(fixture.message(1, MessageListModel::ErrorTextRole).toString(), fixture.script->failure->sentence);
        const Message reply = fixture.stored(fixture.chat().conversationId()).last();
        QCOMPARE(reply.status, MessageStatus::Failed);
        QCOMPARE(reply.error, fixture.script->failure->sentence);
        QCOMPARE(reply.text, QString("one"));
        QCOMPARE(fixture.script->opened.size(), 1);
        fixture.script->failure.reset();
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", kReply}));
    }

    void lostDeviceIsOpenedAgainOnce() {
        ChatFixture fixture;
        fixture.script->failure = BackendError{.sentence = "The device was lost.", .reopenNeeded = true};
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.status(), QString("failed"));
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY(fixture.notices()[0].contains("being reopened"));
        QTRY_COMPARE(fixture.app->running()->path(), QString("/fake/first"));
        QCOMPARE(fixture.script->opened.size(), 2);
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.status(), QString("failed"));
        QCOMPARE(fixture.app->running()->path(), QString());  // not again
        QVERIFY(!fixture.app->running()->loading());
        QCOMPARE(fixture.notices().size(), 1);  // in the place of the one before
        QVERIFY(fixture.notices()[0].contains("happened again"));
        QVERIFY(!fixture.chat().canSend());
        fixture.script->failure.reset();
        fixture.app->library()->select("/fake/first");
        QTRY_VERIFY(fixture.chat().canRegenerate() && !fixture.app->running()->loading());
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts().last(), kReply);
    }

    void showsWhereTheMemoryBegins() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("One");
        QVERIFY(fixture.idle());
        fixture.script->firstTurnInContext = 2;
        fixture.chat().send("Two");
        QVERIFY(fixture.idle());
        const auto starts = [&fixture](int row) {
            return fixture.message(row, MessageListModel::MemoryStartsHereRole).toBool();
        };
        QVERIFY(!starts(0) && !starts(1) && starts(2) && !starts(3));
        const int id = fixture.chat().conversationId();
        fixture.chat().newConversation();
        fixture.chat().openConversation(id);
        QVERIFY(starts(2));  // from the store
        fixture.script->firstTurnInContext = 0;
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        QVERIFY(!starts(2));
    }

    void maxTokensAndSettingsReachTheEngine() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.app->settings()->setMaxTokens(2);
        fixture.app->settings()->setSeed(7);
        fixture.app->settings()->setTemperature(0);
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts().last(), QString("one two"));
        QCOMPARE(fixture.script->asked.last().sampling.seed, 7);
        QCOMPARE(fixture.script->asked.last().sampling.temperature, 0.0);
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).last().statistics.stopReason, QString("maxTokens"));
    }
};

ALCOVE_TEST(TestChatController)
#include "test_chat_controller.moc"
