// How long the message that is being written is, and what is too long to send.
#include <QtTest/QTest>

#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestDraftSize : public QObject {
    Q_OBJECT

private slots:
    void countsWhatIsTyped() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        DraftSize& size = *fixture.chat().draftSize();
        QCOMPARE(size.figures(), QString());
        fixture.chat().setDraft("one two three");
        QTRY_COMPARE(size.figures(), QString("7 of 2,016 tokens"));
        QVERIFY(!size.tooLong());
        fixture.chat().setDraft(" ");
        QCOMPARE(size.figures(), QString());
    }

    void tooLongIsNotSent() {
        ChatFixture fixture;
        fixture.script->contextSize = 64;
        QVERIFY(fixture.openReady());
        const QString text = QString("word ").repeated(40);
        fixture.chat().setDraft(text);
        fixture.chat().submit();
        QTRY_VERIFY(fixture.chat().draftSize()->tooLong());
        QCOMPARE(fixture.chat().draftSize()->problem(),
                 QString("This is too long for first. Shorten it by about 13 tokens, or choose a model with a larger "
                         "context."));
        QCOMPARE(fixture.messages().count(), 0);
        QCOMPARE(fixture.chat().draft(), text);
        // What is short enough is sent, also before it was counted.
        fixture.chat().setDraft("short");
        fixture.chat().submit();
        QTRY_COMPARE(fixture.messages().count(), 2);
        QCOMPARE(fixture.chat().draft(), QString());
        QVERIFY(fixture.idle());
    }

    // While a reply is made the engine counts nothing; that must not keep a message from being stored.
    void isSentWhileTheEngineIsBusy() {
        ChatFixture fixture;
        fixture.script->contextSize = 64;
        fixture.token.holdAt(1);
        QVERIFY(fixture.openReady());
        QVERIFY(fixture.chat().send("One"));
        QVERIFY(fixture.token.held());
        fixture.chat().setDraft("Two");
        fixture.chat().submit();
        QCOMPARE(fixture.texts().contains("Two"), true);
        for (int i = 0; i < 5; ++i) {
            fixture.chat().setDraft(QString("Three ").repeated(i + 1));
            QTest::qWait(2 * DraftSize::kRestMs / 5);
        }
        fixture.token.letGo();
        QTRY_COMPARE(fixture.chat().draftSize()->figures(), QString("10 of 32 tokens"));
        QVERIFY(fixture.script->counted <= 2);  // not one for each pause
        QVERIFY(fixture.idle());
    }

    void systemPromptGoesWithTheRequest() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.app->settings()->setSystemPrompt("  Be brief. ");
        QVERIFY(fixture.chat().send("One"));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.script->asked.last().systemPrompt, QString("Be brief."));
    }
};

ALCOVE_TEST(TestDraftSize)
#include "test_draft_size.moc"
