// Choosing, loading, failing to load and cancelling; devices; histories that cannot be written.
#include <QtCore/QFile>
#include <QtCore/QScopeGuard>

#include "tests/app/chat/chat_house.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestChatCheckpoints : public QObject {
    Q_OBJECT

private slots:
    void opensTheFirstThenTheOneUsedLast() {
        House house;
        QVERIFY(house.openReady());
        QCOMPARE(house.app->checkpoints()->currentName(), QString("first"));
        QCOMPARE(house.app->checkpoints()->count(), 2);
        CheckpointListModel& model = *house.app->checkpoints()->model();
        QVERIFY(model.data(model.index(0), CheckpointListModel::IsCurrentRole).toBool());
        house.app->checkpoints()->select("/fake/second");
        QTRY_COMPARE(house.app->checkpoints()->currentName(), QString("second"));
        QVERIFY(!model.data(model.index(0), CheckpointListModel::IsCurrentRole).toBool());
        QVERIFY(model.data(model.index(1), CheckpointListModel::IsCurrentRole).toBool());
        house.close();
        QVERIFY(house.openReady());
        QCOMPARE(house.app->checkpoints()->currentName(), QString("second"));
    }

    void opensTheOneOfTheCommandLine() {
        House house;
        house.open(house.folder.path());
        QTRY_COMPARE(house.app->checkpoints()->currentPath(), QFileInfo(house.folder.path()).canonicalFilePath());
        QCOMPARE(house.script->opened.size(), 1);
        // It is remembered like one that was added …
        QTRY_COMPARE(house.app->settings()->addedCheckpoints(), QStringList(house.app->checkpoints()->currentPath()));
        house.close();
        house.open("/fake/second");  // … unlike one of the library.
        QTRY_COMPARE(house.app->checkpoints()->currentPath(), QString("/fake/second"));
        QTRY_COMPARE(house.app->checkpoints()->count(), 2);
        QCOMPARE(house.app->settings()->addedCheckpoints().size(), 1);
    }

    void showsProgress() {
        House house;
        house.openStep.holdAt(2);
        house.open();
        QVERIFY(house.openStep.held());
        CheckpointController& checkpoints = *house.app->checkpoints();
        QVERIFY(checkpoints.loading());
        QCOMPARE(checkpoints.loadingName(), QString("first"));
        QTRY_VERIFY(checkpoints.loadProgress() > 0.6);
        house.openStep.letGo();
        QTRY_VERIFY(!checkpoints.loading());
        QCOMPARE(checkpoints.deviceName(), QString("Fake device"));
        QCOMPARE(checkpoints.devices(), QStringList("Fake device"));
        QVERIFY(checkpoints.deviceAvailable());
    }

    void failureLeavesTheOldOneRunning() {
        House house;
        house.script->openFailures["/fake/second"] = {.sentence = "model.safetensors is damaged."};
        QVERIFY(house.openReady());
        house.app->checkpoints()->select("/fake/second");
        QVERIFY(house.app->checkpoints()->loading());
        QTRY_VERIFY(!house.app->checkpoints()->loading());
        QCOMPARE(house.app->checkpoints()->currentName(), QString("first"));
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
        house.app->checkpoints()->select("/fake/second");
        QVERIFY(house.openStep.held());
        house.chat().send("Waiting");
        house.app->checkpoints()->cancelLoading();
        house.openStep.letGo();
        QTRY_VERIFY(!house.app->checkpoints()->loading());
        QCOMPARE(house.app->checkpoints()->currentName(), QString("first"));
        QCOMPARE(house.notices().size(), 0);
        QVERIFY(house.idle());
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
    }

    void choosingAnotherWhileOneLoadsTakesTheLast() {
        House house;
        house.openStep.holdAt(0);
        house.open();
        QVERIFY(house.openStep.held());
        house.app->checkpoints()->select("/fake/second");
        house.openStep.letGo();
        QTRY_COMPARE(house.app->checkpoints()->currentName(), QString("second"));
        QVERIFY(!house.app->checkpoints()->loading());
        QCOMPARE(house.notices().size(), 0);
    }

    void switchingKeepsTheConversation() {
        House house;
        QVERIFY(house.openReady());
        house.token.holdAt(1);
        house.chat().send("One");
        QVERIFY(house.token.held());
        house.app->checkpoints()->select("/fake/second");  // after the reply
        house.chat().send("Two");
        house.token.letGo();
        QTRY_COMPARE(house.app->checkpoints()->currentName(), QString("second"));
        QVERIFY(house.idle());
        QCOMPARE(house.messages().count(), 4);
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("first"));
        QCOMPARE(house.message(3, MessageListModel::CheckpointNameRole).toString(), QString("second"));
    }

    void deviceSettingOpensAgain() {
        House house;
        QVERIFY(house.openReady());
        house.app->settings()->setDevice("Fake device");
        QVERIFY(house.app->checkpoints()->loading());
        QTRY_VERIFY(!house.app->checkpoints()->loading());
        QCOMPARE(house.script->opened.last().device, QString("Fake device"));
        house.app->settings()->setContextSize(128);
        QTRY_COMPARE(house.chat().contextSize(), 128);
        QCOMPARE(house.script->opened.last().submissionMs, 0.0);
        house.app->settings()->setSubmissionMs(4);
        QTRY_COMPARE(house.script->opened.last().submissionMs, 4.0);
        QTRY_VERIFY(!house.app->checkpoints()->loading());
    }

    void switchingTheDeviceKeepsTheConversation() {
        House house;
        house.script->devices = {{"Small Graphics", "integrated graphics", true, {}},
                                 {"Four Core Processor", "processor", true, {}}};
        QVERIFY(house.openReady());
        QCOMPARE(house.app->checkpoints()->deviceName(), QString("Small Graphics"));
        house.chat().send("One");
        QVERIFY(house.idle());
        const int conversation = house.chat().conversationId();
        house.token.holdAt(1);
        house.chat().send("Two");
        QVERIFY(house.token.held());
        house.app->settings()->setDevice("Four Core Processor");  // in the middle of a reply, which goes on
        house.chat().send("Three");
        house.token.letGo();
        QTRY_COMPARE(house.app->checkpoints()->deviceName(), QString("Four Core Processor"));
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
        CheckpointController& checkpoints = *house.app->checkpoints();
        QCOMPARE(checkpoints.deviceName(), QString("Four Core Processor"));
        QCOMPARE(checkpoints.deviceDetail(), QString("processor · 4 threads"));
        QCOMPARE(house.notices(), QStringList("The graphics device stopped answering twice."));
        NoticeListModel& notices = *house.app->notices();
        const QModelIndex notice = notices.index(0);
        QCOMPARE(notices.data(notice, NoticeListModel::SeverityRole).toString(), QString("warning"));  // no passing one
        QCOMPARE(notices.data(notice, NoticeListModel::ActionTextRole).toString(), QString("Try it again"));
        house.chat().send("And more");
        QVERIFY(house.idle());
        QCOMPARE(house.stored(house.chat().conversationId()).last().settings.device, QString("Four Core Processor"));
        notices.act(notices.data(notice, NoticeListModel::NoticeIdRole).toInt());
        QTRY_COMPARE(checkpoints.deviceName(), QString("Small Graphics"));
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
        house.script->automaticReason = "an answer takes it 3 s, and the processor 5 s.";
        house.script->vulkanProblem = "One of two drivers is missing.";
        house.script->whileComparing = [&] {
            reached.release();
            go.acquire();
        };
        house.open();
        CheckpointController& checkpoints = *house.app->checkpoints();
        QVERIFY(QTest::qWaitFor([&reached] { return reached.tryAcquire(); }, 20000));
        QTRY_VERIFY(checkpoints.activity().contains("Small Graphics"));
        QVERIFY(house.chat().send("While it is compared"));  // the window lives on
        QCOMPARE(house.chat().state(), ChatController::WaitingForCheckpoint);
        go.release();
        QTRY_VERIFY(checkpoints.activity().isEmpty());
        QVERIFY(house.idle());
        QCOMPARE(house.texts().last(), QString("one two three four five"));
        QCOMPARE(checkpoints.automaticDevice(), QString("Small Graphics"));
        QCOMPARE(checkpoints.automaticReason(), house.script->automaticReason);
        QCOMPARE(checkpoints.deviceNote(), house.script->vulkanProblem);
        QVERIFY(checkpoints.deviceAvailable());
        const QVariantList choices = checkpoints.deviceChoices();
        QCOMPARE(choices.size(), 3);
        QCOMPARE(choices[0].toMap()["value"].toString(), QString("auto"));
        QCOMPARE(choices[0].toMap()["detail"].toString(), QString("Small Graphics — ") + house.script->automaticReason);
        QCOMPARE(choices[2].toMap()["label"].toString(), QString("Four Core Processor"));
        QCOMPARE(house.script->compared, 1);
    }

    void whoeverHasChosenIsNotComparedFor() {
        House house;
        house.script->whileComparing = [] {};
        QVERIFY(house.openReady());
        QCOMPARE(house.script->compared, 1);
        house.app->settings()->setDevice("Fake device");
        house.close();
        house.script->compared = 0;
        QVERIFY(house.openReady());
        QVERIFY(house.idle());
        QCOMPARE(house.script->compared, 0);
        QVERIFY(house.app->checkpoints()->automaticReason().contains("not been compared"));
        house.app->settings()->setDevice("auto");
        QTRY_COMPARE(house.app->checkpoints()->automaticReason(), house.script->automaticReason);
        QCOMPARE(house.script->compared, 1);
    }

    void addsAndForgets() {
        House house;
        QVERIFY(house.openReady());
        house.app->checkpoints()->add(QUrl::fromLocalFile(house.folder.path()));
        const QString path = QFileInfo(house.folder.path()).canonicalFilePath();
        QTRY_COMPARE(house.app->checkpoints()->currentPath(), path);
        QCOMPARE(house.app->settings()->addedCheckpoints(), QStringList(path));
        house.app->checkpoints()->forget(path);
        QCOMPARE(house.app->settings()->addedCheckpoints(), QStringList());
        house.app->checkpoints()->add(QUrl("http://127.0.0.1/model"));
        QCOMPARE(house.notices().size(), 1);
        QCOMPARE(house.app->checkpoints()->currentPath(), path);
    }

    void suggestionsAreThoseOfTheCheckpointInUse() {
        House house;
        house.entries[0].card.suggestions = QStringList{"What leaves my machine?"};
        house.entries[0].card.description = "Small.";
        house.entries[1].card.suggestions = QStringList{"Sing", "Count"};
        house.openStep.holdAt(0);
        house.open();
        CheckpointController& checkpoints = *house.app->checkpoints();
        QTRY_COMPARE(checkpoints.currentSuggestions(), QStringList{"What leaves my machine?"});  // while it loads
        QVERIFY(house.openStep.held());
        house.openStep.letGo();
        QTRY_COMPARE(checkpoints.currentName(), QString("first"));
        QSignalSpy changed(&checkpoints, &CheckpointController::currentSuggestionsChanged);
        const CheckpointListModel& model = *checkpoints.model();
        QCOMPARE(model.data(model.index(0), CheckpointListModel::DescriptionRole).toString(), QString("Small."));
        QCOMPARE(model.roleNames()[CheckpointListModel::DescriptionRole], QByteArray("description"));

        house.script->openFailures["/fake/second"] = {.sentence = "model.safetensors is damaged."};
        house.openStep.holdAt(1);
        checkpoints.select("/fake/second");
        QCOMPARE(checkpoints.loadingPath(), QString("/fake/second"));
        QCOMPARE(checkpoints.currentSuggestions(), (QStringList{"Sing", "Count"}));
        QVERIFY(house.openStep.held());
        house.openStep.letGo();
        QTRY_VERIFY(!checkpoints.loading());
        QCOMPARE(checkpoints.currentSuggestions(), QStringList{"What leaves my machine?"});
        QCOMPARE(changed.count(), 2);

        house.entries[0].card.suggestions = QStringList{"How do I add a checkpoint?"};
        QSignalSpy rowChanged(checkpoints.model(), &CheckpointListModel::dataChanged);
        checkpoints.rescan();
        QTRY_COMPARE(checkpoints.currentSuggestions(), QStringList{"How do I add a checkpoint?"});
        QCOMPARE(rowChanged.count(), 1);
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
        QTRY_VERIFY(!house.app->checkpoints()->deviceAvailable());
        QCOMPARE(house.app->checkpoints()->deviceProblem(), house.script->devicesProblem);
        QTRY_COMPARE(house.app->checkpoints()->count(), 2);
        QVERIFY(!house.app->checkpoints()->loading());
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
        QTRY_VERIFY(!house.app->checkpoints()->starting());
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
