// Opening, switching, failing and cancelling; opening again after a change of settings or a failure.
#include "tests/app/library/library_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestRunningCheckpoint : public QObject {
    Q_OBJECT

private slots:
    void opens() {
        LibraryFixture fixture;
        fixture.holdOpening(2);
        auto& program = fixture.open();
        RunningCheckpoint& running = program.running;
        QSignalSpy ended(&running, &RunningCheckpoint::loadingEnded);
        running.select("/fake/first", "First");
        QVERIFY(running.loading());
        QCOMPARE(running.loadingName(), QString("First"));
        QCOMPARE(running.loadingPath(), QString("/fake/first"));
        QVERIFY(fixture.held());
        QTRY_VERIFY(running.loadProgress() > 0.6);
        QCOMPARE(running.name(), QString());
        QVERIFY(!running.current());
        fixture.letGo();
        QTRY_COMPARE(ended.count(), 1);
        QVERIFY(!running.loading());
        QCOMPARE(running.name(), QString("first"));
        QCOMPARE(running.path(), QString("/fake/first"));
        QCOMPARE(running.detail(), QString("no parameters at all"));
        QCOMPARE(running.deviceName(), QString("Fake device"));
        QVERIFY(!running.fromCopy());
        QCOMPARE(program.settings.lastCheckpoint(), QString("/fake/first"));
        running.select("/fake/first", "First");  // nothing to do
        QVERIFY(!running.loading());
        QCOMPARE(fixture.script->opened.size(), 1);
    }

    // What the composer asks: whether a message would get a reply without anyone doing more.
    void canAnswer() {
        LibraryFixture fixture;
        fixture.script->openFailures["/fake/first"] = {.sentence = "It is damaged."};
        RunningCheckpoint& running = fixture.open().running;
        QSignalSpy changed(&running, &RunningCheckpoint::canAnswerChanged);
        QVERIFY(running.canAnswer());
        running.setExpected(false);
        QCOMPARE(changed.count(), 1);
        QVERIFY(!running.canAnswer());
        running.select("/fake/first", "first");
        QVERIFY(running.canAnswer());
        QTRY_VERIFY(!running.canAnswer());
        running.select("/fake/second", "second");
        QTRY_COMPARE(running.name(), QString("second"));
        QVERIFY(running.canAnswer());
    }

    void withoutADeviceNothingIsOpened() {
        LibraryFixture fixture;
        fixture.script->devicesProblem = "No Vulkan driver was found.";
        auto& program = fixture.open();
        program.devices.list();
        QTRY_VERIFY(!program.running.canAnswer());
        program.running.select("/fake/first", "first");
        QVERIFY(!program.running.loading());
        QCOMPARE(fixture.notices(), QStringList("No Vulkan driver was found."));
        QVERIFY(fixture.script->opened.isEmpty());
    }

    void failureLeavesTheOneBefore() {
        LibraryFixture fixture;
        fixture.script->openFailures["/fake/second"] = {.sentence = "model.safetensors is damaged."};
        RunningCheckpoint& running = fixture.open().running;
        running.select("/fake/first", "first");
        QTRY_COMPARE(running.name(), QString("first"));
        QSignalSpy ended(&running, &RunningCheckpoint::loadingEnded);
        running.select("/fake/second", "second");
        QTRY_COMPARE(ended.count(), 1);
        QVERIFY(!running.loading());
        QCOMPARE(running.name(), QString("first"));
        QCOMPARE(fixture.notices(), QStringList("model.safetensors is damaged. first is still in use."));
    }

    void theNewestRequestCounts() {
        LibraryFixture fixture;
        fixture.holdOpening(0);
        RunningCheckpoint& running = fixture.open().running;
        QSignalSpy ended(&running, &RunningCheckpoint::loadingEnded);
        running.select("/fake/first", "first");
        QVERIFY(fixture.held());
        running.select("/fake/second", "second");
        QCOMPARE(running.loadingName(), QString("second"));
        fixture.letGo();
        QTRY_COMPARE(ended.count(), 1);
        QCOMPARE(running.name(), QString("second"));
        QCOMPARE(fixture.notices(), QStringList());
    }

    void choosingTheOpenOneEndsTheLoading() {
        LibraryFixture fixture;
        RunningCheckpoint& running = fixture.open().running;
        running.select("/fake/first", "first");
        QTRY_COMPARE(running.name(), QString("first"));
        fixture.holdOpening(1);
        running.select("/fake/second", "second");
        QVERIFY(fixture.held());
        running.select("/fake/first", "first");
        fixture.letGo();
        QTRY_VERIFY(!running.loading());
        QCOMPARE(running.name(), QString("first"));
        QCOMPARE(fixture.script->opened.size(), 2);
        QCOMPARE(fixture.notices(), QStringList());
    }

    void settingsOpenItAgain() {
        LibraryFixture fixture;
        auto& program = fixture.open();
        program.settings.setContextSize(64);  // nothing is open yet
        QVERIFY(!program.running.loading());
        program.running.select("/fake/first", "First");
        QTRY_COMPARE(program.running.name(), QString("first"));
        QCOMPARE(program.running.current()->contextSize, 64);
        program.settings.setContextSize(128);
        QCOMPARE(program.running.loadingName(), QString("first"));
        QTRY_COMPARE(program.running.current()->contextSize, 128);
        program.settings.setSubmissionMs(4);
        QTRY_VERIFY(!program.running.loading());
        QCOMPARE(fixture.script->opened.last().submissionMs, 4);
        program.settings.setDevice("Fake device");
        QTRY_VERIFY(!program.running.loading());
        QCOMPARE(fixture.script->opened.last().device, QString("Fake device"));
        QCOMPARE(fixture.script->opened.size(), 4);
    }

    void reopensOnceAfterAFailure() {
        LibraryFixture fixture;
        RunningCheckpoint& running = fixture.open().running;
        QVERIFY(!running.reopen());  // nothing is open
        running.select("/fake/first", "first");
        QTRY_COMPARE(running.name(), QString("first"));
        QVERIFY(running.reopen());
        QVERIFY(!running.current());
        QTRY_COMPARE(running.name(), QString("first"));
        running.replySucceeded();
        QVERIFY(running.reopen());
        QTRY_COMPARE(running.name(), QString("first"));
        QVERIFY(!running.reopen());  // at once again
        QVERIFY(!running.loading());
        QVERIFY(!running.current());
        running.select("/fake/first", "first");  // a person tries
        QTRY_COMPARE(running.name(), QString("first"));
        QVERIFY(running.reopen());
        QTRY_VERIFY(!running.loading());
    }

    void aLostDeviceIsToldAndCanBeTriedAgain() {
        LibraryFixture fixture;
        fixture.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                   {"Four Core Processor", "processor · 4 threads", true, {}}};
        fixture.script->deviceLostAtToken = 1;
        auto& program = fixture.open();
        program.running.select("/fake/first", "first");
        QTRY_COMPARE(program.running.deviceName(), QString("Small Graphics"));
        program.engine.generate(
            {.checkpoint = program.running.current()->id, .turns = {{true, "Hello"}}, .sampling = {}});
        QTRY_COMPARE(program.running.deviceName(), QString("Four Core Processor"));
        QCOMPARE(program.running.deviceDetail(), QString("processor · 4 threads"));
        QCOMPARE(fixture.notices(), QStringList("The graphics device stopped answering twice."));
        const QModelIndex notice = program.notices.index(0);
        QCOMPARE(program.notices.data(notice, NoticeListModel::SeverityRole).toString(), QString("warning"));
        program.notices.act(program.notices.data(notice, NoticeListModel::NoticeIdRole).toInt());
        QTRY_COMPARE(program.running.deviceName(), QString("Small Graphics"));
    }
};

ALCOVE_TEST(TestRunningCheckpoint)
#include "test_running_checkpoint.moc"
