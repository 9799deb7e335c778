// What is asked of the engine, and what is kept of how a reply was made.
#include <QTest>

#include "app/exchange/message_path.h"
#include "app/exchange/reply_record.h"
#include "app/session/engine_backend.h"
#include "engine/generator.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

Message message(qint64 id, Author author, const QString& text) {
    Message result;
    result.id = id;
    result.author = author;
    result.text = text;
    return result;
}

QStringList turnsOf(const MessagePath& path) {
    QStringList result;
    for (const ChatTurn& turn : path.turns) {
        result << (turn.fromUser ? "user: " : "reply: ") + turn.text;
    }
    return result;
}

}  // namespace

class TestReplyRecord : public QObject {
    Q_OBJECT

private slots:
    void pathLeavesOutEmptyReplies() {
        const MessagePath path = messagePath({message(3, Author::User, "One"), message(4, Author::Assistant, {}),
                                              message(7, Author::User, "Two"), message(8, Author::Assistant, "2"),
                                              message(9, Author::User, "Three")});
        QCOMPARE(turnsOf(path), QStringList({"user: One", "user: Two", "reply: 2", "user: Three"}));
        QCOMPARE(path.messageIds, QList<qint64>({3, 7, 8, 9}));
        QVERIFY(path.answerable());
    }

    void pathLeavesOutWhatIsReplaced() {
        const QList<Message> messages = {message(3, Author::User, "One"), message(4, Author::Assistant, "1"),
                                         message(5, Author::Assistant, "I")};
        QVERIFY(!messagePath(messages).answerable());
        const MessagePath path = questionPath(messages);
        QCOMPARE(turnsOf(path), QStringList{"user: One"});
        QCOMPARE(path.messageIds, QList<qint64>{3});
        QVERIFY(path.answerable());
        QVERIFY(!questionPath({message(4, Author::Assistant, "1")}).answerable());
        QVERIFY(!messagePath({}).answerable());
    }

    // Each reason of the engine has its own name in the history.
    void reasons() {
        using Reason = engine::StopReason;
        const QList<std::pair<Reason, QString>> expected = {{Reason::EndOfText, "endOfText"},
                                                            {Reason::StopString, "stopString"},
                                                            {Reason::MaxTokens, "maxTokens"},
                                                            {Reason::ContextFull, "contextFull"},
                                                            {Reason::Cancelled, "cancelled"}};
        for (const auto& [reason, name] : expected) {
            QCOMPARE(endReasonName(endReasonFrom(reason)), name);
        }
    }

    void sampling() {
        const SamplingSettings settings = {.temperature = 0.7,
                                           .topK = 12,
                                           .topP = 0.5,
                                           .minP = 0.25,
                                           .repetitionPenalty = 1.5,
                                           .maxTokens = 33,
                                           .seed = 4294967296};
        QCOMPARE(samplingToJson(settings),
                 QString(R"({"maxTokens":33,"minP":0.25,"repetitionPenalty":1.5,"seed":4294967296,"temperature":0.7,)"
                         R"("topK":12,"topP":0.5})"));
        QCOMPARE(samplingFromJson(samplingToJson(settings), {}), settings);
        // What is missing or no number is as in the other settings.
        const SamplingSettings mixed = samplingFromJson(R"({"topK":-5,"topP":"x","seed":9})", settings);
        QCOMPARE(mixed.topK, 0);
        QCOMPARE(mixed.topP, 0.5);
        QCOMPARE(mixed.seed, 9);
        QCOMPARE(samplingFromJson("no JSON", settings), settings);
    }

    void whatCanBeGoneOnWith() {
        Message reply = message(1, Author::Assistant, "text");
        QVERIFY(!canGoOn(reply));
        reply.statistics.stopReason = "maxTokens";
        QVERIFY(canGoOn(reply));
        reply.statistics.stopReason = "contextFull";
        QVERIFY(canGoOn(reply));
        reply.statistics.stopReason = "stopString";
        QVERIFY(!canGoOn(reply));
        for (const MessageStatus status : {MessageStatus::Stopped, MessageStatus::Failed, MessageStatus::Interrupted}) {
            reply.status = status;
            QVERIFY(canGoOn(reply));
        }
        reply.text = " ";
        QVERIFY(!canGoOn(reply));
        reply.text = "text";
        reply.author = Author::User;
        QVERIFY(!canGoOn(reply));
    }

    void reply() {
        const LoadedCheckpoint checkpoint = {
            .path = "/models/tiny", .name = "tiny", .detail = {}, .deviceName = "Radeon", .deviceDetail = {}};
        const Message reply = emptyReply(5, checkpoint, {.seed = 7});
        QCOMPARE(reply.conversationId, 5);
        QCOMPARE(reply.author, Author::Assistant);
        QCOMPARE(reply.status, MessageStatus::Writing);
        QCOMPARE(reply.settings.checkpointName, QString("tiny"));
        QCOMPARE(reply.settings.checkpointPath, QString("/models/tiny"));
        QCOMPARE(reply.settings.device, QString("Radeon"));
        QVERIFY(reply.settings.sampling.contains("\"seed\":7,"));
    }

    void statistics() {
        const GenerationOutcome outcome = {.reason = EndReason::StopString,
                                           .promptTokens = 20,
                                           .reusedTokens = 11,
                                           .generatedTokens = 9,
                                           .contextUsed = 29,
                                           .prefillSeconds = 0.5,
                                           .tokensPerSecond = 12};
        const ReplyStatistics statistics = statisticsOf(outcome, {3, 7}, 64);
        QCOMPARE(statistics.promptTokens, 20);
        QCOMPARE(statistics.reusedTokens, 11);
        QCOMPARE(statistics.generatedTokens, 9);
        QCOMPARE(statistics.contextUsed, 29);
        QCOMPARE(statistics.contextSize, 64);
        QCOMPARE(statistics.tokensPerSecond, 12.0);
        QCOMPARE(statistics.prefillSeconds, 0.5);
        QCOMPARE(statistics.stopReason, QString("stopString"));
        QCOMPARE(statistics.memoryStartsAt, 0);
    }

    void memoryStart_data() {
        QTest::addColumn<int>("contextUsed");
        QTest::addColumn<int>("firstTurn");
        QTest::addColumn<int>("startsAt");
        QTest::newRow("all of it") << 29 << 0 << 0;
        QTest::newRow("from the second") << 29 << 1 << 7;
        QTest::newRow("stopped before a token was read") << 0 << 1 << 0;
        QTest::newRow("a turn that is not there") << 29 << 2 << 0;
    }
    void memoryStart() {
        QFETCH(int, contextUsed);
        QFETCH(int, firstTurn);
        const GenerationOutcome outcome = {.contextUsed = contextUsed, .firstTurnInContext = firstTurn};
        QTEST(static_cast<int>(statisticsOf(outcome, {3, 7}, 64).memoryStartsAt), "startsAt");
    }
};

ALCOVE_TEST(TestReplyRecord)
#include "test_reply_record.moc"
