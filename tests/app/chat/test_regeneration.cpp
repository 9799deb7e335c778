// Making a reply anew: the one before is kept, and shown until the new one has text, whatever happens.
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

const QString kFirstReply = QStringLiteral("one two three four five");

}  // namespace

class TestRegeneration : public QObject {
    Q_OBJECT

private slots:
    void regenerates() {
        ChatFixture fixture;
        fixture.script->replies = {"first", "second"};
        QVERIFY(fixture.openReady());
        QVERIFY(!fixture.chat().canRegenerate());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        QVERIFY(fixture.chat().canRegenerate());
        fixture.chat().regenerate();
        QCOMPARE(fixture.messages().count(), 2);
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", "second"}));
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 2);
        QCOMPARE(fixture.stored(fixture.chat().conversationId())[1].text, QString("second"));
        QCOMPARE(fixture.script->asked.last().turns.size(), 1);  // the dropped reply was not shown to the model
    }

    // While a checkpoint loads, the reply that is to be made anew is still there.
    void stoppingARegenerationThatHasNotBegunKeepsTheReply() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        fixture.openStep.holdAt(0);
        fixture.app->library()->select("/fake/second");
        QVERIFY(fixture.openStep.held());
        fixture.chat().regenerate();
        QCOMPARE(fixture.chat().state(), ChatController::WaitingForCheckpoint);
        QCOMPARE(fixture.status(), QString("waiting"));
        fixture.chat().stop();
        QCOMPARE(fixture.chat().state(), ChatController::Idle);
        QCOMPARE(fixture.texts(), QStringList({"Go", kFirstReply}));
        fixture.openStep.letGo();
        QTRY_COMPARE(fixture.app->running()->path(), QString("/fake/second"));
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 2);
    }

    // Refused (the conversation is too long for the context, for one) before its first text.
    void aFailedRegenerationKeepsTheReply() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        const qint64 reply = fixture.stored(id).last().id;
        fixture.script->failure = BackendError{.sentence = "The conversation is too long."};
        fixture.chat().regenerate();
        QCOMPARE(fixture.texts(), QStringList({"Go", ""}));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", kFirstReply}));
        QCOMPARE(fixture.status(), QString("complete"));
        QCOMPARE(fixture.stored(id).size(), 2);
        QCOMPARE(fixture.stored(id).last().id, reply);
        QCOMPARE(fixture.stored(id).last().text, kFirstReply);
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY2(fixture.notices()[0].contains(fixture.script->failure->sentence), qPrintable(fixture.notices()[0]));
        fixture.script->failure.reset();
        fixture.script->replies = {"better"};
        QVERIFY(fixture.chat().canRegenerate());
        fixture.chat().regenerate();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", "better"}));
        QCOMPARE(fixture.stored(id).size(), 2);
    }

    void stoppingARegenerationBeforeItsFirstTextKeepsTheReply() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        fixture.token.holdAt(0);
        fixture.chat().regenerate();
        QVERIFY(fixture.token.held());
        fixture.chat().newConversation();
        fixture.chat().openConversation(id);
        QCOMPARE(fixture.texts(), QStringList({"Go", ""}));  // the one that is being made
        QCOMPARE(fixture.status(), QString("reading"));
        QCOMPARE(fixture.stored(id).last().text, kFirstReply);
        fixture.chat().stop();
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts(), QStringList({"Go", kFirstReply}));
        QCOMPARE(fixture.stored(id).size(), 2);
        QCOMPARE(fixture.stored(id).last().text, kFirstReply);
        QCOMPARE(fixture.notices(), QStringList());
    }

    void quittingBeforeTheFirstTextOfARegenerationKeepsTheReply() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        fixture.script->failure = BackendError{.sentence = "Too late to be shown."};
        fixture.token.holdAt(0);
        fixture.chat().regenerate();
        QVERIFY(fixture.token.held());
        fixture.token.letGo();
        fixture.close();
        const QList<Message> stored = HistoryStore::open(fixture.folder.path()).messages(id);
        QCOMPARE(stored.size(), 2);
        QCOMPARE(stored.last().text, kFirstReply);
    }

    void theFirstTextOfARegenerationTakesTheReplysPlace() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Go");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        fixture.token.holdAt(1);
        fixture.chat().regenerate();
        QVERIFY(fixture.token.held());
        QTRY_COMPARE(fixture.texts().last(), QString("one"));
        fixture.chat().saveNow();
        QCOMPARE(fixture.stored(id).last().text, QString("one"));
        QCOMPARE(fixture.stored(id).last().siblingIndex, 1);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
    }
};

ALCOVE_TEST(TestRegeneration)
#include "test_regeneration.moc"
