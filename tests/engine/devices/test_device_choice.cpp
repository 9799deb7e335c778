// Which device computes if nobody says so: by invented times, with remembered and damaged records, and with devices
// that fail while they are measured.
#include <cmath>
#include <fstream>

#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/comparison_file.h"
#include "engine/devices/device_selection.h"
#include "tests/fakes/scripted_forward_pass.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

DeviceInfo device(DeviceKind kind, const std::string& name, std::uint32_t index = 0) {
    DeviceInfo info;
    info.index = index;
    info.name = name;
    info.kind = kind;
    info.driver = "driver 1.0";
    info.identity = kind == DeviceKind::Processor ? "" : "00112233445566778899aabbccddeeff-00400001";
    return info;
}

const DeviceInfo kIntegrated = device(DeviceKind::IntegratedGpu, "Small Graphics 600");
const DeviceInfo kProcessor = device(DeviceKind::Processor, "Four Core Processor");

constexpr DeviceSpeed kQuick = {.promptSeconds = 0.005, .replySeconds = 0.02};
constexpr DeviceSpeed kSlow = {.promptSeconds = 0.02, .replySeconds = 0.09};

// A folder to remember in, and a probe that says what a test wants and counts how often it is asked.
struct Stage {
    Stage() {
        options.folder = folder.path().toStdString() + "/new/cache";
        options.measuring = [this](const Sentence& sentence) { told.push_back(sentence.english()); };
        options.probe = [this](const DeviceInfo& info, const ProbeShape&, const std::atomic<bool>*) {
            ++probed;
            const bool gpu = info.kind != DeviceKind::Processor;
            if (gpu && gpuFails) {
                throw Error(*gpuFails, ALCOVE_TEXT("engine", "The device stopped answering at %1."), 7);
            }
            return Probe{gpu ? gpuSpeed : processorSpeed,
                         gpu && wrong ? std::vector<float>{3, -1, 2} : std::vector<float>{1, 2, 3.5F}};
        };
    }

    DeviceChoice choose(const std::string& request = "auto") { return weighDevices(devices, request, options); }
    [[nodiscard]] ComparisonFile file() const { return {*options.folder, devices.front(), devices.back()}; }

    QTemporaryDir folder;
    std::vector<DeviceInfo> devices = {kIntegrated, kProcessor};
    DeviceSpeed gpuSpeed = kSlow;
    DeviceSpeed processorSpeed = kQuick;
    std::optional<ErrorCode> gpuFails;
    bool wrong = false;
    ChoiceOptions options;
    int probed = 0;
    std::vector<std::string> told;
};

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

class TestDeviceChoice : public QObject {
    Q_OBJECT

private slots:
    void init() { qunsetenv("ALCOVE_DEVICE"); }

    void weighsByTheTimeOfAnAnswer_data() {
        QTest::addColumn<double>("gpuReply");
        QTest::addColumn<double>("gpuPrompt");
        QTest::addColumn<bool>("processor");
        // The processor takes 0.02 s a token of a reply and 0.01 s of a prompt, 3.2 s an answer.
        QTest::addRow("far faster") << 0.002 << 0.001 << false;
        QTest::addRow("equal") << 0.02 << 0.01 << false;
        QTest::addRow("a little slower") << 0.0235 << 0.01 << false;
        QTest::addRow("slower than the margin") << 0.0255 << 0.01 << true;
        QTest::addRow("far slower") << 0.5 << 0.5 << true;
        QTest::addRow("reads slowly, writes quickly") << 0.01 << 0.02 << false;
        QTest::addRow("reads far too slowly") << 0.01 << 0.2 << true;
    }
    void weighsByTheTimeOfAnAnswer() {
        QFETCH(double, gpuReply);
        QFETCH(double, gpuPrompt);
        QFETCH(bool, processor);
        const SpeedComparison speeds = {.gpu = {.promptSeconds = gpuPrompt, .replySeconds = gpuReply},
                                        .processor = {.promptSeconds = 0.01, .replySeconds = 0.02}};
        const DeviceChoice choice = weigh(kIntegrated, kProcessor, speeds);
        QCOMPARE(choice.device.name, processor ? kProcessor.name : kIntegrated.name);
        QVERIFY(choice.measured.has_value());
        QVERIFY2(contains(choice.reason.english(), "3.2 s"), choice.reason.english().c_str());
        QVERIFY(choice.reason.english().ends_with('.'));
        QVERIFY2(contains(choice.reason.english(), processor ? kIntegrated.name : "the processor"),
                 choice.reason.english().c_str());
        const bool slowerAndTaken = !processor && answerSeconds(speeds.gpu) > answerSeconds(speeds.processor);
        QCOMPARE(contains(choice.reason.english(), "other programs"), slowerAndTaken);
    }

    void measuresOnceAndRemembers() {
        Stage stage;
        const DeviceChoice first = stage.choose();
        QCOMPARE(first.device.name, kProcessor.name);
        QCOMPARE(stage.probed, 2);
        QCOMPARE(stage.told.size(), std::size_t{1});
        QVERIFY2(contains(stage.told[0], kIntegrated.name), stage.told[0].c_str());
        stage.gpuSpeed = {.promptSeconds = 1e-4, .replySeconds = 1e-3};
        const DeviceChoice again = stage.choose();
        QCOMPARE(again.device.name, kProcessor.name);
        QCOMPARE(again.reason, first.reason);
        QCOMPARE(again.measured->gpu.replySeconds, kSlow.replySeconds);
        QCOMPARE(stage.probed, 2);
        stage.options.anew = true;
        QCOMPARE(stage.choose().device.name, kIntegrated.name);
        QCOMPARE(stage.probed, 4);
    }

    void measuresAgainWhereSomethingIsNew_data() {
        QTest::addColumn<int>("what");
        QTest::addRow("driver version") << 0;
        QTest::addRow("driver") << 1;
        QTest::addRow("processor") << 2;
        QTest::addRow("vector unit") << 3;
    }
    void measuresAgainWhereSomethingIsNew() {
        QFETCH(int, what);
        Stage stage;
        static_cast<void>(stage.choose());
        DeviceInfo& changed = what < 2 ? stage.devices.front() : stage.devices.back();
        if (what == 0) {
            changed.identity.back() = '2';
        } else if (what == 2) {
            changed.name = "Eight Core Processor";
        } else {
            changed.driver = "driver 1.1";
        }
        static_cast<void>(stage.choose());
        QCOMPARE(stage.probed, 4);
        static_cast<void>(stage.choose());
        QCOMPARE(stage.probed, 4);
    }

    void onlyMeasuresWhereItMatters() {
        Stage stage;
        stage.devices.insert(stage.devices.begin(), device(DeviceKind::DiscreteGpu, "Large Graphics"));
        QCOMPARE(stage.choose().device.name, std::string("Large Graphics"));
        stage.devices.front() = device(DeviceKind::Software, "Software Driver");
        QCOMPARE(stage.choose("cpu").device.name, kProcessor.name);
        QCOMPARE(stage.choose("small graphics").device.name, kIntegrated.name);
        QCOMPARE(stage.choose("vulkan").device.name, kIntegrated.name);
        stage.devices = {device(DeviceKind::Software, "Software Driver"), kProcessor};
        const DeviceChoice software = stage.choose();
        QCOMPARE(software.device.name, kProcessor.name);
        QVERIFY2(contains(software.reason.english(), "slower"), software.reason.english().c_str());
        stage.devices = {kProcessor};
        QVERIFY(contains(stage.choose().reason.english(), "no graphics device was found"));
        stage.devices = {kIntegrated};
        QCOMPARE(stage.choose().device.name, kIntegrated.name);
        stage.devices = {kIntegrated, kProcessor};
        stage.devices.front().usable = false;
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        stage.devices.front().usable = true;
        qputenv("ALCOVE_DEVICE", "vulkan");
        QCOMPARE(stage.choose().device.name, kIntegrated.name);
        qunsetenv("ALCOVE_DEVICE");
        QCOMPARE(stage.probed, 0);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(stage.choose("nonsense")), Error);
        // What a virtual machine shows may be anything.
        stage.devices.front().kind = DeviceKind::VirtualGpu;
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        QCOMPARE(stage.probed, 2);
    }

    void measuresNothingUnasked() {
        Stage stage;
        stage.options.measure = false;
        const DeviceChoice open = stage.choose();
        QCOMPARE(open.device.name, kIntegrated.name);
        QVERIFY(!open.measured && contains(open.reason.english(), "not been compared"));
        QCOMPARE(stage.probed, 0);
        stage.options.measure = true;
        static_cast<void>(stage.choose());
        stage.options.measure = false;
        QCOMPARE(stage.choose().device.name, kProcessor.name);
    }

    void failuresAreRememberedUnlessTheyPass_data() {
        QTest::addColumn<int>("code");
        QTest::addColumn<bool>("remembered");
        QTest::addRow("lost") << int(ErrorCode::DeviceLost) << true;
        QTest::addRow("not finite") << int(ErrorCode::NotFinite) << true;
        QTest::addRow("unsupported") << int(ErrorCode::Unsupported) << true;
        QTest::addRow("memory") << int(ErrorCode::OutOfMemory) << false;
    }
    void failuresAreRememberedUnlessTheyPass() {
        QFETCH(int, code);
        QFETCH(bool, remembered);
        Stage stage;
        stage.gpuSpeed = kQuick;
        stage.gpuFails = static_cast<ErrorCode>(code);
        const DeviceChoice failed = stage.choose();
        QCOMPARE(failed.device.name, kProcessor.name);
        QVERIFY2(contains(failed.reason.english(), "stopped answering at 7."), failed.reason.english().c_str());
        stage.gpuFails.reset();
        QCOMPARE(stage.choose().device.name, remembered ? kProcessor.name : kIntegrated.name);
    }

    void wrongResultsAreNotTaken() {
        Stage stage;
        stage.gpuSpeed = {.promptSeconds = 1e-5, .replySeconds = 1e-4};
        stage.wrong = true;
        for (int time = 0; time < 2; ++time) {
            const DeviceChoice choice = stage.choose();
            QCOMPARE(choice.device.name, kProcessor.name);
            QVERIFY2(contains(choice.reason.english(), "computes wrongly"), choice.reason.english().c_str());
            QCOMPARE(stage.probed, 2);
        }
    }

    void cancellingLeavesNothingBehind() {
        Stage stage;
        stage.gpuFails = ErrorCode::Cancelled;
        for (int time = 0; time < 4; ++time) {
            QVERIFY_EXCEPTION_THROWN(static_cast<void>(stage.choose()), Error);
        }
        stage.gpuFails.reset();
        QVERIFY(stage.choose().measured.has_value());
    }

    // As if a driver had brought the program down in the middle.
    void givesUpAfterTwoCrashes() {
        for (const std::uint32_t begun : {1U, 2U}) {
            Stage stage;
            stage.file().save({.begun = begun});
            const DeviceChoice choice = stage.choose();
            QCOMPARE(stage.probed, begun == 1 ? 2 : 0);
            QCOMPARE(contains(choice.reason.english(), "ended unexpectedly"), begun == 2);
            QCOMPARE(choice.device.name, kProcessor.name);
        }
        Stage stage;
        std::optional<Comparison> during;
        const auto probe = stage.options.probe;
        stage.options.probe = [&](const DeviceInfo& info, const ProbeShape& shape, const std::atomic<bool>* cancel) {
            during = stage.file().load();
            return probe(info, shape, cancel);
        };
        static_cast<void>(stage.choose());
        QVERIFY(during.has_value());
        QCOMPARE(during->begun, 1U);
        QCOMPARE(stage.file().load()->begun, 0U);
    }

    void goesOnWithoutAFolder() {
        Stage stage;
        stage.options.folder = std::filesystem::path();
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        std::ofstream(stage.folder.path().toStdString() + "/obstacle") << "a file";
        stage.options.folder = stage.folder.path().toStdString() + "/obstacle";
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        stage.options.folder = std::filesystem::path("/proc/alcove");
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        QCOMPARE(stage.probed, 6);
        // A folder where the file should be.
        stage.options.folder = stage.folder.path().toStdString();
        std::filesystem::create_directories(stage.file().path());
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        stage.file().remove();
        stage.devices.front().identity.clear();  // a driver that tells nothing of itself
        QCOMPARE(stage.choose().device.name, kProcessor.name);
        QVERIFY(stage.file().path().empty());
    }

    void damagedFilesAreMeasuredAgain_data() {
        QTest::addColumn<QByteArray>("from");
        QTest::addColumn<QByteArray>("to");
        const auto row = [](const char* name, const char* from, const char* to) {
            QTest::addRow("%s", name) << QByteArray(from) << QByteArray(to);
        };
        row("empty", "", "");
        row("no JSON", "{", "<");
        row("no object", "", "[1, 2]");
        row("other key", "Small Graphics", "Large Graphics");
        row("key missing", "\"key\"", "\"kex\"");
        row("speed missing", "\"gpu\"", "\"gpx\"");
        row("number missing", "prompt_seconds", "prompt_secunds");
        row("text for a number", "0.09", "\"fast\"");
        row("negative", "0.09", "-0.09");
        row("zero", "0.09", "0");
        row("endless", "0.09", "1e300");
        row("out of range", "0.09", "1e999");
        row("not counted", "\"begun\": 0", "\"begun\": -7");
        row("counted too far", "\"begun\": 0", "\"begun\": 18446744073709551615");
        row("nested", "0.09", "[[[[[[[[0]]]]]]]]");
        row("not UTF-8", "{", "{\"\xff\": 1, ");
    }
    void damagedFilesAreMeasuredAgain() {
        QFETCH(QByteArray, from);
        QFETCH(QByteArray, to);
        Stage stage;
        static_cast<void>(stage.choose());
        QFile file(QString::fromStdString(stage.file().path().string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll();
        file.close();
        QVERIFY(text.contains(from));
        text = from.isEmpty() ? to : text.replace(text.indexOf(from), from.size(), to);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(text);
        file.close();
        const DeviceChoice choice = stage.choose();
        QCOMPARE(choice.device.name, kProcessor.name);
        QCOMPARE(stage.probed, 4);
        static_cast<void>(stage.choose());
        QCOMPARE(stage.probed, 4);  // and replaced
    }

    void hugeFilesAreNotRead() {
        Stage stage;
        static_cast<void>(stage.choose());
        std::ofstream(stage.file().path(), std::ios::app) << std::string(1 << 20, ' ');
        static_cast<void>(stage.choose());
        QCOMPARE(stage.probed, 4);
    }

    void textsComeBack() {
        Comparison comparison = {
            .begun = 1, .gpu = kQuick, .processor = kSlow, .failure = Sentence::verbatim("It \"fails\".\n")};
        const std::optional<Comparison> read = parseComparison(comparisonText(comparison, "a key"), "a key");
        QVERIFY(read.has_value());
        QCOMPARE(read->begun, 1U);
        QCOMPARE(read->gpu->promptSeconds, kQuick.promptSeconds);
        QCOMPARE(read->processor->replySeconds, kSlow.replySeconds);
        QVERIFY(read->failure == comparison.failure);
        // With its arguments, so that it can still be translated.
        comparison.failure = {ALCOVE_TEXT("engine", "It failed at %1: %2"), 7,
                              Sentence(ALCOVE_TEXT("engine", "the clause of %1"), "a \"name\"")};
        QVERIFY(parseComparison(comparisonText(comparison, "a key"), "a key")->failure == comparison.failure);
        QVERIFY(!parseComparison(comparisonText(comparison, "a key"), "another"));
    }

    // Prompts first, then a reply; within the context, and of the chunks allowed.
    void measuresTheForwardPass() {
        for (const std::uint32_t chunk : {1U, 3U, 8U, 64U}) {
            alcove::fakes::ScriptedForwardPass pass(512, 128, chunk);
            const DeviceSpeed speed = measureSpeed(pass, 512, nullptr);
            QVERIFY(std::isfinite(speed.promptSeconds) && speed.promptSeconds > 0);
            QVERIFY(std::isfinite(speed.replySeconds) && speed.replySeconds > 0);
            QVERIFY(pass.calls > 4);
            QVERIFY(pass.cache.size() > 1);
        }
        alcove::fakes::ScriptedForwardPass pass(512, 128, 32);
        std::atomic<bool> cancel = false;
        pass.beforeEvaluate = [&cancel](std::size_t) { cancel = true; };
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(measureSpeed(pass, 512, &cancel)), Error);
        QCOMPARE(pass.calls, std::size_t{1});
    }
};

ALCOVE_TEST(TestDeviceChoice)
#include "test_device_choice.moc"
