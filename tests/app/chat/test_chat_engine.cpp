// The window's parts with the real engine and a small trained model: from the message to the stored reply.
#include <QtCore/QDir>
#include <QtCore/QFile>

#include "app/checkpoints/library_scan.h"
#include "app/session/engine_backend.h"
#include "engine/generator.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/app/chat/chat_fixture.h"
#include "tests/rig/environment.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove;

namespace {

const QString kStories = QStringLiteral(ALCOVE_FIXTURES "/stories260K");
const QString kTiny = QStringLiteral(ALCOVE_FIXTURES "/mobillama-tiny");

}  // namespace

struct EngineFixture : ChatFixture {
    EngineFixture() {
        options.backend = [] { return std::make_unique<EngineBackend>(); };
        options.scan = libraryScan({QStringLiteral(ALCOVE_FIXTURES)}, {});
        options.pieceIntervalMs = EngineThread::kPieceIntervalMs;
    }

    void openGreedily(const QString& checkpoint) {
        open(checkpoint);
        app->settings()->setTemperature(0);
        app->settings()->setRepetitionPenalty(1);
        app->settings()->setMaxTokens(40);
    }
    [[nodiscard]] bool openWith(const QString& checkpoint) {
        openGreedily(checkpoint);
        return QTest::qWaitFor([this] { return !app->running()->path().isEmpty(); }, 60000);
    }
    [[nodiscard]] bool idleAtLast() {
        return QTest::qWaitFor([this] { return chat().state() == ChatController::Idle; }, 60000);
    }
};

class TestChatEngine : public QObject {
    Q_OBJECT

private slots:
    void continuesTheStory() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        RunningCheckpoint& running = *fixture.app->running();
        DeviceController& devices = *fixture.app->devices();
        QCOMPARE(running.name(), QString("stories260K"));
        QVERIFY2(running.detail().startsWith("260 K parameters"), qPrintable(running.detail()));
        QVERIFY(!running.deviceName().isEmpty());
        QVERIFY(devices.names().contains(running.deviceName()));
        QCOMPARE(fixture.chat().contextSize(), 512);

        QVERIFY(fixture.chat().send("Once upon a time"));
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.status(), QString("complete"));
        QVERIFY2(fixture.texts().last().trimmed().startsWith(
                     ", there was a little girl named Lily. She loved to play outside in the park."),
                 qPrintable(fixture.texts().last()));
        const Message reply = fixture.stored(fixture.chat().conversationId()).last();
        QCOMPARE(reply.text, fixture.texts().last());
        QCOMPARE(reply.statistics.generatedTokens, 40);
        QCOMPARE(reply.statistics.stopReason, QString("maxTokens"));
        QVERIFY(reply.statistics.tokensPerSecond > 0);
        QCOMPARE(reply.settings.device, running.deviceName());

        const QString first = fixture.texts().last();
        fixture.chat().regenerate();
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.texts().last(), first);  // greedy: the same again
        QCOMPARE(fixture.notices(), QStringList());
    }

    // With nothing but what came with the program, nobody having chosen anything.
    void firstRunAnswers() {
        EngineFixture fixture;
        const QString shipped = fixture.folder.filePath("share/alcove/checkpoints/starter");
        QVERIFY(QDir().mkpath(shipped));
        for (const char* name : {"/config.json", "/model.safetensors", "/tokenizer.model"}) {
            QVERIFY(QFile::copy(kStories + name, shipped + name));
        }
        QFile card(shipped + "/alcove.json");
        QVERIFY(card.open(QIODevice::WriteOnly));
        QVERIFY(card.write(R"({"chat_template": "starter", "display_name": "Starter", "description": "Small.",
            "order": 0, "suggestions": ["Tell me a story"]})") > 0);
        card.close();
        fixture.options.scan =
            libraryScan(libraryFolders(fixture.options.libraryFolder, fixture.folder.filePath("bin")), {});
        QVERIFY(fixture.openWith({}));
        const RunningCheckpoint& running = *fixture.app->running();
        const LibraryController& library = *fixture.app->library();
        QCOMPARE(running.name(), QString("Starter"));
        QCOMPARE(library.suggestions(), QStringList{"Tell me a story"});
        QVERIFY(fixture.chat().send(library.suggestions()[0]));
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.status(), QString("complete"));
        QVERIFY(!fixture.texts().last().isEmpty());
        QCOMPARE(fixture.message(1, MessageListModel::CheckpointNameRole).toString(), QString("Starter"));
        QCOMPARE(fixture.notices(), QStringList());
        QCOMPARE(fixture.app->settings()->addedCheckpoints(), QStringList());
    }

    void stops() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        fixture.app->settings()->setMaxTokens(0);
        connect(&fixture.chat(), &ChatController::stateChanged, &fixture.chat(), [&chat = fixture.chat()] {
            if (chat.state() == ChatController::Writing) {
                chat.stop();
            }
        });
        fixture.chat().send("Once upon a time");
        QVERIFY(fixture.idleAtLast());
        const Message reply = fixture.stored(fixture.chat().conversationId()).last();
        QVERIFY(reply.statistics.contextUsed < 512);  // the story goes on to the context's end otherwise
        QCOMPARE(reply.status, MessageStatus::Stopped);
    }

    void failureToOpenLeavesTheOldOneRunning() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        fixture.app->library()->select(fixture.folder.path());
        QTRY_VERIFY_WITH_TIMEOUT(!fixture.app->running()->loading(), 60000);
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY2(fixture.notices()[0].contains("config.json"), qPrintable(fixture.notices()[0]));
        QCOMPARE(fixture.app->running()->name(), QString("stories260K"));
        fixture.chat().send("Once upon a time");
        QVERIFY(fixture.idleAtLast());
        QVERIFY(fixture.texts().last().contains("Lily"));
    }

    void switchesTheCheckpoint() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        fixture.chat().send("Once upon a time");
        QVERIFY(fixture.idleAtLast());
        fixture.app->library()->select(kTiny);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.app->running()->name(), QString("mobillama-tiny"), 60000);
        QVERIFY(fixture.app->running()->detail().contains("shared block"));
        fixture.chat().regenerate();
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.message(1, MessageListModel::CheckpointNameRole).toString(), QString("mobillama-tiny"));
        QCOMPARE(fixture.status(), QString("complete"));
        QCOMPARE(fixture.notices(), QStringList());
    }

    // From Vulkan to the processor and back, in the middle of a conversation.
    void switchesTheDevice() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        RunningCheckpoint& running = *fixture.app->running();
        DeviceController& devices = *fixture.app->devices();
        QCOMPARE(devices.names().size(), 2);
        const QString vulkan = devices.names()[0];
        const QString processor = devices.names()[1];
        QCOMPARE(running.deviceName(), vulkan);
        QCOMPARE(devices.automaticName(), vulkan);  // as the tests' environment wants it
        QVERIFY(fixture.chat().send("Once upon a time"));
        QVERIFY(fixture.idleAtLast());
        const QString first = fixture.texts().last();
        QVERIFY(first.contains("Lily"));

        fixture.app->settings()->setDevice(processor);
        QTRY_COMPARE_WITH_TIMEOUT(running.deviceName(), processor, 60000);
        QVERIFY2(running.deviceDetail().startsWith("processor"), qPrintable(running.deviceDetail()));
        QVERIFY(fixture.chat().send("And then"));
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.messages().count(), 4);
        QCOMPARE(fixture.texts()[1], first);
        const QString second = fixture.texts().last();
        QVERIFY(!second.isEmpty());
        const Message reply = fixture.stored(fixture.chat().conversationId()).last();
        QCOMPARE(reply.settings.device, processor);
        QVERIFY(reply.statistics.promptTokens > 40);  // the whole conversation is the prompt

        fixture.app->settings()->setDevice("auto");
        QTRY_COMPARE_WITH_TIMEOUT(running.deviceName(), vulkan, 60000);
        fixture.chat().regenerate();
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.texts().last(), second);  // greedy: either device goes on in the same words
        QCOMPARE(fixture.notices(), QStringList());
    }

    void theProcessorFinishesTheReply() {
        tests::FaultTable table;
        EngineFixture fixture;
        fixture.options.backend = [&table] {
            return std::make_unique<EngineBackend>(QString(), [&table](const engine::OpenOptions& options) {
                engine::OpenOptions failing = options;
                failing.vulkanFactory = [&table](const engine::DeviceInfo& device, const engine::ModelConfig& config,
                                                 const engine::ModelWeights& weights,
                                                 engine::VulkanForwardPassOptions vulkan) {
                    vulkan.pipelineCacheFolder = std::filesystem::path();
                    vulkan.device.hooks.wrapFunctions = table.wrap();
                    return engine::makeVulkanForwardPass(device, config, weights, vulkan);
                };
                return engine::Generator::open(failing);
            });
        };
        QVERIFY(fixture.openWith(kStories));
        RunningCheckpoint& running = *fixture.app->running();
        DeviceController& devices = *fixture.app->devices();
        const QString vulkan = devices.names()[0];
        const QString processor = devices.names()[1];
        fixture.chat().send("Once upon a time");
        QVERIFY(fixture.idleAtLast());
        const QString undisturbed = fixture.texts().last();
        QCOMPARE(running.deviceName(), vulkan);

        fixture.chat().newConversation();
        table.inject({.function = "vkQueueSubmit", .call = 10, .lasting = true});
        fixture.chat().send("Once upon a time");
        QVERIFY(fixture.idleAtLast());
        QVERIFY(table.occurred());
        QCOMPARE(fixture.status(), QString("complete"));
        QCOMPARE(fixture.texts().last(), undisturbed);
        QCOMPARE(running.deviceName(), processor);
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY2(fixture.notices()[0].contains("on the processor"), qPrintable(fixture.notices()[0]));
        NoticeListModel& notices = *fixture.app->notices();
        QCOMPARE(notices.data(notices.index(0), NoticeListModel::SeverityRole).toString(), QString("warning"));

        table.clear();
        notices.act(notices.data(notices.index(0), NoticeListModel::NoticeIdRole).toInt());
        QTRY_COMPARE_WITH_TIMEOUT(running.deviceName(), vulkan, 60000);
    }

    // Integrated graphics: compared with the processor once, on the engine's thread, and never again.
    void comparesOnce() {
        if (tests::onSlowDriver()) {
            QSKIP("a slow driver: a piece of MobiLlama is much for it");
        }
        const tests::UncomparedGraphics uncompared;
        for (const int compared : {1, 0}) {
            EngineFixture fixture;
            int seen = 0;
            fixture.openGreedily(kStories);
            RunningCheckpoint& running = *fixture.app->running();
            DeviceController& devices = *fixture.app->devices();
            connect(&devices, &DeviceController::activityChanged, &devices,
                    [&] { seen += devices.activity().isEmpty() ? 0 : 1; });
            QTRY_VERIFY_WITH_TIMEOUT(!running.path().isEmpty(), 200000);
            QCOMPARE(seen, compared);
            QVERIFY(devices.activity().isEmpty());
            QCOMPARE(running.deviceName(), devices.automaticName());
            QVERIFY2(devices.automaticReason().contains("measured here"), qPrintable(devices.automaticReason()));
            QVERIFY(fixture.chat().send("Once upon a time"));
            QVERIFY(fixture.idleAtLast());
            QVERIFY(fixture.texts().last().contains("Lily"));
        }
    }

    void runsFromTheSmallerCopyUnderItsOwnName() {
        EngineFixture fixture;
        const QString folder = fixture.folder.filePath("cache");
        const auto copies = std::make_shared<CheckpointCopies>(folder);
        fixture.options.copies = copies;
        fixture.options.backend = [folder] { return std::make_unique<EngineBackend>(folder); };
        const CopyResult made = copies->make(
            kStories, [](double) {}, false);
        QVERIFY2(made.made, qPrintable(made.problem));
        QVERIFY(fixture.openWith(kStories));
        RunningCheckpoint& running = *fixture.app->running();
        QVERIFY(running.fromCopy());
        QCOMPARE(running.name(), QString("stories260K"));
        QCOMPARE(running.path(), QFileInfo(kStories).canonicalFilePath());
        QVERIFY2(running.detail().contains("Q4_0 copy"), qPrintable(running.detail()));
        QVERIFY(fixture.chat().send("Once upon a time"));
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.status(), QString("complete"));
        QVERIFY(fixture.texts().last().contains("a little"));
        const ReplySettings settings = fixture.stored(fixture.chat().conversationId()).last().settings;
        QCOMPARE(settings.checkpointName, QString("stories260K"));
        QCOMPARE(settings.checkpointPath, running.path());
        QCOMPARE(fixture.notices(), QStringList());

        QFile copy(copies->fileFor(kStories));
        QVERIFY(copy.resize(copy.size() / 2));
        running.reload();
        QTRY_VERIFY_WITH_TIMEOUT(!running.loading(), 60000);
        QVERIFY(!running.fromCopy());
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY2(fixture.notices()[0].contains("stories260K was damaged"), qPrintable(fixture.notices()[0]));
        QVERIFY(!copy.exists());
        fixture.chat().regenerate();
        QVERIFY(fixture.idleAtLast());
        QVERIFY(fixture.texts().last().contains("Lily"));
    }

    void tooSmallAContextKeepsTheReply() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        fixture.app->settings()->setMaxTokens(10);
        QVERIFY(fixture.chat().send(QString("Once upon a time there was a little dog. ").repeated(10)));
        QVERIFY(fixture.idleAtLast());
        const QStringList before = fixture.texts();
        QVERIFY(!before.last().isEmpty());
        fixture.app->settings()->setContextSize(64);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.chat().contextSize(), 64, 60000);
        fixture.chat().regenerate();
        QVERIFY(fixture.idleAtLast());
        QCOMPARE(fixture.texts(), before);
        QCOMPARE(fixture.status(), QString("complete"));
        QCOMPARE(fixture.stored(fixture.chat().conversationId()).size(), 2);
        QCOMPARE(fixture.notices().size(), 1);
        QVERIFY2(fixture.notices()[0].contains("too long"), qPrintable(fixture.notices()[0]));
    }

    void oldestTurnsLeaveTheMemory() {
        EngineFixture fixture;
        QVERIFY(fixture.openWith(kStories));
        fixture.app->settings()->setContextSize(64);
        QTRY_COMPARE_WITH_TIMEOUT(fixture.chat().contextSize(), 64, 60000);
        for (int i = 0; i < 4; ++i) {
            fixture.app->settings()->setMaxTokens(10);
            fixture.chat().send("Once upon a time there was a little dog and he was happy.");
            QVERIFY(fixture.idleAtLast());
            QCOMPARE(fixture.status(), QString("complete"));
        }
        QVERIFY(fixture.chat().contextUsed() <= 64);
        int starts = 0;
        for (int row = 0; row < fixture.messages().count(); ++row) {
            starts += fixture.message(row, MessageListModel::MemoryStartsHereRole).toBool() ? 1 : 0;
        }
        QCOMPARE(starts, 1);
        QVERIFY(!fixture.message(0, MessageListModel::MemoryStartsHereRole).toBool());
    }
};

ALCOVE_TEST(TestChatEngine)
#include "test_chat_engine.moc"
