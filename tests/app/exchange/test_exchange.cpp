// One exchange, from the message that is committed to the reply as the history keeps it.
#include <QTest>

#include "app/exchange/exchange.h"
#include "app/exchange/reply_keeper.h"
#include "tests/app/exchange/exchange_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

struct WithKeeper : ExchangeFixture {
    ReplyKeeper keeper{store, [] { return 0; }};

    // The old reply is being made anew.
    Exchange beginAnew() {
        const qint64 old = addReplied("Go", "old");
        Exchange exchange(store, keeper, {.conversationId = conversation, .replacedId = old});
        if (!exchange.begin(checkpoint, sampling)) {
            qFatal("Nothing to answer");
        }
        return exchange;
    }
};

namespace {

GenerationProgress token(int number, const QString& text) {
    return {
        .promptTokensDone = 9, .promptTokens = 9, .generatedTokens = number, .contextUsed = 9 + number, .text = text};
}

const QStringList kOld = {"user: Go", "reply: old"};

}  // namespace

class TestExchange : public QObject {
    Q_OBJECT

private slots:
    void messageIsCommittedFirst() {
        WithKeeper fixture;
        const Message first = commitMessage(fixture.store, 0, "Hello");
        QVERIFY(first.conversationId != 0);
        QCOMPARE(fixture.store.conversations().at(0).title, QString("Hello"));
        const Message second = commitMessage(fixture.store, first.conversationId, "There");
        QCOMPARE(second.conversationId, first.conversationId);
        QCOMPARE(fixture.stored(first.conversationId), QStringList({"user: Hello", "user: There"}));
        QCOMPARE(fixture.store.messages(first.conversationId).last().id, second.id);
        fixture.lock();
        QVERIFY_EXCEPTION_THROWN(commitMessage(fixture.store, 0, "Lost"), HistoryError);
        fixture.unlock();
        QCOMPARE(fixture.store.conversations().size(), 1);
    }

    void makesAReply() {
        WithKeeper fixture;
        fixture.addReplied("One", "1");
        commitMessage(fixture.store, fixture.conversation, "Two");
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation});
        QCOMPARE(exchange.step(), ExchangeStep::Waiting);
        const std::optional<GenerationRequest> request = exchange.begin(fixture.checkpoint, fixture.sampling);
        QVERIFY(request);
        QCOMPARE(request->checkpoint, fixture.checkpoint.id);
        QCOMPARE(request->turns.size(), 3);
        QCOMPARE(request->turns[1].text, QString("1"));
        QVERIFY(!request->turns[1].fromUser);
        QCOMPARE(request->sampling.seed, 7);
        QCOMPARE(exchange.step(), ExchangeStep::Reading);
        QCOMPARE(fixture.store.messages(fixture.conversation).last().status, MessageStatus::Writing);
        QVERIFY(!exchange.begin(fixture.checkpoint, fixture.sampling));  // not twice

        exchange.take({.promptTokensDone = 4, .promptTokens = 9});
        QCOMPARE(exchange.step(), ExchangeStep::Reading);
        exchange.take(token(1, "to"));
        exchange.take(token(2, {}));
        exchange.take(token(3, "gether"));
        QCOMPARE(exchange.step(), ExchangeStep::Writing);
        QCOMPARE(exchange.progress().generatedTokens, 3);
        exchange.finish({.reason = EndReason::StopString, .contextUsed = 12, .firstTurnInContext = 2});
        QCOMPARE(exchange.step(), ExchangeStep::Idle);

        const Message reply = fixture.store.messages(fixture.conversation).last();
        QCOMPARE(reply.text, QString("together"));
        QCOMPARE(reply.status, MessageStatus::Complete);
        QCOMPARE(reply.settings.checkpointName, QString("tiny"));
        QCOMPARE(reply.statistics.stopReason, QString("stopString"));
        QCOMPARE(reply.statistics.contextSize, 64);
        QCOMPARE(reply.statistics.memoryStartsAt, fixture.store.messages(fixture.conversation)[2].id);
        QCOMPARE(exchange.reply().text, reply.text);
    }

    void nothingToAnswer() {
        WithKeeper fixture;
        fixture.addReplied("Go", "old");
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation});
        QVERIFY(!exchange.begin(fixture.checkpoint, fixture.sampling));
        QCOMPARE(exchange.step(), ExchangeStep::Waiting);
        QCOMPARE(fixture.stored(fixture.conversation), kOld);
    }

    void aReplyThatCannotBeStoredDoesNotBegin() {
        WithKeeper fixture;
        fixture.conversation = commitMessage(fixture.store, 0, "Go").conversationId;
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation});
        fixture.lock();
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(exchange.begin(fixture.checkpoint, fixture.sampling)), HistoryError);
        fixture.unlock();
        QCOMPARE(exchange.step(), ExchangeStep::Waiting);
        QVERIFY(exchange.begin(fixture.checkpoint, fixture.sampling));
    }

    void whatComesTooEarlyOrTooLateChangesNothing() {
        WithKeeper fixture;
        fixture.conversation = commitMessage(fixture.store, 0, "Go").conversationId;
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation});
        exchange.take(token(1, "early"));
        exchange.fail("early");
        QCOMPARE(exchange.step(), ExchangeStep::Waiting);
        QVERIFY(exchange.begin(fixture.checkpoint, fixture.sampling));
        exchange.take(token(1, "in time"));
        exchange.finish({});
        exchange.take(token(2, "late"));
        exchange.fail("late");
        exchange.abandon(MessageStatus::Stopped);
        const Message reply = fixture.store.messages(fixture.conversation).last();
        QCOMPARE(reply.text, QString("in time"));
        QCOMPARE(reply.status, MessageStatus::Complete);
        QCOMPARE(reply.error, QString());
    }

    void ends_data() {
        QTest::addColumn<int>("status");
        QTest::newRow("stopped") << static_cast<int>(MessageStatus::Stopped);
        QTest::newRow("failed") << static_cast<int>(MessageStatus::Failed);
        QTest::newRow("interrupted") << static_cast<int>(MessageStatus::Interrupted);
    }
    void ends() {
        QFETCH(int, status);
        WithKeeper fixture;
        fixture.conversation = commitMessage(fixture.store, 0, "Go").conversationId;
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation});
        QVERIFY(exchange.begin(fixture.checkpoint, fixture.sampling));
        exchange.take(token(1, "as far as this"));
        exchange.stop();
        QCOMPARE(exchange.step(), ExchangeStep::Stopping);
        end(exchange, static_cast<MessageStatus>(status));
        const Message reply = fixture.store.messages(fixture.conversation).last();
        QCOMPARE(static_cast<int>(reply.status), status);
        QCOMPARE(reply.text, QString("as far as this"));
        QCOMPARE(reply.statistics.contextSize, 64);
        QCOMPARE(reply.error, status == static_cast<int>(MessageStatus::Failed) ? QString("Too long.") : QString());
    }

    // However it ends without text, the reply that there was stays.
    void theOldReplyStaysUntilThereIsANewOne_data() { ends_data(); }
    void theOldReplyStaysUntilThereIsANewOne() {
        QFETCH(int, status);
        WithKeeper fixture;
        Exchange exchange = fixture.beginAnew();
        QCOMPARE(fixture.stored(fixture.conversation), kOld);
        exchange.take({.promptTokensDone = 9, .promptTokens = 9});
        end(exchange, static_cast<MessageStatus>(status));
        QVERIFY(exchange.leftReplaced());
        QCOMPARE(fixture.stored(fixture.conversation), kOld);
        QCOMPARE(fixture.store.messages(fixture.conversation).last().status, MessageStatus::Complete);
    }

    void theFirstTextIsShownInItsPlace() {
        WithKeeper fixture;
        Exchange exchange = fixture.beginAnew();
        const qint64 old = fixture.store.messages(fixture.conversation).last().id;
        exchange.take(token(1, {}));  // half a character
        fixture.keeper.saveNow();
        QCOMPARE(fixture.stored(fixture.conversation), kOld);
        exchange.take(token(2, "n"));
        fixture.keeper.saveNow();
        QCOMPARE(fixture.stored(fixture.conversation), QStringList({"user: Go", "reply: n"}));
        exchange.take(token(3, "ew"));
        exchange.fail("Too long.");
        QVERIFY(!exchange.leftReplaced());
        QCOMPARE(fixture.stored(fixture.conversation), QStringList({"user: Go", "reply: new"}));
        QCOMPARE(fixture.store.siblings(old), QList<qint64>({old, exchange.reply().id}));
        QCOMPARE(fixture.store.text(old), QString("old"));
    }

    void aModelThatSaysNothingHasMadeNoReply() {
        WithKeeper fixture;
        Exchange exchange = fixture.beginAnew();
        exchange.finish({.reason = EndReason::EndOfText});
        QVERIFY(exchange.leftReplaced());
        QCOMPARE(fixture.stored(fixture.conversation), kOld);
    }

    void whiteSpaceIsNoText() {
        WithKeeper fixture;
        Exchange exchange = fixture.beginAnew();
        exchange.take(token(1, "\n"));
        QVERIFY(fixture.keeper.saved());
        QCOMPARE(fixture.stored(fixture.conversation), kOld);
        exchange.fail("Too long.");
        QVERIFY(exchange.leftReplaced());
        QCOMPARE(fixture.stored(fixture.conversation), kOld);

        Exchange another(fixture.store, fixture.keeper,
                         {.conversationId = fixture.conversation,
                          .replacedId = fixture.store.messages(fixture.conversation).last().id});
        QVERIFY(another.begin(fixture.checkpoint, fixture.sampling));
        another.take(token(1, "\n "));
        another.take(token(2, "new"));
        fixture.keeper.saveNow();
        QCOMPARE(fixture.stored(fixture.conversation), QStringList({"user: Go", "reply: \n new"}));
    }

    // The program dies at any point of it: what the history has then is the old reply or text of the new one.
    void dyingLeavesTheOldReplyOrText() {
        for (int tokens = 0; tokens <= 2; ++tokens) {
            WithKeeper fixture;
            Exchange exchange = fixture.beginAnew();
            for (int i = 1; i <= tokens; ++i) {
                exchange.take(token(i, i == 1 ? "\n" : "new"));
            }
            fixture.keeper.saveNow();
            { const HistoryStore gone = std::move(fixture.store); }
            fixture.store = HistoryStore::open(fixture.folder.path());
            const QStringList expected = tokens < 2 ? kOld : QStringList({"user: Go", "reply: \nnew"});
            QCOMPARE(fixture.stored(fixture.conversation), expected);
        }
    }

    void aFailedReplyWithoutTextIsReplacedByAnother() {
        WithKeeper fixture;
        const qint64 old = fixture.addReplied("Go", {});
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation, .replacedId = old});
        QVERIFY(exchange.begin(fixture.checkpoint, fixture.sampling));
        exchange.fail("Too long.");
        QVERIFY(!exchange.leftReplaced());
        const QList<Message> messages = fixture.store.messages(fixture.conversation);
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages.last().error, QString("Too long."));
    }

    // A reply that was stopped goes on from its tokens, by its own sampling; what was held back until its end is made
    // again.
    void goesOn() {
        WithKeeper fixture;
        fixture.checkpoint.fingerprint = "model";
        fixture.conversation = commitMessage(fixture.store, 0, "Go").conversationId;
        qint64 id = 0;
        {
            Exchange first(fixture.store, fixture.keeper, {.conversationId = fixture.conversation});
            QVERIFY(first.begin(fixture.checkpoint, fixture.sampling));
            GenerationProgress progress = token(1, "on");
            progress.tokens = {{11, 2}};
            first.take(progress);
            progress = token(2, "e t");
            progress.tokens = {{12, 1}, {13, 2}};
            first.take(progress);
            first.take({.text = "wo"});  // held back
            first.finish({.reason = EndReason::Stopped, .generatedTokens = 3});
            id = first.reply().id;
        }
        QCOMPARE(fixture.store.replyTokens(id).ends, QList<qint32>({2, 3, 5}));
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation, .continuedId = id});
        const std::optional<GenerationRequest> request = exchange.begin(fixture.checkpoint, {.seed = 99});
        QVERIFY(request);
        QCOMPARE(request->turns.size(), 1);
        QCOMPARE(request->begunTokens, QList<qint32>({11, 12, 13}));
        QCOMPARE(request->begunText, QString("one t"));
        QCOMPARE(request->sampling.seed, 7);
        QCOMPARE(fixture.store.messages(fixture.conversation).last().status, MessageStatus::Writing);
        QVERIFY(exchange.reply().status == MessageStatus::Writing);
        GenerationProgress progress = token(1, "hree");
        progress.tokens = {{14, 4}};
        exchange.take(progress);
        exchange.finish({.reason = EndReason::EndOfText, .generatedTokens = 4});
        const Message reply = fixture.store.messages(fixture.conversation).last();
        QCOMPARE(reply.id, id);
        QCOMPARE(reply.text, QString("one three"));
        QCOMPARE(reply.status, MessageStatus::Complete);
        QCOMPARE(fixture.store.replyTokens(id).ids, QList<qint32>({11, 12, 13, 14}));
        QCOMPARE(fixture.store.replyTokens(id).ends, QList<qint32>({2, 3, 5, 9}));
        QCOMPARE(fixture.store.replyTokens(id).seed, QString("7"));
    }

    void goesOnFromItsTextWhereTheTokensAreAnothersOrNotKnown() {
        WithKeeper fixture;
        fixture.checkpoint.fingerprint = "model";
        const qint64 id = fixture.addReplied("Go", "one");
        fixture.store.updateReply(id, "one", {{1}, {3}, {}, 0, 64, "another model"});
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation, .continuedId = id});
        const std::optional<GenerationRequest> request = exchange.begin(fixture.checkpoint, fixture.sampling);
        QVERIFY(request);
        QVERIFY(request->begunTokens.isEmpty());
        QCOMPARE(request->begunText, QString("one"));
        QVERIFY(fixture.store.replyTokens(id).ids.isEmpty());  // they are not those of what it becomes
        GenerationProgress progress = token(1, " two");
        progress.tokens = {{2, 4}};
        exchange.take(progress);
        exchange.finish({.reason = EndReason::MaxTokens});
        QCOMPARE(fixture.store.text(id), QString("one two"));
        QVERIFY(fixture.store.replyTokens(id).ids.isEmpty());
    }

    // However it ends before anything is added, the reply is what it was.
    void aReplyThatDoesNotGoOnIsAsItWas() {
        WithKeeper fixture;
        const qint64 id = fixture.addReplied("Go", "one two");
        fixture.store.updateReply(id, "one two", {{1}, {3}, {}, 0, 64, "model"});
        fixture.checkpoint.fingerprint = "model";
        Exchange exchange(fixture.store, fixture.keeper, {.conversationId = fixture.conversation, .continuedId = id});
        QVERIFY(exchange.begin(fixture.checkpoint, fixture.sampling));
        QCOMPARE(exchange.reply().text, QString("one"));
        exchange.fail("Too long.");
        QCOMPARE(fixture.store.text(id), QString("one two"));
        QCOMPARE(fixture.store.messages(fixture.conversation).last().error, QString("Too long."));
        QCOMPARE(fixture.store.replyTokens(id).ids, QList<qint32>{1});
        Exchange none(fixture.store, fixture.keeper, {.conversationId = fixture.conversation, .continuedId = id + 1});
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(none.begin(fixture.checkpoint, fixture.sampling)), HistoryError);
    }

private:
    static void end(Exchange& exchange, MessageStatus status) {
        if (status == MessageStatus::Stopped) {
            exchange.finish({.reason = EndReason::Stopped});
        } else if (status == MessageStatus::Failed) {
            exchange.fail("Too long.");
        } else {
            exchange.abandon(status);
        }
    }
};

ALCOVE_TEST(TestExchange)
#include "test_exchange.moc"
