// Quantised copies of checkpoints: offered, made, opened, declined, deleted.
#include "tests/app/chat/chat_house.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// The first of its checkpoints is in full precision.
struct CopyHouse : House {
    CopyHouse() { script->fullPrecision = QStringList{"/fake/first"}; }

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
        CopyHouse house;
        QVERIFY(house.openReady());
        QVERIFY(house.offered());
        const QString text = house.notices()[0];
        QVERIFY2(text.startsWith("first is stored in full precision (1.07\u00a0GB)."), qPrintable(text));
        QVERIFY2(text.contains("(301\u00a0MB)"), qPrintable(text));
        QVERIFY(house.notice(NoticeListModel::StaysRole).toBool());
        QCOMPARE(house.notice(NoticeListModel::SeverityRole).toString(), QString("info"));

        QVERIFY(house.chat().send("Hello"));  // nobody has to answer it
        QVERIFY(house.idle());
        QVERIFY(house.offered());
        const int conversation = house.chat().conversationId();
        house.chat().setDraft("half a");

        house.copyStep.holdAt(2);
        house.act();
        QVERIFY(house.app->copies()->making());
        QVERIFY(house.copyStep.held());
        QTRY_VERIFY(house.notice(NoticeListModel::ProgressRole).toDouble() > 0.3);
        QCOMPARE(house.notices().size(), 1);
        QCOMPARE(house.notice(NoticeListModel::ActionTextRole).toString(), QString("Stop"));
        house.copyStep.letGo();
        QVERIFY(house.copyRuns());
        QVERIFY(!house.app->copies()->making());
        QCOMPARE(house.script->opened.size(), 2);
        QCOMPARE(house.running().name(), QString("first"));
        QCOMPARE(house.running().path(), QString("/fake/first"));
        QCOMPARE(house.notices(), QStringList("first runs from its smaller copy from here on."));
        QVERIFY(!house.notice(NoticeListModel::StaysRole).toBool());
        QCOMPARE(house.app->copies()->count(), 1);
        QVERIFY(house.app->copies()->onDisk().contains("301\u00a0MB"));

        QCOMPARE(house.chat().conversationId(), conversation);
        QCOMPARE(house.chat().draft(), QString("half a"));
        QCOMPARE(house.messages().count(), 2);
        QVERIFY(house.chat().send("And now?"));
        QVERIFY(house.idle());
        QCOMPARE(house.messages().count(), 4);
        QCOMPARE(house.stored(conversation).last().settings.checkpointPath, QString("/fake/first"));

        house.close();
        QVERIFY(house.openReady());  // at once from the copy the next time
        QVERIFY(house.running().fromCopy());
        QCOMPARE(house.notices(), QStringList());
    }

    void notNowIsRemembered() {
        CopyHouse house;
        house.script->fullPrecision << "/fake/second";
        QVERIFY(house.openReady());
        QVERIFY(house.offered());
        house.actOtherwise();
        QCOMPARE(house.notices(), QStringList());
        house.close();
        QVERIFY(house.openReady());
        house.catchUp();
        QCOMPARE(house.notices(), QStringList());
        house.library().select("/fake/second");  // declined for the first one alone
        QTRY_VERIFY(house.offered());
        QVERIFY(house.notices()[0].startsWith("second "));

        house.app->settings()->setSmallerCopies(false);
        QCOMPARE(house.notices(), QStringList());
        house.app->settings()->setSmallerCopies(true);
        QVERIFY(house.offered());
        house.library().select("/fake/first");
        QTRY_COMPARE(house.running().name(), QString("first"));
        QVERIFY(house.offered());
        QVERIFY(house.notices()[0].startsWith("first "));
    }

    void offersNothingThatIsNotWorthwhileOrNotWanted() {
        CopyHouse house;
        QVERIFY(house.openReady());
        QVERIFY(house.offered());
        house.library().select("/fake/second");
        QTRY_COMPARE(house.running().name(), QString("second"));
        QCOMPARE(house.notices(), QStringList());  // taken back with the checkpoint
        house.app->settings()->setSmallerCopies(false);
        house.library().select("/fake/first");
        QTRY_COMPARE(house.running().name(), QString("first"));
        house.catchUp();
        QCOMPARE(house.notices(), QStringList());
        QVERIFY(!house.script->opened.last().useCopy);
    }

    void waitsForTheReply() {
        CopyHouse house;
        QVERIFY(house.openReady());
        house.token.holdAt(2);
        QVERIFY(house.chat().send("Hello"));
        QVERIFY(house.token.held());
        house.act();
        QTRY_VERIFY(!house.app->copies()->making());
        house.catchUp();
        QVERIFY(!house.running().loading());
        QCOMPARE(house.notices(), QStringList());  // nor is it offered again
        QCOMPARE(house.chat().state(), ChatController::Writing);
        house.token.letGo();
        QVERIFY(house.idle());
        QCOMPARE(house.status(), QString("complete"));
        QCOMPARE(house.texts().last(), QString("one two three four five"));
        QVERIFY(house.copyRuns());
        QCOMPARE(house.script->opened.size(), 2);
    }

    void stoppedItIsNotOfferedAgain() {
        CopyHouse house;
        QVERIFY(house.openReady());
        house.copyStep.holdAt(2);
        house.act();
        QVERIFY(house.copyStep.held());
        house.act();  // Stop
        house.copyStep.letGo();
        QTRY_VERIFY(!house.app->copies()->making());
        house.catchUp();
        QCOMPARE(house.notices(), QStringList());
        QVERIFY(house.copies().find("/fake/first").isEmpty());
        QCOMPARE(house.script->opened.size(), 1);
        house.app->settings()->setSmallerCopies(false);
        house.app->settings()->setSmallerCopies(true);
        QVERIFY(house.offered());
    }

    void switchingOffStopsIt() {
        CopyHouse house;
        QVERIFY(house.openReady());
        house.copyStep.holdAt(2);
        house.act();
        QVERIFY(house.copyStep.held());
        house.app->settings()->setSmallerCopies(false);
        house.copyStep.letGo();
        QTRY_VERIFY(!house.app->copies()->making());
        QCOMPARE(house.notices(), QStringList());
        QVERIFY(house.copies().find("/fake/first").isEmpty());
    }

    void saysWhyItWasNotMade() {
        CopyHouse house;
        house.copies().problem = "There is not enough room.";
        QVERIFY(house.openReady());
        house.act();
        QTRY_COMPARE(house.notices(), QStringList("The smaller copy of first was not made. There is not enough room."));
        QCOMPARE(house.notice(NoticeListModel::SeverityRole).toString(), QString("error"));
        QCOMPARE(house.notice(NoticeListModel::ActionTextRole).toString(), QString("Try again"));
        house.copies().problem.clear();
        house.act();
        QVERIFY(house.copyRuns());
    }

    void closingGivesItUp() {
        CopyHouse house;
        house.copies().steps = 2000000000;
        QVERIFY(house.openReady());
        house.copyStep.holdAt(1);
        house.act();
        QVERIFY(house.copyStep.held());
        house.copyStep.letGo();
        house.close();
        QVERIFY(house.copies().find("/fake/first").isEmpty());
    }

    void anotherCheckpointChosenMeanwhileStays() {
        CopyHouse house;
        QVERIFY(house.openReady());
        house.copyStep.holdAt(2);
        house.act();
        QVERIFY(house.copyStep.held());
        house.library().select("/fake/second");
        QTRY_COMPARE(house.running().name(), QString("second"));
        house.copyStep.letGo();
        QTRY_VERIFY(!house.app->copies()->making());
        house.catchUp();
        QVERIFY(!house.running().loading());
        QCOMPARE(house.script->opened.size(), 2);
        house.library().select("/fake/first");
        QVERIFY(house.copyRuns());
        QCOMPARE(house.notices(), QStringList());
    }

    void switchingOffAndDeletingOpenTheCheckpointItself() {
        CopyHouse house;
        QVERIFY(house.openReady());
        house.act();
        QVERIFY(house.copyRuns());
        house.app->notices()->dismiss(house.notice(NoticeListModel::NoticeIdRole).toInt());
        house.app->settings()->setSmallerCopies(false);
        QVERIFY(house.originalRuns());
        QCOMPARE(house.notices(), QStringList());
        house.app->settings()->setSmallerCopies(true);
        QVERIFY(house.copyRuns());
        QCOMPARE(house.script->opened.size(), 4);

        house.app->notices()->dismiss(house.notice(NoticeListModel::NoticeIdRole).toInt());
        house.app->copies()->removeAll();
        QCOMPARE(house.app->copies()->count(), 0);
        QVERIFY(house.originalRuns());
        house.catchUp();
        QCOMPARE(house.notices(), QStringList());  // what was deleted is not offered at once
    }

    void nothingIsDeletedWhileACopyIsMade() {
        CopyHouse house;
        QVERIFY(house.openReady());
        house.act();
        QVERIFY(house.copyRuns());
        house.script->fullPrecision << "/fake/second";
        house.app->notices()->dismiss(house.notice(NoticeListModel::NoticeIdRole).toInt());
        house.library().select("/fake/second");
        QTRY_VERIFY(house.offered());
        house.copyStep.holdAt(1);
        house.act();
        QVERIFY(house.copyStep.held());
        house.app->copies()->removeAll();
        QCOMPARE(house.app->copies()->count(), 1);
        house.copyStep.letGo();
        QTRY_COMPARE(house.app->copies()->count(), 2);
        QVERIFY(house.app->copies()->onDisk().contains("602\u00a0MB"));
    }
};

ALCOVE_TEST(TestChatCopies)
#include "test_chat_copies.moc"
