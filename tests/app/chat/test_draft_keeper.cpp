// Drafts are saved after a while, and tried again until they are.
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/chat/draft_keeper.h"
#include "tests/app/exchange/exchange_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestDraftKeeper : public QObject {
    Q_OBJECT

private slots:
    void savesByItself() {
        ExchangeFixture fixture;
        DraftKeeper drafts(fixture.store);
        drafts.setInterval(1);
        drafts.set(0, "half a thought");
        QCOMPARE(fixture.store.draft(0), QString());
        QTRY_COMPARE(fixture.store.draft(0), QString("half a thought"));
    }

    // Who types on and on is saved meanwhile.
    void typingDoesNotPutItOff() {
        ExchangeFixture fixture;
        DraftKeeper drafts(fixture.store);
        drafts.setInterval(5);
        QString text;
        while (fixture.store.draft(0).isEmpty() && text.size() < 10000) {
            drafts.set(0, text += 'x');
            QTest::qWait(1);
        }
        QVERIFY(!fixture.store.draft(0).isEmpty());
    }

    void eachConversationHasItsOwn() {
        ExchangeFixture fixture;
        DraftKeeper drafts(fixture.store);
        fixture.store.setDraft(3, "stored");
        QCOMPARE(drafts.draft(3), QString("stored"));
        drafts.set(0, "new");
        drafts.set(3, {});
        QCOMPARE(drafts.draft(0), QString("new"));
        QCOMPARE(drafts.draft(3), QString());  // though it is stored
        drafts.saveNow();
        QCOMPARE(fixture.store.draft(0), QString("new"));
        QCOMPARE(fixture.store.draft(3), QString());
    }

    void isTriedAgainUntilItIsSaved() {
        ExchangeFixture fixture;
        DraftKeeper drafts(fixture.store);
        drafts.setInterval(1);
        QSignalSpy failures(&drafts, &DraftKeeper::failed);
        fixture.lock();
        drafts.set(0, "half a thought");
        drafts.set(3, "another");
        drafts.saveNow();
        drafts.saveNow();
        QCOMPARE(failures.count(), 1);  // not at each attempt
        QVERIFY(!failures[0][0].toString().isEmpty());
        QCOMPARE(drafts.draft(0), QString("half a thought"));
        fixture.unlock();
        QTRY_COMPARE(fixture.store.draft(0), QString("half a thought"));
        QCOMPARE(fixture.store.draft(3), QString("another"));

        fixture.lock();
        drafts.set(0, "more");
        drafts.saveNow();
        QCOMPARE(failures.count(), 2);  // another trouble
        fixture.unlock();
        drafts.saveNow();
        QCOMPARE(fixture.store.draft(0), QString("more"));
    }
};

ALCOVE_TEST(TestDraftKeeper)
#include "test_draft_keeper.moc"
