// How a device's kernels are chosen: what may be tried, what wins, what is remembered, and what is never believed.
#include <algorithm>
#include <fstream>
#include <functional>
#include <map>
#include <string>

#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/model/example_model.h"
#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "engine/vulkan/tuning/tuning_search.h"
#include "engine/vulkan/tuning/tuning_store.h"
#include "tests/fakes/idle_forward_pass.h"
#include "tests/reference/reference.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

// A laptop's graphics processor with everything, and one with nothing.
PhysicalDevice richDevice() {
    PhysicalDevice device;
    device.info.kind = DeviceKind::IntegratedGpu;
    device.features.subgroupSize = 64;
    device.features.subgroupSizeControl = true;
    device.features.minSubgroupSize = 32;
    device.features.maxSubgroupSize = 64;
    device.features.integerDot = device.features.integerDotAccelerated = true;
    device.features.float16 = device.features.subgroupArithmetic = true;
    device.features.matrix = {16, 16, 16};
    device.features.maxSharedBytes = 32768;
    device.features.maxInvocations = 1024;
    return device;
}

PhysicalDevice poor() {
    PhysicalDevice device;
    device.info.kind = DeviceKind::IntegratedGpu;
    device.features.maxInvocations = 128;
    return device;
}

constexpr KernelSelection kPlain{Variant::Plain, 64, 0};
constexpr KernelSelection kDot{Variant::Dot, 64, 0};
constexpr KernelSelection kPlainTiled{Variant::Plain, 64, 0, PromptForm::Tiled};
constexpr KernelSelection kDotTiled{Variant::Dot, 64, 0, PromptForm::Tiled};
constexpr KernelSelection kDotMatrix{Variant::Dot, 64, 0, PromptForm::Matrix};

ModelConfig smallConfig() {
    ModelConfig config;
    config.hiddenSize = 64;
    config.ffnSize = 96;
    config.headCount = 2;
    config.kvHeadCount = 1;
    config.headDim = 32;
    return config;
}

// Tells the same logits for every prompt, with an error of the selection's own.
class PretendedPass final : public fakes::IdleForwardPass {
public:
    explicit PretendedPass(float error) : IdleForwardPass(64, 64), m_error(error) {}
    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override {
        QVERIFY(position + tokens.size() <= contextSize());
        for (std::size_t i = 0; i < logits.size(); ++i) {
            logits[i] = (i % 2 == 0 ? 1.0F : -1.0F) * (1 + m_error);
        }
    }

private:
    float m_error;
};

}  // namespace

class TestVulkanTuning : public QObject {
    Q_OBJECT

private slots:
    void triesWhatTheDeviceAllows();
    void takesWhatIsClearlyFaster();
    void stopsWhereThePlainOneFails();
    void dropsWhatComputesSomethingElse();
    void remembers();
    void believesNoDamagedFile_data();
    void believesNoDamagedFile();
    void opensWithWhatItFound();
};

void TestVulkanTuning::triesWhatTheDeviceAllows() {
    QVERIFY(plainSelection(richDevice()) == kPlain);
    QVERIFY(likelySelection(richDevice()) == kDot);
    QVERIFY(likelySelection(poor()) == kPlain);
    QVERIFY(alternatives(richDevice(), kPlain, 0) == std::vector{kDot});
    QVERIFY(alternatives(poor(), kPlain, 0).empty());
    QVERIFY(alternatives(richDevice(), kDot, 1) == (std::vector{kDotTiled, kDotMatrix}));
    QVERIFY(alternatives(poor(), kPlain, 1) == std::vector{kPlainTiled});
    const std::vector<KernelSelection> groups = alternatives(poor(), kPlain, 2);
    QCOMPARE(groups.size(), std::size_t{2});
    QVERIFY(groups[0].invocations == 32 && groups[1].invocations == 128);
    const std::vector<KernelSelection> subgroups = alternatives(richDevice(), kDot, 3);
    QCOMPARE(subgroups.size(), std::size_t{1});  // 64 is what the driver takes by itself
    QVERIFY(subgroups[0].variant == Variant::Dot && subgroups[0].subgroupSize == 32);
    QVERIFY(alternatives(poor(), kPlain, 3).empty());

    PhysicalDevice emulated = richDevice();
    emulated.features.integerDotAccelerated = false;
    QVERIFY(alternatives(emulated, kPlain, 0).empty());
    QVERIFY(isAllowed(kDot, emulated.features));
    QVERIFY(!isAllowed(kDot, poor().features));
    QVERIFY(!isAllowed({Variant::Plain, 60, 0}, richDevice().features));
    QVERIFY(!isAllowed({Variant::Plain, 256, 0}, richDevice().features));
    QVERIFY(!isAllowed({Variant::Plain, 64, 16}, richDevice().features));
    QVERIFY(!isAllowed({Variant::Plain, 64, 32}, poor().features));
    QVERIFY(!isAllowed({Variant::Lean, 8, 0}, richDevice().features));

    QVERIFY(likelySelection(richDevice()).prompt == PromptForm::Streamed);  // matrices must first pass a trial
    QVERIFY(isAllowed(kDotMatrix, richDevice().features));
    const auto allowsMatrices = [](const std::function<void(DeviceFeatures&)>& without) {
        DeviceFeatures features = richDevice().features;
        without(features);
        return isAllowed(kDotMatrix, features);
    };
    QVERIFY(!allowsMatrices([](DeviceFeatures& features) { features.matrix = {}; }));
    QVERIFY(!allowsMatrices([](DeviceFeatures& features) { features.float16 = false; }));
    QVERIFY(!allowsMatrices([](DeviceFeatures& features) { features.subgroupSizeControl = false; }));
    QVERIFY(!allowsMatrices([](DeviceFeatures& features) { features.maxSharedBytes = 16384; }));
    DeviceFeatures lean = richDevice().features;
    lean.subgroupShuffle = true;
    lean.maxTexels = 1;
    QVERIFY(isAllowed({Variant::Lean, 8, 0}, lean));
    QVERIFY(!isAllowed({Variant::Lean, 8, 0, PromptForm::Tiled}, lean));
}

void TestVulkanTuning::takesWhatIsClearlyFaster() {
    std::map<std::string, std::optional<double>> times = {
        {"plain, work groups of 64", 1.0},
        {"dot, work groups of 64", 0.5},
        {"dot, work groups of 64, prompts tiled", 0.45},
        {"dot, work groups of 64, prompts matrix", 0.4},
        {"dot, work groups of 32, prompts matrix", 0.39},  // no more than noise
        {"dot, work groups of 128, prompts matrix", 0.3},
        {"dot, work groups of 128, subgroups of 32, prompts matrix", std::nullopt},
    };
    const auto secondsOf = [&](const KernelSelection& selection) { return times.at(describe(selection)); };
    const TuningSearch search = searchTuning(richDevice(), secondsOf);
    QCOMPARE(search.trials.size(), times.size());
    QVERIFY(search.best == (KernelSelection{Variant::Dot, 128, 0, PromptForm::Matrix}));

    const TuningSearch slowDot =
        searchTuning(richDevice(), [](const KernelSelection& selection) { return selection == kPlain ? 1.0 : 2.0; });
    QVERIFY(slowDot.best == kPlain);
    QCOMPARE(slowDot.trials.size(), std::size_t{7});  // everything else was tried with plain kernels
}

void TestVulkanTuning::stopsWhereThePlainOneFails() {
    const TuningSearch search =
        searchTuning(richDevice(), [](const KernelSelection&) { return std::optional<double>(); });
    QVERIFY(search.best == kPlain);
    QCOMPARE(search.trials.size(), std::size_t{1});
}

void TestVulkanTuning::dropsWhatComputesSomethingElse() {
    const auto isTimed = [](float plainError, float dotError, float groupError) {
        const TuningSearch search = tryTunings(
            richDevice(), smallConfig(), DType::Q4_0, [&](const KernelSelection& selection, const ExampleModel& model) {
                const float error = selection == kPlain ? plainError : selection == kDot ? dotError : groupError;
                if (model.weights.layers.size() != 2 || std::isnan(error)) {
                    throw Error(ErrorCode::DeviceLost, Sentence::verbatim("The device was lost."));
                }
                return std::make_unique<PretendedPass>(error);
            });
        std::string timed;
        for (const TuningTrial& trial : search.trials) {
            timed += trial.seconds ? '+' : '-';
        }
        return timed;
    };
    const float lost = std::nanf("");
    QVERIFY(isTimed(0, 0, 0).starts_with("++"));
    QVERIFY(isTimed(0, 0.02F, 0).starts_with("++"));  // eight-bit activations: 4e-4
    QVERIFY(isTimed(0, 0.1F, 0).starts_with("+-"));   // 1e-2
    QVERIFY(isTimed(0, lost, 0).starts_with("+-"));
    QCOMPARE(isTimed(lost, 0, 0), std::string("-"));
    QCOMPARE(isTimed(0, 0.1F, 0.02F), std::string("+------"));  // floats must agree to more digits
    QVERIFY_EXCEPTION_THROWN(
        static_cast<void>(tryTunings(richDevice(), smallConfig(), DType::F16,
                                     [](const KernelSelection&, const ExampleModel&) -> std::unique_ptr<ForwardPass> {
                                         throw Error(ErrorCode::Cancelled, Sentence::verbatim("Stopped."));
                                     })),
        Error);
}

void TestVulkanTuning::remembers() {
    const QTemporaryDir folder;
    const std::filesystem::path path = folder.path().toStdString() + "/new";
    const PhysicalDevice device = richDevice();
    const TuningStore store(device, path);
    const std::string subject = tuningSubject(smallConfig(), DType::Q4_0);
    QVERIFY(!store.find(subject));
    const KernelSelection best{Variant::Dot, 128, 32, PromptForm::Matrix};
    QVERIFY(store.remember(subject, {best, {{kPlain, 1.0}, {best, 0.5}, {kDot, std::nullopt}}}));
    QVERIFY(TuningStore(device, path).find(subject) == best);
    QVERIFY(!store.find(tuningSubject(smallConfig(), DType::Q8_0)));
    QVERIFY(store.remember("another", {kPlain, {}}));
    QVERIFY(store.find(subject) == best && store.find("another") == kPlain);

    PhysicalDevice updated = device;
    updated.properties.driverVersion = 7;
    QVERIFY(!TuningStore(updated, path).find(subject));
    const PhysicalDevice without = poor();  // the same device, clamped
    QVERIFY(!TuningStore(without, path).find(subject));
    QVERIFY(!TuningStore(device, {}).find(subject) && !TuningStore(device, {}).remember(subject, {}));
}

void TestVulkanTuning::believesNoDamagedFile_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addRow("empty") << QByteArray() << QByteArray();
    QTest::addRow("no object") << QByteArray("{") << QByteArray("[");
    QTest::addRow("variant") << QByteArray("\"dot\"") << QByteArray("\"fast\"");
    QTest::addRow("variant's type") << QByteArray("\"dot\"") << QByteArray("3");
    QTest::addRow("prompt") << QByteArray("\"streamed\"") << QByteArray("\"fast\"");
    QTest::addRow("prompt's type") << QByteArray("\"streamed\"") << QByteArray("{}");
    QTest::addRow("invocations") << QByteArray("128") << QByteArray("4096");
    QTest::addRow("huge") << QByteArray("128") << QByteArray("18446744073709551615");
    QTest::addRow("negative") << QByteArray("128") << QByteArray("-128");
    QTest::addRow("fraction") << QByteArray("128") << QByteArray("64.5");
    QTest::addRow("missing") << QByteArray("\"invocations\"") << QByteArray("\"other\"");
    QTest::addRow("found's type") << QByteArray("\"found\": {") << QByteArray("\"found\": 1, \"x\": {");
    QTest::addRow("shaders") << QByteArray("\"shaders\": ") << QByteArray("\"shaders\": 1");
    QTest::addRow("too long") << QByteArray("{") << QByteArray(100000, ' ') + "{";
}

void TestVulkanTuning::believesNoDamagedFile() {
    QFETCH(QByteArray, from);
    QFETCH(QByteArray, to);
    const QTemporaryDir folder;
    const PhysicalDevice device = richDevice();
    const TuningStore store(device, folder.path().toStdString());
    QVERIFY(store.remember("model", {{Variant::Dot, 128, 0}, {}}));
    QVERIFY(store.find("model"));
    QFile file(QString::fromStdString(store.file().string()));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QByteArray text = file.readAll();
    file.close();
    if (from.isEmpty()) {
        text.clear();
    } else {
        QVERIFY(text.contains(from));
        text.replace(text.indexOf(from), from.size(), to);
    }
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write(text) == text.size());
    file.close();
    QVERIFY(!store.find("model"));
    QVERIFY(store.remember("model", {kPlain, {}}));
    QVERIFY(store.find("model") == kPlain);
}

// The software driver, taken for a graphics processor that multiplies bytes, is tried once and then known.
void TestVulkanTuning::opensWithWhatItFound() {
    const QTemporaryDir folder;
    tests::RandomModelShape shape;
    shape.hidden = 64;
    shape.ffn = 96;
    shape.heads = 2;
    shape.kvHeads = 1;
    shape.headDim = 32;
    shape.vocab = 70;
    shape.context = 40;
    shape.dtypes = {DType::Q4_0};
    tests::RandomModel model = tests::makeRandomModel(shape);
    int devices = 0;
    VulkanForwardPassOptions options;
    options.contextSize = shape.context;
    options.pipelineCacheFolder = folder.path().toStdString();
    options.device.hooks.adjustPhysical = [](PhysicalDevice& device) {
        device.info.kind = DeviceKind::IntegratedGpu;
        device.features.integerDotAccelerated = device.features.integerDot;
    };
    options.device.hooks.wrapFunctions = [&devices](VolkDeviceTable&) { ++devices; };
    const DeviceInfo device = listDevices().front();
    const auto logits = [&](std::string* kernels) {
        const std::unique_ptr<ForwardPass> pass = makeVulkanForwardPass(device, model.config, model.weights, options);
        *kernels = pass->kernels();
        std::vector<float> result(shape.vocab);
        pass->evaluate(std::vector<TokenId>{1, 5, 3}, 0, result);
        return result;
    };
    std::string first;
    std::string second;
    const std::vector<float> measured = logits(&first);
    QVERIFY(devices >= 1 + 4 + 1);  // to ask, plain and dot and two more work groups, and the model
    devices = 0;
    const std::vector<float> known = logits(&second);
    QCOMPARE(devices, 2);
    QCOMPARE(second, first);
    QVERIFY(known == measured);

    options.device.hooks.adjustPhysical = {};
    const std::vector<float> lean = logits(&second);
    QVERIFY(second.starts_with("lean") || second.starts_with("plain, work groups of 8"));
    QVERIFY(reference::normalisedError(measured, std::vector<double>(lean.begin(), lean.end())) < 3e-3);
}

ALCOVE_TEST(TestVulkanTuning)
#include "test_vulkan_tuning.moc"
