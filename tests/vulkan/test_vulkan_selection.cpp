// Measuring devices that are there, and choosing between them. How fast they are is nobody's business here.
#include <cmath>

#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/cpu/cpu_forward_pass.h"
#include "engine/devices/comparison_file.h"
#include "engine/devices/device_list.h"
#include "engine/devices/device_selection.h"
#include "engine/generator.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/reference/reference.h"
#include "tests/rig/environment.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::ScopedVariable;

namespace {

// Both drivers here compute on the processor, one of them slowly and both watched by the validation layer.
constexpr ProbeShape kSmall = {.hidden = 128, .ffn = 192, .heads = 4, .layers = 2, .vocab = 256};

bool measured(const DeviceSpeed& speed) {
    return std::isfinite(speed.promptSeconds) && speed.promptSeconds > 0 && std::isfinite(speed.replySeconds) &&
           speed.replySeconds > 0;
}

}  // namespace

class TestVulkanSelection : public QObject {
    Q_OBJECT

private slots:
    void init() { m_kind.set("integrated"); }

    void devicesAreToldApart() {
        const std::vector<DeviceInfo> devices = listDevices();
        QCOMPARE(devices.size(), std::size_t{2});
        QVERIFY(devices[0].kind == DeviceKind::IntegratedGpu);
        QCOMPARE(devices[0].identity.size(), std::size_t{16 * 2 + 1 + 8});
        QCOMPARE(listDevices()[0].identity, devices[0].identity);
        QVERIFY(devices[1].identity.empty());
        m_kind.unset();
        QVERIFY(listDevices()[0].kind == DeviceKind::Software);
    }

    void theProbeRunsOnBoth() {
        const ExampleModel model = probeModel(kSmall);
        std::vector<std::vector<float>> logits;
        for (const DeviceInfo& device : listDevices()) {
            const Probe probe = probeDevice(device, kSmall, {});
            QVERIFY(measured(probe.speed));
            QCOMPARE(probe.logits.size(), std::size_t{kSmall.vocab});
            logits.push_back(probe.logits);
        }
        const std::vector<double> processor(logits[1].begin(), logits[1].end());
        QVERIFY(alcove::reference::normalisedError(logits[0], processor) < 1e-3);

        const auto pass = makeVulkanForwardPass(listDevices().front(), model.config, model.weights,
                                                {.contextSize = model.config.contextLength});
        QVERIFY(measured(measureSpeed(*pass, kSmall.vocab, {})));
        QVERIFY(pass->counters().dispatches >= 5 * kSmall.layers);
    }

    // What is measured is a part of MobiLlama-0.5B that no cache holds.
    void theProbeIsLikeTheModel() {
        const ExampleModel model = probeModel({});
        QCOMPARE(model.config.headDim, 64U);
        const auto pass = makeCpuForwardPass(model.config, model.weights, {.contextSize = 128});
        QVERIFY(pass->weightBytes() > 60'000'000U && pass->weightBytes() < 72'000'000U);
    }

    void choosesMeasuresAndRemembers() {
        const QTemporaryDir folder;
        SelectionOptions options;
        options.folder = folder.path().toStdString();
        options.shape = kSmall;
        int told = 0;
        options.measuring = [&told](const Sentence&) { ++told; };
        const std::vector<DeviceInfo> devices = listDevices();
        const DeviceSelection first = selectDevice(devices, "auto", options);
        QVERIFY(first.measured.has_value());
        QVERIFY(measured(first.measured->gpu) && measured(first.measured->processor));
        QCOMPARE(told, 1);
        const DeviceSelection again = selectDevice(devices, "auto", options);
        QCOMPARE(again.device.name, first.device.name);
        QCOMPARE(again.reason, first.reason);
        QCOMPARE(told, 1);
    }

    void canBeCancelled() {
        const QTemporaryDir folder;
        const std::atomic<bool> cancel = true;
        SelectionOptions options;
        options.folder = folder.path().toStdString();
        options.shape = kSmall;
        options.cancel = cancel;
        try {
            static_cast<void>(selectDevice(listDevices(), "auto", options));
            QFAIL("it was measured");
        } catch (const Error& error) {
            QVERIFY(error.code() == ErrorCode::Cancelled);
        }
    }

    // From what is remembered, without measuring: the door through which everything else comes in.
    void theGeneratorFollows_data() {
        QTest::addColumn<bool>("processorIsFaster");
        QTest::addRow("processor") << true;
        QTest::addRow("graphics") << false;
    }
    void theGeneratorFollows() {
        QFETCH(bool, processorIsFaster);
        const QTemporaryDir cache;
        const ScopedVariable cacheHome("XDG_CACHE_HOME", QFile::encodeName(cache.path()));
        const std::vector<DeviceInfo> devices = listDevices();
        constexpr DeviceSpeed kQuick = {.promptSeconds = 0.001, .replySeconds = 0.001};
        constexpr DeviceSpeed kSlow = {.promptSeconds = 1, .replySeconds = 1};
        ComparisonFile(cache.path().toStdString() + "/alcove", devices[0], devices[1])
            .save({.gpu = processorIsFaster ? kSlow : kQuick, .processor = processorIsFaster ? kQuick : kSlow});
        OpenOptions options;
        options.checkpoint = ALCOVE_FIXTURES "/stories260K";
        int notices = 0;
        options.notice = [&notices](const Sentence&) { ++notices; };
        const auto generator = Generator::open(options);
        QCOMPARE(generator->device().name, devices[processorIsFaster ? 1 : 0].name);
        QCOMPARE(notices, 0);
    }

private:
    const ScopedVariable m_device{"ALCOVE_DEVICE"};
    const ScopedVariable m_kind{"ALCOVE_SOFTWARE_AS"};
};

ALCOVE_TEST(TestVulkanSelection)
#include "test_vulkan_selection.moc"
