// The automatic selection of a device: by invented times, with stored and damaged records, and with devices
// that fail while they are measured.
#include <cmath>
#include <fstream>

#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/comparison_file.h"
#include "engine/devices/device_selection.h"
#include "tests/fakes/scripted_forward_pass.h"
#include "tests/rig/environment.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::ScopedVariable;

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

bool contains(const std::string& text, std::string_view part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

// A folder for the stored times, and a probe that returns what a test sets and counts its calls.
struct SelectionFixture {
    SelectionFixture() {
        options.folder = folder.path().toStdString() + "/new/cache";
        options.measuring = [this](const Sentence& sentence) { told.push_back(sentence.english()); };
        options.probe = [this](const DeviceInfo& info, const ProbeShape&, const Cancellation&) {
            ++probed;
            const bool gpu = info.kind != DeviceKind::Processor;
            if (gpu && gpuFails) {
                throw Error(*gpuFails, ALCOVE_TEXT("engine", "The device stopped answering at %1."), 7);
            }
            return Probe{gpu ? gpuSpeed : processorSpeed,
                         gpu && wrong ? std::vector<float>{3, -1, 2} : std::vector<float>{1, 2, 3.5F}};
        };
    }

    DeviceSelection choose(const std::string& request = "auto") { return selectDevice(devices, request, options); }
    [[nodiscard]] ComparisonFile file() const { return {*options.folder, devices.front(), devices.back()}; }

    QTemporaryDir folder;
    std::vector<DeviceInfo> devices = {kIntegrated, kProcessor};
    DeviceSpeed gpuSpeed = kSlow;
    DeviceSpeed processorSpeed = kQuick;
    std::optional<ErrorCode> gpuFails;
    bool wrong = false;
    SelectionOptions options;
    int probed = 0;
    std::vector<std::string> told;
};

class TestDeviceSelection : public QObject {
    Q_OBJECT

private slots:
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
        const DeviceSelection selection = fasterOf(kIntegrated, kProcessor, speeds);
        QCOMPARE(selection.device.name, processor ? kProcessor.name : kIntegrated.name);
        QVERIFY(selection.measured.has_value());
        QVERIFY2(contains(selection.reason.english(), "3.2 s"), selection.reason.english().c_str());
        QVERIFY(selection.reason.english().ends_with('.'));
        QVERIFY2(contains(selection.reason.english(), processor ? kIntegrated.name : "the processor"),
                 selection.reason.english().c_str());
        const bool slowerAndTaken = !processor && answerSeconds(speeds.gpu) > answerSeconds(speeds.processor);
        QCOMPARE(contains(selection.reason.english(), "other programs"), slowerAndTaken);
    }

    void measuresOnceAndRemembers() {
        SelectionFixture fixture;
        const DeviceSelection first = fixture.choose();
        QCOMPARE(first.device.name, kProcessor.name);
        QCOMPARE(fixture.probed, 2);
        QCOMPARE(fixture.told.size(), std::size_t{1});
        QVERIFY2(contains(fixture.told[0], kIntegrated.name), fixture.told[0].c_str());
        fixture.gpuSpeed = {.promptSeconds = 1e-4, .replySeconds = 1e-3};
        const DeviceSelection again = fixture.choose();
        QCOMPARE(again.device.name, kProcessor.name);
        QCOMPARE(again.reason, first.reason);
        QCOMPARE(again.measured->gpu.replySeconds, kSlow.replySeconds);
        QCOMPARE(fixture.probed, 2);
        fixture.options.anew = true;
        QCOMPARE(fixture.choose().device.name, kIntegrated.name);
        QCOMPARE(fixture.probed, 4);
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
        SelectionFixture fixture;
        static_cast<void>(fixture.choose());
        DeviceInfo& changed = what < 2 ? fixture.devices.front() : fixture.devices.back();
        if (what == 0) {
            changed.identity.back() = '2';
        } else if (what == 2) {
            changed.name = "Eight Core Processor";
        } else {
            changed.driver = "driver 1.1";
        }
        static_cast<void>(fixture.choose());
        QCOMPARE(fixture.probed, 4);
        static_cast<void>(fixture.choose());
        QCOMPARE(fixture.probed, 4);
    }

    void onlyMeasuresWhereItMatters() {
        SelectionFixture fixture;
        fixture.devices.insert(fixture.devices.begin(), device(DeviceKind::DiscreteGpu, "Large Graphics"));
        QCOMPARE(fixture.choose().device.name, std::string("Large Graphics"));
        fixture.devices.front() = device(DeviceKind::Software, "Software Driver");
        QCOMPARE(fixture.choose("cpu").device.name, kProcessor.name);
        QCOMPARE(fixture.choose("small graphics").device.name, kIntegrated.name);
        QCOMPARE(fixture.choose("vulkan").device.name, kIntegrated.name);
        fixture.devices = {device(DeviceKind::Software, "Software Driver"), kProcessor};
        const DeviceSelection software = fixture.choose();
        QCOMPARE(software.device.name, kProcessor.name);
        QVERIFY2(contains(software.reason.english(), "slower"), software.reason.english().c_str());
        fixture.devices = {kProcessor};
        QVERIFY(contains(fixture.choose().reason.english(), "no graphics device was found"));
        fixture.devices = {kIntegrated};
        QCOMPARE(fixture.choose().device.name, kIntegrated.name);
        fixture.devices = {kIntegrated, kProcessor};
        fixture.devices.front().usable = false;
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        fixture.devices.front().usable = true;
        {
            const ScopedVariable named("ALCOVE_DEVICE", "vulkan");
            QCOMPARE(fixture.choose().device.name, kIntegrated.name);
        }
        QCOMPARE(fixture.probed, 0);
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(fixture.choose("nonsense")), Error);
        // The graphics of a virtual machine may be of any speed.
        fixture.devices.front().kind = DeviceKind::VirtualGpu;
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        QCOMPARE(fixture.probed, 2);
    }

    void measuresNothingUnasked() {
        SelectionFixture fixture;
        fixture.options.measure = false;
        const DeviceSelection open = fixture.choose();
        QCOMPARE(open.device.name, kIntegrated.name);
        QVERIFY(!open.measured && contains(open.reason.english(), "not been compared"));
        QCOMPARE(fixture.probed, 0);
        fixture.options.measure = true;
        static_cast<void>(fixture.choose());
        fixture.options.measure = false;
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
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
        SelectionFixture fixture;
        fixture.gpuSpeed = kQuick;
        fixture.gpuFails = static_cast<ErrorCode>(code);
        const DeviceSelection failed = fixture.choose();
        QCOMPARE(failed.device.name, kProcessor.name);
        QVERIFY2(contains(failed.reason.english(), "stopped answering at 7."), failed.reason.english().c_str());
        fixture.gpuFails.reset();
        QCOMPARE(fixture.choose().device.name, remembered ? kProcessor.name : kIntegrated.name);
    }

    void wrongResultsAreNotTaken() {
        SelectionFixture fixture;
        fixture.gpuSpeed = {.promptSeconds = 1e-5, .replySeconds = 1e-4};
        fixture.wrong = true;
        for (int time = 0; time < 2; ++time) {
            const DeviceSelection selection = fixture.choose();
            QCOMPARE(selection.device.name, kProcessor.name);
            QVERIFY2(contains(selection.reason.english(), "computes wrongly"), selection.reason.english().c_str());
            QCOMPARE(fixture.probed, 2);
        }
    }

    void cancellingLeavesNothingBehind() {
        SelectionFixture fixture;
        fixture.gpuFails = ErrorCode::Cancelled;
        for (int time = 0; time < 4; ++time) {
            QVERIFY_EXCEPTION_THROWN(static_cast<void>(fixture.choose()), Error);
        }
        fixture.gpuFails.reset();
        QVERIFY(fixture.choose().measured.has_value());
    }

    // As if a driver had crashed the program while measuring.
    void givesUpAfterTwoCrashes() {
        for (const std::uint32_t begun : {1U, 2U}) {
            SelectionFixture fixture;
            fixture.file().save({.begun = begun});
            const DeviceSelection selection = fixture.choose();
            QCOMPARE(fixture.probed, begun == 1 ? 2 : 0);
            QCOMPARE(contains(selection.reason.english(), "ended unexpectedly"), begun == 2);
            QCOMPARE(selection.device.name, kProcessor.name);
        }
        SelectionFixture fixture;
        std::optional<Comparison> during;
        const auto probe = fixture.options.probe;
        fixture.options.probe = [&](const DeviceInfo& info, const ProbeShape& shape, const Cancellation& cancel) {
            during = fixture.file().load();
            return probe(info, shape, cancel);
        };
        static_cast<void>(fixture.choose());
        QVERIFY(during.has_value());
        QCOMPARE(during->begun, 1U);
        QCOMPARE(fixture.file().load()->begun, 0U);
    }

    void goesOnWithoutAFolder() {
        SelectionFixture fixture;
        fixture.options.folder = std::filesystem::path();
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        std::ofstream(fixture.folder.path().toStdString() + "/obstacle") << "a file";
        fixture.options.folder = fixture.folder.path().toStdString() + "/obstacle";
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        fixture.options.folder = std::filesystem::path("/proc/alcove");
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        QCOMPARE(fixture.probed, 6);
        // A folder where the file should be.
        fixture.options.folder = fixture.folder.path().toStdString();
        std::filesystem::create_directories(fixture.file().path());
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        fixture.file().remove();
        fixture.devices.front().identity.clear();  // a driver that reports no identity
        QCOMPARE(fixture.choose().device.name, kProcessor.name);
        QVERIFY(fixture.file().path().empty());
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
        SelectionFixture fixture;
        static_cast<void>(fixture.choose());
        QFile file(QString::fromStdString(fixture.file().path().string()));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QByteArray text = file.readAll();
        file.close();
        QVERIFY(text.contains(from));
        text = from.isEmpty() ? to : text.replace(text.indexOf(from), from.size(), to);
        QVERIFY(file.open(QIODevice::WriteOnly | QIODevice::Truncate));
        file.write(text);
        file.close();
        const DeviceSelection selection = fixture.choose();
        QCOMPARE(selection.device.name, kProcessor.name);
        QCOMPARE(fixture.probed, 4);
        static_cast<void>(fixture.choose());
        QCOMPARE(fixture.probed, 4);  // and replaced
    }

    void hugeFilesAreNotRead() {
        SelectionFixture fixture;
        static_cast<void>(fixture.choose());
        std::ofstream(fixture.file().path(), std::ios::app) << std::string(1 << 20, ' ');
        static_cast<void>(fixture.choose());
        QCOMPARE(fixture.probed, 4);
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
            const DeviceSpeed speed = measureSpeed(pass, 512, {});
            QVERIFY(std::isfinite(speed.promptSeconds) && speed.promptSeconds > 0);
            QVERIFY(std::isfinite(speed.replySeconds) && speed.replySeconds > 0);
            QVERIFY(pass.calls > 4);
            QVERIFY(pass.cache.size() > 1);
        }
        alcove::fakes::ScriptedForwardPass pass(512, 128, 32);
        std::atomic<bool> cancel = false;
        pass.beforeEvaluate = [&cancel](std::size_t) { cancel = true; };
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(measureSpeed(pass, 512, cancel)), Error);
        QCOMPARE(pass.calls, std::size_t{1});
    }

private:
    const ScopedVariable m_device{"ALCOVE_DEVICE"};
};

ALCOVE_TEST(TestDeviceSelection)
#include "test_device_selection.moc"
