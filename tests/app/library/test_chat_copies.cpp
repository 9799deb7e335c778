// Quantised copies of checkpoints: offered, made, opened, declined, deleted.
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// The first of its checkpoints is in full precision.
struct CopyFixture : ChatFixture {
    CopyFixture() { script->fullPrecision = QStringList{"/fake/first"}; }

    [[nodiscard]] FakeCopies& copies() { return *script->copies; }
    [[nodiscard]] LibraryController& library() { return *app->library(); }
    [[nodiscard]] RunningCheckpoint& running() { return *app->running(); }
    [[nodiscard]] QVariant notice(NoticeListModel::Role role) {
        return app->notices()->data(app->notices()->index(0), role);
    }
    [[nodiscard]] bool offered() {
        return app->notices()->count() == 1 &&
               notice(NoticeListModel::ActionTextRole).toString() == QLatin1String("Make the copy");
    }
    void act() { app->notices()->act(notice(NoticeListModel::NoticeIdRole).toInt()); }
    void actOtherwise() { app->notices()->actOtherwise(notice(NoticeListModel::NoticeIdRole).toInt()); }
    [[nodiscard]] bool copyRuns() {
        return QTest::qWaitFor([this] { return running().fromCopy() && !running().loading(); }, 20000);
    }
    [[nodiscard]] bool originalRuns() {
        return QTest::qWaitFor([this] { return !running().fromCopy() && !running().loading(); }, 20000);
    }
    // Delivers the signals that are queued.
    void catchUp() {
        QCoreApplication::sendPostedEvents();
        QCoreApplication::processEvents();
    }
};

}  // namespace

class TestChatCopies : public QObject {
    Q_OBJECT

private slots:
    void offersMakesAndUsesACopy() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        QVERIFY(fixture.offered());
        const QString text = fixture.notices()[0];
        QVERIFY2(text.startsWith("first is stored in full precision (1.07\u00a0GB)."), qPrintable(text));
        QVERIFY2(text.contains("(301\u00a0MB)"), qPrintable(text));
        QVERIFY(fixture.notice(NoticeListModel::StaysRole).toBool());
        QCOMPARE(fixture.notice(NoticeListModel::SeverityRole).toString(), QString("info"));

        QVERIFY(fixture.chat().send("Hello"));  // nobody has to answer it
        QVERIFY(fixture.idle());
        QVERIFY(fixture.offered());
        const int conversation = fixture.chat().conversationId();
        fixture.chat().setDraft("half a");

        fixture.copyStep.holdAt(2);
        fixture.act();
        QVERIFY(fixture.app->copies()->making());
        QVERIFY(fixture.copyStep.held());
        QTRY_VERIFY(fixture.notice(NoticeListModel::ProgressRole).toDouble() > 0.3);
        QCOMPARE(fixture.notices().size(), 1);
        QCOMPARE(fixture.notice(NoticeListModel::ActionTextRole).toString(), QString("Stop"));
        fixture.copyStep.letGo();
        QVERIFY(fixture.copyRuns());
        QVERIFY(!fixture.app->copies()->making());
        QCOMPARE(fixture.script->opened.size(), 2);
        QCOMPARE(fixture.running().name(), QString("first"));
        QCOMPARE(fixture.running().path(), QString("/fake/first"));
        QCOMPARE(fixture.notices(), QStringList("first now runs from its smaller copy."));
        QVERIFY(!fixture.notice(NoticeListModel::StaysRole).toBool());
        QCOMPARE(fixture.app->copies()->count(), 1);
        QVERIFY(fixture.app->copies()->onDisk().contains("301\u00a0MB"));

        QCOMPARE(fixture.chat().conversationId(), conversation);
        QCOMPARE(fixture.chat().draft(), QString("half a"));
        QCOMPARE(fixture.messages().count(), 2);
        QVERIFY(fixture.chat().send("And now?"));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.messages().count(), 4);
        QCOMPARE(fixture.stored(conversation).last().settings.checkpointPath, QString("/fake/first"));

        fixture.close();
        QVERIFY(fixture.openReady());  // at once from the copy the next time
        QVERIFY(fixture.running().fromCopy());
        QCOMPARE(fixture.notices(), QStringList());
    }

    void notNowIsRemembered() {
        CopyFixture fixture;
        fixture.script->fullPrecision << "/fake/second";
        QVERIFY(fixture.openReady());
        QVERIFY(fixture.offered());
        fixture.actOtherwise();
        QCOMPARE(fixture.notices(), QStringList());
        fixture.close();
        QVERIFY(fixture.openReady());
        fixture.catchUp();
        QCOMPARE(fixture.notices(), QStringList());
        fixture.library().select("/fake/second");  // declined for the first one alone
        QTRY_VERIFY(fixture.offered());
        QVERIFY(fixture.notices()[0].startsWith("second "));

        fixture.app->settings()->setSmallerCopies(false);
        QCOMPARE(fixture.notices(), QStringList());
        fixture.app->settings()->setSmallerCopies(true);
        QVERIFY(fixture.offered());
        fixture.library().select("/fake/first");
        QTRY_COMPARE(fixture.running().name(), QString("first"));
        QVERIFY(fixture.offered());
        QVERIFY(fixture.notices()[0].startsWith("first "));
    }

    void offersNothingThatIsNotWorthwhileOrNotWanted() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        QVERIFY(fixture.offered());
        fixture.library().select("/fake/second");
        QTRY_COMPARE(fixture.running().name(), QString("second"));
        QCOMPARE(fixture.notices(), QStringList());  // taken back with the checkpoint
        fixture.app->settings()->setSmallerCopies(false);
        fixture.library().select("/fake/first");
        QTRY_COMPARE(fixture.running().name(), QString("first"));
        fixture.catchUp();
        QCOMPARE(fixture.notices(), QStringList());
        QVERIFY(!fixture.script->opened.last().useCopy);
    }

    void waitsForTheReply() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(2);
        QVERIFY(fixture.chat().send("Hello"));
        QVERIFY(fixture.token.held());
        fixture.act();
        QTRY_VERIFY(!fixture.app->copies()->making());
        fixture.catchUp();
        QVERIFY(!fixture.running().loading());
        QCOMPARE(fixture.notices(), QStringList());  // nor is it offered again
        QCOMPARE(fixture.chat().state(), ChatController::Writing);
        fixture.token.letGo();
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.status(), QString("complete"));
        QCOMPARE(fixture.texts().last(), QString("one two three four five"));
        QVERIFY(fixture.copyRuns());
        QCOMPARE(fixture.script->opened.size(), 2);
    }

    void stoppedItIsNotOfferedAgain() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.copyStep.holdAt(2);
        fixture.act();
        QVERIFY(fixture.copyStep.held());
        fixture.act();  // Stop
        fixture.copyStep.letGo();
        QTRY_VERIFY(!fixture.app->copies()->making());
        fixture.catchUp();
        QCOMPARE(fixture.notices(), QStringList());
        QVERIFY(fixture.copies().find("/fake/first").isEmpty());
        QCOMPARE(fixture.script->opened.size(), 1);
        fixture.app->settings()->setSmallerCopies(false);
        fixture.app->settings()->setSmallerCopies(true);
        QVERIFY(fixture.offered());
    }

    void switchingOffStopsIt() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.copyStep.holdAt(2);
        fixture.act();
        QVERIFY(fixture.copyStep.held());
        fixture.app->settings()->setSmallerCopies(false);
        fixture.copyStep.letGo();
        QTRY_VERIFY(!fixture.app->copies()->making());
        QCOMPARE(fixture.notices(), QStringList());
        QVERIFY(fixture.copies().find("/fake/first").isEmpty());
    }

    void saysWhyItWasNotMade() {
        CopyFixture fixture;
        fixture.copies().problem = "There is not enough room.";
        QVERIFY(fixture.openReady());
        fixture.act();
        QTRY_COMPARE(fixture.notices(),
                     QStringList("The smaller copy of first was not made. There is not enough room."));
        QCOMPARE(fixture.notice(NoticeListModel::SeverityRole).toString(), QString("error"));
        QCOMPARE(fixture.notice(NoticeListModel::ActionTextRole).toString(), QString("Try again"));
        fixture.copies().problem.clear();
        fixture.act();
        QVERIFY(fixture.copyRuns());
    }

    void closingGivesItUp() {
        CopyFixture fixture;
        fixture.copies().steps = 2000000000;
        QVERIFY(fixture.openReady());
        fixture.copyStep.holdAt(1);
        fixture.act();
        QVERIFY(fixture.copyStep.held());
        fixture.copyStep.letGo();
        fixture.close();
        QVERIFY(fixture.copies().find("/fake/first").isEmpty());
    }

    void anotherCheckpointChosenMeanwhileStays() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.copyStep.holdAt(2);
        fixture.act();
        QVERIFY(fixture.copyStep.held());
        fixture.library().select("/fake/second");
        QTRY_COMPARE(fixture.running().name(), QString("second"));
        fixture.copyStep.letGo();
        QTRY_VERIFY(!fixture.app->copies()->making());
        fixture.catchUp();
        QVERIFY(!fixture.running().loading());
        QCOMPARE(fixture.script->opened.size(), 2);
        fixture.library().select("/fake/first");
        QVERIFY(fixture.copyRuns());
        QCOMPARE(fixture.notices(), QStringList());
    }

    void switchingOffAndDeletingOpenTheCheckpointItself() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.act();
        QVERIFY(fixture.copyRuns());
        fixture.app->notices()->dismiss(fixture.notice(NoticeListModel::NoticeIdRole).toInt());
        fixture.app->settings()->setSmallerCopies(false);
        QVERIFY(fixture.originalRuns());
        QCOMPARE(fixture.notices(), QStringList());
        fixture.app->settings()->setSmallerCopies(true);
        QVERIFY(fixture.copyRuns());
        QCOMPARE(fixture.script->opened.size(), 4);

        fixture.app->notices()->dismiss(fixture.notice(NoticeListModel::NoticeIdRole).toInt());
        fixture.app->copies()->removeAll();
        QCOMPARE(fixture.app->copies()->count(), 0);
        QVERIFY(fixture.originalRuns());
        fixture.catchUp();
        QCOMPARE(fixture.notices(), QStringList());  // what was deleted is not offered at once
    }

    void nothingIsDeletedWhileACopyIsMade() {
        CopyFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.act();
        QVERIFY(fixture.copyRuns());
        fixture.script->fullPrecision << "/fake/second";
        fixture.app->notices()->dismiss(fixture.notice(NoticeListModel::NoticeIdRole).toInt());
        fixture.library().select("/fake/second");
        QTRY_VERIFY(fixture.offered());
        fixture.copyStep.holdAt(1);
        fixture.act();
        QVERIFY(fixture.copyStep.held());
        fixture.app->copies()->removeAll();
        QCOMPARE(fixture.app->copies()->count(), 1);
        fixture.copyStep.letGo();
        QTRY_COMPARE(fixture.app->copies()->count(), 2);
        QVERIFY(fixture.app->copies()->onDisk().contains("602\u00a0MB"));
    }
};

ALCOVE_TEST(TestChatCopies)
#include "test_chat_copies.moc"
