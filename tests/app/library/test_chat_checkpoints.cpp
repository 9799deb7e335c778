// What becomes of a conversation while checkpoints load, fail and change, devices are compared and lost, and the
// history cannot be written.
#include <QtCore/QFile>
#include <QtCore/QScopeGuard>

#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestChatCheckpoints : public QObject {
    Q_OBJECT

private slots:
    void failureLeavesTheOldOneRunning() {
        ChatFixture fixture;
        fixture.script->openFailures["/fake/second"] = {.sentence = "model.safetensors is damaged."};
        QVERIFY(fixture.openReady());
        fixture.app->library()->select("/fake/second");
        QVERIFY(fixture.app->running()->loading());
        QTRY_VERIFY(!fixture.app->running()->loading());
        QCOMPARE(fixture.app->running()->name(), QString("first"));
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY(fixture.notices()[0].contains("model.safetensors is damaged."));
        fixture.chat().send("Still there?");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.status(), QString("complete"));
    }

    void cancelsLoading() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.openStep.holdAt(1);
        fixture.app->library()->select("/fake/second");
        QVERIFY(fixture.openStep.held());
        fixture.chat().send("Waiting");
        fixture.app->running()->cancelLoading();
        fixture.openStep.letGo();
        QTRY_VERIFY(!fixture.app->running()->loading());
        QCOMPARE(fixture.app->running()->name(), QString("first"));
        QCOMPARE(fixture.notices().size(), 0);
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
    }

    void switchingKeepsTheConversation() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.token.holdAt(1);
        fixture.chat().send("One");
        QVERIFY(fixture.token.held());
        fixture.app->library()->select("/fake/second");  // after the reply
        fixture.chat().send("Two");
        fixture.token.letGo();
        QTRY_COMPARE(fixture.app->running()->name(), QString("second"));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.messages().count(), 4);
        QCOMPARE(fixture.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
        QCOMPARE(fixture.message(3, MessageListModel::CheckpointNameRole).toString(), QString("second"));
    }

    void switchingTheDeviceKeepsTheConversation() {
        ChatFixture fixture;
        fixture.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                   {"Four Core Processor", "processor", true, {}}};
        QVERIFY(fixture.openReady());
        QCOMPARE(fixture.app->running()->deviceName(), QString("Small Graphics"));
        fixture.chat().send("One");
        QVERIFY(fixture.idle());
        const int conversation = fixture.chat().conversationId();
        fixture.token.holdAt(1);
        fixture.chat().send("Two");
        QVERIFY(fixture.token.held());
        fixture.app->settings()->setDevice("Four Core Processor");  // in the middle of a reply, which goes on
        fixture.chat().send("Three");
        fixture.token.letGo();
        QTRY_COMPARE(fixture.app->running()->deviceName(), QString("Four Core Processor"));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.chat().conversationId(), conversation);
        QCOMPARE(fixture.texts(), (QStringList{"One", "one two three four five", "Two", "one two three four five",
                                               "Three", "one two three four five"}));
        const QList<ChatTurn> turns = fixture.script->asked.last().turns;
        QCOMPARE(turns.size(), 5);
        QCOMPARE(turns[0].text, QString("One"));
        QCOMPARE(turns[3].text, QString("one two three four five"));
        const QList<Message> stored = fixture.stored(conversation);
        QCOMPARE(stored[3].settings.device, QString("Small Graphics"));
        QCOMPARE(stored[5].settings.device, QString("Four Core Processor"));
        QCOMPARE(fixture.notices(), QStringList());
    }

    void losingTheDeviceForGoodIsToldAndStays() {
        ChatFixture fixture;
        fixture.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                   {"Four Core Processor", "processor · 4 threads", true, {}}};
        fixture.script->deviceLostAtToken = 2;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Hello");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts().last(), QString("one two three four five"));
        QCOMPARE(fixture.status(), QString("complete"));
        RunningCheckpoint& running = *fixture.app->running();
        QCOMPARE(running.deviceName(), QString("Four Core Processor"));
        QCOMPARE(running.deviceDetail(), QString("processor · 4 threads"));
        QCOMPARE(fixture.notices(), QStringList("The graphics device stopped answering twice."));
        NoticeListModel& notices = *fixture.app->notices();
        const QModelIndex notice = notices.index(0);
        QCOMPARE(notices.data(notice, NoticeListModel::SeverityRole).toString(), QString("warning"));  // no passing one
        QCOMPARE(notices.data(notice, NoticeListModel::ActionTextRole).toString(), QString("Try again"));
        fixture.chat().send("And more");
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).last().settings.device,
                 QString("Four Core Processor"));
        notices.act(notices.data(notice, NoticeListModel::NoticeIdRole).toInt());
        QTRY_COMPARE(running.deviceName(), QString("Small Graphics"));
        QCOMPARE(fixture.messages().count(), 4);
        QCOMPARE(notices.count(), 0);
    }

    void comparingIsAWordInTheStatus() {
        QSemaphore reached;
        QSemaphore go;
        ChatFixture fixture;
        const auto letGo = qScopeGuard([&go] { go.release(); });
        fixture.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                   {"Four Core Processor", "processor", true, {}}};
        fixture.script->whileComparing = [&] {
            reached.release();
            go.acquire();
        };
        fixture.open();
        DeviceController& devices = *fixture.app->devices();
        QVERIFY(QTest::qWaitFor([&reached] { return reached.tryAcquire(); }, 20000));
        QTRY_VERIFY(devices.activity().contains("Small Graphics"));
        QVERIFY(fixture.chat().send("While it is compared"));  // the window lives on
        QCOMPARE(fixture.chat().state(), ChatController::WaitingForCheckpoint);
        go.release();
        QTRY_VERIFY(devices.activity().isEmpty());
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts().last(), QString("one two three four five"));
        QCOMPARE(fixture.script->compared, 1);
    }

    void withoutVulkanTheHistoryCanBeRead() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Remember");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        fixture.close();
        fixture.script->devicesProblem = "No Vulkan driver was found. Install mesa-vulkan-drivers.";
        fixture.script->opened.clear();
        fixture.open();
        QTRY_VERIFY(!fixture.app->devices()->available());
        QCOMPARE(fixture.app->devices()->problem(), fixture.script->devicesProblem);
        QTRY_COMPARE(fixture.app->library()->count(), 2);
        QVERIFY(!fixture.app->running()->loading());
        QVERIFY(fixture.script->opened.isEmpty());
        QVERIFY(!fixture.chat().canSend());
        fixture.chat().openConversation(id);
        QCOMPARE(fixture.messages().count(), 2);
        QVERIFY(!fixture.chat().send("Anybody?"));
        QCOMPARE(fixture.messages().count(), 2);
    }

    void withoutAnyCheckpointNothingIsSent() {
        ChatFixture fixture;
        fixture.entries.clear();
        fixture.open();
        QTRY_VERIFY(!fixture.chat().canSend());
        QVERIFY(!fixture.chat().send("Hello?"));
        QCOMPARE(fixture.app->conversations()->count(), 0);
    }

    void fullDiskKeepsTheTextOnScreen() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("Small");
        QVERIFY(fixture.idle());
        const int id = fixture.chat().conversationId();
        fixture.close();
        // The file may grow by little more than what a beginning reply needs.
        const qint64 pages = QFile(fixture.folder.filePath("history.sqlite")).size() / 4096;
        fixture.options.history.maxPageCount = static_cast<int>(pages) + 2;
        const QString large = (QString(49, u'w') + u' ').repeated(2000);  // few pieces, each of which is shown
        fixture.script->replies = {large};
        QVERIFY(fixture.openReady());
        fixture.chat().openConversation(id);
        QVERIFY(fixture.chat().send("Fill it"));
        QVERIFY(fixture.idle());
        QCOMPARE(fixture.texts().last().trimmed(), large.trimmed());
        QVERIFY(!fixture.notices().isEmpty());
        QVERIFY(fixture.stored(id).last().text.size() < large.size());
        fixture.chat().newConversation();
        fixture.chat().openConversation(id);
        QCOMPARE(fixture.texts().last().trimmed(), large.trimmed());  // not lost by looking elsewhere

        fixture.chat().newConversation();
        QVERIFY(!fixture.chat().send(large));
        QCOMPARE(fixture.chat().draft(), large);  // back in the composer
        QCOMPARE(fixture.app->conversations()->count(), 1);
    }

    void newerHistoryIsReadOnly() {
        ChatFixture fixture;
        QVERIFY(fixture.openReady());
        fixture.chat().send("From the future");
        QVERIFY(fixture.idle());
        fixture.close();
        QFile file(fixture.folder.filePath("history.sqlite"));
        QVERIFY(file.open(QFile::ReadWrite));
        QVERIFY(file.seek(60));  // user_version in SQLite's header, big-endian
        QCOMPARE(file.write("\0\0\x7f\xff", 4), 4);
        file.close();
        QVERIFY(fixture.openReady());
        QVERIFY(fixture.app->conversations()->readOnly());
        QCOMPARE(fixture.app->conversations()->count(), 1);
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY(!fixture.chat().canSend());
        QVERIFY(!fixture.chat().send("No"));
    }
};

ALCOVE_TEST(TestChatCheckpoints)
#include "test_chat_checkpoints.moc"
