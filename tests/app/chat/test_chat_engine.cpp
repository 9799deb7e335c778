// The window's parts with the real engine and a small trained model: from the message to the stored reply.
#include <QtCore/QDir>
#include <QtCore/QFile>

#include "app/checkpoints/library_scan.h"
#include "app/session/engine_backend.h"
#include "engine/generator.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/app/chat/chat_house.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove;

namespace {

const QString kStories = QStringLiteral(ALCOVE_FIXTURES "/stories260K");
const QString kTiny = QStringLiteral(ALCOVE_FIXTURES "/mobillama-tiny");

struct EngineHouse : House {
    EngineHouse() {
        options.backend = [] { return std::make_unique<EngineBackend>(); };
        options.scan = libraryScan({QStringLiteral(ALCOVE_FIXTURES)}, {});
        options.pieceIntervalMs = EngineThread::kPieceIntervalMs;
    }

    [[nodiscard]] bool openWith(const QString& checkpoint) {
        open(checkpoint);
        app->settings()->setTemperature(0);
        app->settings()->setRepetitionPenalty(1);
        app->settings()->setMaxTokens(40);
        return QTest::qWaitFor([this] { return !app->running()->path().isEmpty(); }, 60000);
    }
    [[nodiscard]] bool idleAtLast() {
        return QTest::qWaitFor([this] { return chat().state() == ChatController::Idle; }, 60000);
    }
};

}  // namespace

class TestChatEngine : public QObject {
    Q_OBJECT

private slots:
    void continuesTheStory() {
        EngineHouse house;
        QVERIFY(house.openWith(kStories));
        RunningCheckpoint& running = *house.app->running();
        DeviceController& devices = *house.app->devices();
        QCOMPARE(running.name(), QString("stories260K"));
        QVERIFY2(running.detail().startsWith("260 K parameters"), qPrintable(running.detail()));
        QVERIFY(!running.deviceName().isEmpty());
        QVERIFY(devices.names().contains(running.deviceName()));
        QCOMPARE(house.chat().contextSize(), 512);

        QVERIFY(house.chat().send("Once upon a time"));
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.status(), QString("complete"));
        QVERIFY2(house.texts().last().trimmed().startsWith(
                     ", there was a little girl named Lily. She loved to play outside in the park."),
                 qPrintable(house.texts().last()));
        const Message reply = house.stored(house.chat().conversationId()).last();
        QCOMPARE(reply.text, house.texts().last());
        QCOMPARE(reply.statistics.generatedTokens, 40);
        QCOMPARE(reply.statistics.stopReason, QString("maxTokens"));
        QVERIFY(reply.statistics.tokensPerSecond > 0);
        QCOMPARE(reply.settings.device, running.deviceName());

        const QString first = house.texts().last();
        house.chat().regenerate();
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.texts().last(), first);  // greedy: the same again
        QCOMPARE(house.notices(), QStringList());
    }

    // With nothing but what came with the program, nobody having chosen anything.
    void firstRunAnswers() {
        EngineHouse house;
        const QString shipped = house.folder.filePath("share/alcove/checkpoints/starter");
        QVERIFY(QDir().mkpath(shipped));
        for (const char* name : {"/config.json", "/model.safetensors", "/tokenizer.model"}) {
            QVERIFY(QFile::copy(kStories + name, shipped + name));
        }
        QFile card(shipped + "/alcove.json");
        QVERIFY(card.open(QIODevice::WriteOnly));
        QVERIFY(card.write(R"({"chat_template": "starter", "display_name": "Starter", "description": "Small.",
            "order": 0, "suggestions": ["Tell me a story"]})") > 0);
        card.close();
        house.options.scan = libraryScan(libraryFolders(house.options.libraryFolder, house.folder.filePath("bin")), {});
        QVERIFY(house.openWith({}));
        const RunningCheckpoint& running = *house.app->running();
        const LibraryController& library = *house.app->library();
        QCOMPARE(running.name(), QString("Starter"));
        QCOMPARE(library.suggestions(), QStringList{"Tell me a story"});
        QVERIFY(house.chat().send(library.suggestions()[0]));
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.status(), QString("complete"));
        QVERIFY(!house.texts().last().isEmpty());
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("Starter"));
        QCOMPARE(house.notices(), QStringList());
        QCOMPARE(house.app->settings()->addedCheckpoints(), QStringList());
    }

    void stops() {
        EngineHouse house;
        QVERIFY(house.openWith(kStories));
        house.app->settings()->setMaxTokens(0);
        connect(&house.chat(), &ChatController::stateChanged, &house.chat(), [&chat = house.chat()] {
            if (chat.state() == ChatController::Writing) {
                chat.stop();
            }
        });
        house.chat().send("Once upon a time");
        QVERIFY(house.idleAtLast());
        const Message reply = house.stored(house.chat().conversationId()).last();
        QVERIFY(reply.statistics.contextUsed < 512);  // the story goes on to the context's end otherwise
        QCOMPARE(reply.status, MessageStatus::Stopped);
    }

    void failureToOpenLeavesTheOldOneRunning() {
        EngineHouse house;
        QVERIFY(house.openWith(kStories));
        house.app->library()->select(house.folder.path());
        QTRY_VERIFY_WITH_TIMEOUT(!house.app->running()->loading(), 60000);
        QCOMPARE(house.notices().size(), 1);
        QVERIFY2(house.notices()[0].contains("config.json"), qPrintable(house.notices()[0]));
        QCOMPARE(house.app->running()->name(), QString("stories260K"));
        house.chat().send("Once upon a time");
        QVERIFY(house.idleAtLast());
        QVERIFY(house.texts().last().contains("Lily"));
    }

    void switchesTheCheckpoint() {
        EngineHouse house;
        QVERIFY(house.openWith(kStories));
        house.chat().send("Once upon a time");
        QVERIFY(house.idleAtLast());
        house.app->library()->select(kTiny);
        QTRY_COMPARE_WITH_TIMEOUT(house.app->running()->name(), QString("mobillama-tiny"), 60000);
        QVERIFY(house.app->running()->detail().contains("shared block"));
        house.chat().regenerate();
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.message(1, MessageListModel::CheckpointNameRole).toString(), QString("mobillama-tiny"));
        QCOMPARE(house.status(), QString("complete"));
        QCOMPARE(house.notices(), QStringList());
    }

    // From Vulkan to the processor and back, in the middle of a conversation.
    void switchesTheDevice() {
        EngineHouse house;
        QVERIFY(house.openWith(kStories));
        RunningCheckpoint& running = *house.app->running();
        DeviceController& devices = *house.app->devices();
        QCOMPARE(devices.names().size(), 2);
        const QString vulkan = devices.names()[0];
        const QString processor = devices.names()[1];
        QCOMPARE(running.deviceName(), vulkan);
        QCOMPARE(devices.automaticName(), vulkan);  // as the tests' environment wants it
        QVERIFY(house.chat().send("Once upon a time"));
        QVERIFY(house.idleAtLast());
        const QString first = house.texts().last();
        QVERIFY(first.contains("Lily"));

        house.app->settings()->setDevice(processor);
        QTRY_COMPARE_WITH_TIMEOUT(running.deviceName(), processor, 60000);
        QVERIFY2(running.deviceDetail().startsWith("processor"), qPrintable(running.deviceDetail()));
        QVERIFY(house.chat().send("And then"));
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.messages().count(), 4);
        QCOMPARE(house.texts()[1], first);
        const QString second = house.texts().last();
        QVERIFY(!second.isEmpty());
        const Message reply = house.stored(house.chat().conversationId()).last();
        QCOMPARE(reply.settings.device, processor);
        QVERIFY(reply.statistics.promptTokens > 40);  // the whole conversation is the prompt

        house.app->settings()->setDevice("auto");
        QTRY_COMPARE_WITH_TIMEOUT(running.deviceName(), vulkan, 60000);
        house.chat().regenerate();
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.texts().last(), second);  // greedy: either device goes on in the same words
        QCOMPARE(house.notices(), QStringList());
    }

    void theProcessorFinishesTheReply() {
        tests::FaultTable table;
        EngineHouse house;
        house.options.backend = [&table] {
            return std::make_unique<EngineBackend>(QString(), [&table](const engine::OpenOptions& options) {
                engine::OpenOptions failing = options;
                failing.adjustVulkan = [&table](engine::VulkanForwardPassOptions& vulkan) {
                    vulkan.pipelineCacheFolder = std::filesystem::path();
                    vulkan.wrapFunctions = table.wrap();
                };
                return engine::Generator::open(failing);
            });
        };
        QVERIFY(house.openWith(kStories));
        RunningCheckpoint& running = *house.app->running();
        DeviceController& devices = *house.app->devices();
        const QString vulkan = devices.names()[0];
        const QString processor = devices.names()[1];
        house.chat().send("Once upon a time");
        QVERIFY(house.idleAtLast());
        const QString undisturbed = house.texts().last();
        QCOMPARE(running.deviceName(), vulkan);

        house.chat().newConversation();
        table.inject({.function = "vkQueueSubmit", .call = 10, .lasting = true});
        house.chat().send("Once upon a time");
        QVERIFY(house.idleAtLast());
        QVERIFY(table.struck());
        QCOMPARE(house.status(), QString("complete"));
        QCOMPARE(house.texts().last(), undisturbed);
        QCOMPARE(running.deviceName(), processor);
        QCOMPARE(house.notices().size(), 1);
        QVERIFY2(house.notices()[0].contains("on the processor"), qPrintable(house.notices()[0]));
        NoticeListModel& notices = *house.app->notices();
        QCOMPARE(notices.data(notices.index(0), NoticeListModel::SeverityRole).toString(), QString("warning"));

        table.clear();
        notices.act(notices.data(notices.index(0), NoticeListModel::NoticeIdRole).toInt());
        QTRY_COMPARE_WITH_TIMEOUT(running.deviceName(), vulkan, 60000);
    }

    // The whole way of an integrated graphics device: compared once, on the engine's thread, and never again.
    void comparesOnce() {
        if (tests::onSlowDriver()) {
            QSKIP("a slow driver: a piece of MobiLlama is much for it");
        }
        const QTemporaryDir cache;
        const QByteArray before = qgetenv("XDG_CACHE_HOME");
        qputenv("XDG_CACHE_HOME", cache.path().toUtf8());
        qputenv("ALCOVE_DEVICE", "auto");
        qputenv("ALCOVE_SOFTWARE_AS", "integrated");
        for (const int compared : {1, 0}) {
            EngineHouse house;
            int seen = 0;
            house.open(kStories);
            RunningCheckpoint& running = *house.app->running();
            DeviceController& devices = *house.app->devices();
            connect(&devices, &DeviceController::activityChanged, &devices,
                    [&] { seen += devices.activity().isEmpty() ? 0 : 1; });
            QTRY_VERIFY_WITH_TIMEOUT(!running.path().isEmpty(), 200000);
            QCOMPARE(seen, compared);
            QVERIFY(devices.activity().isEmpty());
            QCOMPARE(running.deviceName(), devices.automaticName());
            QVERIFY2(devices.automaticReason().contains("measured here"), qPrintable(devices.automaticReason()));
            QVERIFY(house.chat().send("Once upon a time"));
            QVERIFY(house.idleAtLast());
            QVERIFY(house.texts().last().contains("Lily"));
        }
        qputenv("XDG_CACHE_HOME", before);
        qputenv("ALCOVE_DEVICE", "vulkan");
        qunsetenv("ALCOVE_SOFTWARE_AS");
    }

    void runsFromTheSmallerCopyUnderItsOwnName() {
        EngineHouse house;
        const QString folder = house.folder.filePath("cache");
        const auto copies = std::make_shared<CheckpointCopies>(folder);
        house.options.copies = copies;
        house.options.backend = [folder] { return std::make_unique<EngineBackend>(folder); };
        const CopyResult made = copies->make(
            kStories, [](double) {}, false);
        QVERIFY2(made.made, qPrintable(made.problem));
        QVERIFY(house.openWith(kStories));
        RunningCheckpoint& running = *house.app->running();
        QVERIFY(running.fromCopy());
        QCOMPARE(running.name(), QString("stories260K"));
        QCOMPARE(running.path(), QFileInfo(kStories).canonicalFilePath());
        QVERIFY2(running.detail().contains("Q4_0 copy"), qPrintable(running.detail()));
        QVERIFY(house.chat().send("Once upon a time"));
        QVERIFY(house.idleAtLast());
        QCOMPARE(house.status(), QString("complete"));
        QVERIFY(house.texts().last().contains("a little"));
        const ReplySettings settings = house.stored(house.chat().conversationId()).last().settings;
        QCOMPARE(settings.checkpointName, QString("stories260K"));
        QCOMPARE(settings.checkpointPath, running.path());
        QCOMPARE(house.notices(), QStringList());

        QFile copy(copies->fileFor(kStories));
        QVERIFY(copy.resize(copy.size() / 2));
        running.reload();
        QTRY_VERIFY_WITH_TIMEOUT(!running.loading(), 60000);
        QVERIFY(!running.fromCopy());
        QCOMPARE(house.notices().size(), 1);
        QVERIFY2(house.notices()[0].contains("stories260K was damaged"), qPrintable(house.notices()[0]));
        QVERIFY(!copy.exists());
        house.chat().regenerate();
        QVERIFY(house.idleAtLast());
        QVERIFY(house.texts().last().contains("Lily"));
    }

    void oldestTurnsLeaveTheMemory() {
        EngineHouse house;
        QVERIFY(house.openWith(kStories));
        house.app->settings()->setContextSize(64);
        QTRY_COMPARE_WITH_TIMEOUT(house.chat().contextSize(), 64, 60000);
        for (int i = 0; i < 4; ++i) {
            house.app->settings()->setMaxTokens(10);
            house.chat().send("Once upon a time there was a little dog and he was happy.");
            QVERIFY(house.idleAtLast());
            QCOMPARE(house.status(), QString("complete"));
        }
        QVERIFY(house.chat().contextUsed() <= 64);
        int starts = 0;
        for (int row = 0; row < house.messages().count(); ++row) {
            starts += house.message(row, MessageListModel::MemoryStartsHereRole).toBool() ? 1 : 0;
        }
        QCOMPARE(starts, 1);
        QVERIFY(!house.message(0, MessageListModel::MemoryStartsHereRole).toBool());
    }
};

ALCOVE_TEST(TestChatEngine)
#include "test_chat_engine.moc"
