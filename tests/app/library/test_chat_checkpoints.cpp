// What becomes of a conversation while checkpoints load, fail and change, devices are compared and lost, and the
// history cannot be written.
#include <QtCore/QFile>
#include <QtCore/QScopeGuard>

#include "tests/app/chat/chat_house.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestChatCheckpoints : public QObject {
    Q_OBJECT

private slots:
    void failureLeavesTheOldOneRunning() {
        House house;
        house.script->openFailures["/fake/second"] = {.sentence = "model.safetensors is damaged."};
        QVERIFY(house.openReady());
        house.app->library()->select("/fake/second");
        QVERIFY(house.app->running()->loading());
        QTRY_VERIFY(!house.app->running()->loading());
        QCOMPARE(house.app->running()->name(), QString("first"));
        QCOMPARE(house.notices().size(), 1);
        QVERIFY(house.notices()[0].contains("model.safetensors is damaged."));
        house.chat().send("Still there?");
        QVERIFY(house.idle());
        QCOMPARE(house.status(), QString("complete"));
    }

    void cancelsLoading() {
        House house;
        QVERIFY(house.openReady());
        house.openStep.holdAt(1);
        house.app->library()->select("/fake/second");
        QVERIFY(house.openStep.held());
        house.chat().send("Waiting");
        house.app->running()->cancelLoading();
        house.openStep.letGo();
        QTRY_VERIFY(!house.app->running()->loading());
        QCOMPARE(house.app->running()->name(), QString("first"));
        QCOMPARE(house.notices().size(), 0);
        QVERIFY(house.idle());
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
    }

    void switchingKeepsTheConversation() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(1);
        house.chat().send("One");
        QVERIFY(house.token.held());
        house.app->library()->select("/fake/second");  // after the reply
        house.chat().send("Two");
        house.token.letGo();
        QTRY_COMPARE(house.app->running()->name(), QString("second"));
        QVERIFY(house.idle());
        QCOMPARE(house.messages().count(), 4);
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
        QCOMPARE(house.message(3, MessageListModel::CheckpointNameRole).toString(), QString("second"));
    }

    void switchingTheDeviceKeepsTheConversation() {
        House house;
        house.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                 {"Four Core Processor", "processor", true, {}}};
        QVERIFY(house.openReady());
        QCOMPARE(house.app->running()->deviceName(), QString("Small Graphics"));
        house.chat().send("One");
        QVERIFY(house.idle());
        const int conversation = house.chat().conversationId();
        house.token.holdAt(1);
        house.chat().send("Two");
        QVERIFY(house.token.held());
        house.app->settings()->setDevice("Four Core Processor");  // in the middle of a reply, which goes on
        house.chat().send("Three");
        house.token.letGo();
        QTRY_COMPARE(house.app->running()->deviceName(), QString("Four Core Processor"));
        QVERIFY(house.idle());
        QCOMPARE(house.chat().conversationId(), conversation);
        QCOMPARE(house.texts(), (QStringList{"One", "one two three four five", "Two", "one two three four five",
                                             "Three", "one two three four five"}));
        const QList<ChatTurn> turns = house.script->asked.last().turns;
        QCOMPARE(turns.size(), 5);
        QCOMPARE(turns[0].text, QString("One"));
        QCOMPARE(turns[3].text, QString("one two three four five"));
        const QList<Message> stored = house.stored(conversation);
        QCOMPARE(stored[3].settings.device, QString("Small Graphics"));
        QCOMPARE(stored[5].settings.device, QString("Four Core Processor"));
        QCOMPARE(house.notices(), QStringList());
    }

    void losingTheDeviceForGoodIsToldAndStays() {
        House house;
        house.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                 {"Four Core Processor", "processor · 4 threads", true, {}}};
        house.script->deviceLostAtToken = 2;
        QVERIFY(house.openReady());
        house.chat().send("Hello");
        QVERIFY(house.idle());
        QCOMPARE(house.texts().last(), QString("one two three four five"));
        QCOMPARE(house.status(), QString("complete"));
        RunningCheckpoint& running = *house.app->running();
        QCOMPARE(running.deviceName(), QString("Four Core Processor"));
        QCOMPARE(running.deviceDetail(), QString("processor · 4 threads"));
        QCOMPARE(house.notices(), QStringList("The graphics device stopped answering twice."));
        NoticeListModel& notices = *house.app->notices();
        const QModelIndex notice = notices.index(0);
        QCOMPARE(notices.data(notice, NoticeListModel::SeverityRole).toString(), QString("warning"));  // no passing one
        QCOMPARE(notices.data(notice, NoticeListModel::ActionTextRole).toString(), QString("Try it again"));
        house.chat().send("And more");
        QVERIFY(house.idle());
        QCOMPARE(house.stored(house.chat().conversationId()).last().settings.device, QString("Four Core Processor"));
        notices.act(notices.data(notice, NoticeListModel::NoticeIdRole).toInt());
        QTRY_COMPARE(running.deviceName(), QString("Small Graphics"));
        QCOMPARE(house.messages().count(), 4);
        QCOMPARE(notices.count(), 0);
    }

    void comparingIsAWordInTheStatus() {
        QSemaphore reached;
        QSemaphore go;
        House house;
        const auto letGo = qScopeGuard([&go] { go.release(); });
        house.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                 {"Four Core Processor", "processor", true, {}}};
        house.script->whileComparing = [&] {
            reached.release();
            go.acquire();
        };
        house.open();
        DeviceController& devices = *house.app->devices();
        QVERIFY(QTest::qWaitFor([&reached] { return reached.tryAcquire(); }, 20000));
        QTRY_VERIFY(devices.activity().contains("Small Graphics"));
        QVERIFY(house.chat().send("While it is compared"));  // the window lives on
        QCOMPARE(house.chat().state(), ChatController::WaitingForCheckpoint);
        go.release();
        QTRY_VERIFY(devices.activity().isEmpty());
        QVERIFY(house.idle());
        QCOMPARE(house.texts().last(), QString("one two three four five"));
        QCOMPARE(house.script->compared, 1);
    }

    void withoutVulkanTheHistoryCanBeRead() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("Remember");
        QVERIFY(house.idle());
        const int id = house.chat().conversationId();
        house.close();
        house.script->devicesProblem = "No Vulkan driver was found. Install mesa-vulkan-drivers.";
        house.script->opened.clear();
        house.open();
        QTRY_VERIFY(!house.app->devices()->available());
        QCOMPARE(house.app->devices()->problem(), house.script->devicesProblem);
        QTRY_COMPARE(house.app->library()->count(), 2);
        QVERIFY(!house.app->running()->loading());
        QVERIFY(house.script->opened.isEmpty());
        QVERIFY(!house.chat().canSend());
        house.chat().openConversation(id);
        QCOMPARE(house.messages().count(), 2);
        QVERIFY(!house.chat().send("Anybody?"));
        QCOMPARE(house.messages().count(), 2);
    }

    void withoutAnyCheckpointNothingIsSent() {
        House house;
        house.entries.clear();
        house.open();
        QTRY_VERIFY(!house.chat().canSend());
        QVERIFY(!house.chat().send("Hello?"));
        QCOMPARE(house.app->conversations()->count(), 0);
    }

    void fullDiskKeepsTheTextOnScreen() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("Small");
        QVERIFY(house.idle());
        const int id = house.chat().conversationId();
        house.close();
        // The file may grow by little more than what a beginning reply needs.
        const qint64 pages = QFile(house.folder.filePath("history.sqlite")).size() / 4096;
        house.options.history.maxPageCount = static_cast<int>(pages) + 2;
        const QString large = QString("word ").repeated(20000);
        house.script->replies = {large};
        QVERIFY(house.openReady());
        house.chat().openConversation(id);
        QVERIFY(house.chat().send("Fill it"));
        QVERIFY(house.idle());
        QCOMPARE(house.texts().last().trimmed(), large.trimmed());
        QVERIFY(!house.notices().isEmpty());
        QVERIFY(house.stored(id).last().text.size() < large.size());
        house.chat().newConversation();
        house.chat().openConversation(id);
        QCOMPARE(house.texts().last().trimmed(), large.trimmed());  // not lost by looking elsewhere

        house.chat().newConversation();
        QVERIFY(!house.chat().send(large));
        QCOMPARE(house.chat().draft(), large);  // back in the composer
        QCOMPARE(house.app->conversations()->count(), 1);
    }

    void newerHistoryIsReadOnly() {
        House house;
        QVERIFY(house.openReady());
        house.chat().send("From the future");
        QVERIFY(house.idle());
        house.close();
        QFile file(house.folder.filePath("history.sqlite"));
        QVERIFY(file.open(QFile::ReadWrite));
        QVERIFY(file.seek(60));  // user_version in SQLite's header, big-endian
        QCOMPARE(file.write("\0\0\x7f\xff", 4), 4);
        file.close();
        QVERIFY(house.openReady());
        QVERIFY(house.app->conversations()->readOnly());
        QCOMPARE(house.app->conversations()->count(), 1);
        QCOMPARE(house.notices().size(), 1);
        QVERIFY(!house.chat().canSend());
        QVERIFY(!house.chat().send("No"));
    }
};

ALCOVE_TEST(TestChatCheckpoints)
#include "test_chat_checkpoints.moc"
