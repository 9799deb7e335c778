// The terminal's conversation over a Backend without weights.
#include <stdexcept>

#include <QTest>

#include "app/cli/conversation.h"
#include "app/fake/fake_backend.h"
#include "tests/app/exchange/exchange_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using cli::Answer;
using cli::Conversation;

struct TerminalFixture : ExchangeFixture {
    std::shared_ptr<FakeScript> script = std::make_shared<FakeScript>();
    FakeBackend backend{script};
    QStringList notices;
    QString printed;
    std::atomic<bool> stop = false;
    Conversation conversation{(prepare(), store), backend, [this] { return open(); }, sampling};

    void prepare() {
        script->replies = {"one two three"};
        script->devices = {{"Graphics", {}, true, {}}, {"Processor", {}, true, {}}};
        backend.notice = [this](const QString& sentence) { notices << sentence; };
    }
    LoadedCheckpoint open() {
        return backend.open(
            {.path = "/models/tiny", .device = "auto"}, [](double) {}, stop);
    }
    Answer ask(const QString& text) {
        return conversation.ask(
            text, [this](const QString& piece) { printed += piece; }, stop);
    }
};

class TestTerminalConversation : public QObject {
    Q_OBJECT

private slots:
    void isKept() {
        TerminalFixture fixture;
        const Answer first = fixture.ask("Go");
        QCOMPARE(fixture.printed, QString("one two three"));
        QCOMPARE(first.reply.text, fixture.printed);
        QCOMPARE(first.reply.statistics.stopReason, QString("endOfText"));
        QCOMPARE(first.reply.statistics.contextSize, 2048);
        QVERIFY(first.tokensPerSecond > 0);
        QVERIFY(first.unsaved.isEmpty());
        fixture.conversation.setSeed(9);
        QCOMPARE(fixture.ask("On").conversationId, first.conversationId);
        QCOMPARE(fixture.stored(first.conversationId),
                 QStringList({"user: Go", "reply: one two three", "user: On", "reply: one two three"}));
        const QList<Message> messages = fixture.store.messages(first.conversationId);
        QCOMPARE(messages[1].settings.checkpointPath, QString("/models/tiny"));
        QCOMPARE(messages[1].settings.device, QString("Graphics"));
        QVERIFY(messages[1].settings.sampling.contains("\"seed\":7,"));
        QVERIFY(messages[3].settings.sampling.contains("\"seed\":9,"));
        QCOMPARE(fixture.script->asked.last().turns.size(), 3);
        fixture.conversation.startNew();
        QVERIFY(fixture.ask("New").conversationId != first.conversationId);
        QCOMPARE(fixture.conversation.open(first.conversationId).size(), 4);
        QVERIFY_EXCEPTION_THROWN(fixture.conversation.open(99), HistoryError);
        QCOMPARE(fixture.conversation.id(), first.conversationId);
    }

    void stops() {
        TerminalFixture fixture;
        fixture.script->beforeToken = [&fixture](int token) { fixture.stop = token == 2; };
        const Answer answer = fixture.ask("Go");
        QCOMPARE(answer.reply.status, MessageStatus::Stopped);
        QCOMPARE(answer.reply.text, QString("one two"));
        QCOMPARE(fixture.store.messages(answer.conversationId).last().status, MessageStatus::Stopped);
    }

    void opensAgainAfterALostDevice() {
        TerminalFixture fixture;
        fixture.script->failure = BackendError{.sentence = "The device was lost.", .reopenNeeded = true};
        Answer answer = fixture.ask("Go");
        QCOMPARE(answer.reply.status, MessageStatus::Failed);
        QCOMPARE(answer.reply.error, QString("The device was lost."));
        QCOMPARE(fixture.store.messages(answer.conversationId).last().error, answer.reply.error);
        QCOMPARE(fixture.script->opened.size(), 1);

        fixture.script->openFailures.insert("/models/tiny", BackendError{"It is gone."});
        answer = fixture.ask("Again");  // kept, without a reply
        QCOMPARE(answer.reply.id, 0);
        QCOMPARE(answer.reply.error, QString("It is gone."));
        QCOMPARE(fixture.stored(answer.conversationId), QStringList({"user: Go", "reply: ", "user: Again"}));

        fixture.script->openFailures.clear();
        fixture.script->failure.reset();
        answer = fixture.ask("Once more");
        QCOMPARE(answer.reply.status, MessageStatus::Complete);
        QCOMPARE(fixture.script->opened.size(), 3);
        fixture.ask("And on");
        QCOMPARE(fixture.script->opened.size(), 3);
    }

    void anotherDeviceIsNamedInTheNextReply() {
        TerminalFixture fixture;
        fixture.script->deviceLostAtToken = 1;
        const qint64 id = fixture.ask("Go").conversationId;
        QCOMPARE(fixture.notices.size(), 1);
        fixture.ask("On");
        QCOMPARE(fixture.store.messages(id).last().settings.device, QString("Processor"));
    }

    // The output is gone, for one: what there is of the reply is kept all the same.
    void anInterruptedReplyIsKept() {
        TerminalFixture fixture;
        const auto fail = [](const QString&) { throw std::runtime_error("no output"); };
        QVERIFY_EXCEPTION_THROWN(fixture.conversation.ask("Go", fail, fixture.stop), std::runtime_error);
        const Message reply = fixture.store.messages(fixture.conversation.id()).last();
        QCOMPARE(reply.status, MessageStatus::Interrupted);
        QCOMPARE(reply.text, QString("one"));
    }

    void anEndThatCouldNotBeStoredIsTriedAgain() {
        TerminalFixture fixture;
        fixture.script->beforeToken = [&fixture](int token) {
            if (token == 1) {
                fixture.lock();
            }
        };
        const Answer answer = fixture.ask("Go");
        QCOMPARE(answer.reply.status, MessageStatus::Complete);
        QVERIFY(!answer.unsaved.isEmpty());
        QCOMPARE(fixture.conversation.open(answer.conversationId).last().text, QString("one two three"));
        fixture.unlock();
        fixture.script->beforeToken = {};
        QVERIFY(fixture.ask("On").unsaved.isEmpty());
        QCOMPARE(fixture.stored(answer.conversationId).at(1), QString("reply: one two three"));
    }
};

ALCOVE_TEST(TestTerminalConversation)
#include "test_terminal_conversation.moc"
