// The recorder's rule, and proof that validation would see a barrier left out.
#include <QTest>

#include "tests/rig/test_registry.h"
#include "tests/vulkan/kernel_fixture.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::tests::KernelFixture;
using alcove::tests::randomTable;
using alcove::tests::RandomTensors;

class TestVulkanSynchronisation : public QObject {
    Q_OBJECT

private slots:
    void placesBarriersWhereNeeded();
    void validationSeesAMissingBarrier();
};

void TestVulkanSynchronisation::placesBarriersWhereNeeded() {
    KernelFixture fixture;
    const Buffer a = fixture.emptyRows(1, 8);
    const Buffer b = fixture.emptyRows(1, 8);
    const Buffer c = fixture.emptyRows(1, 8);
    using Buffers = std::initializer_list<const Buffer*>;
    struct Step {
        Buffers reads;
        Buffers writes;
        std::uint32_t barriers;  // so far, beside the one at the beginning
    };
    const auto count = [&fixture](std::initializer_list<Step> steps) {
        std::vector<std::uint32_t> counts;
        fixture.run([&](Recorder& recorder) {
            for (const Step& step : steps) {
                recorder.access(step.reads, step.writes);
                counts.push_back(recorder.counts().barriers - 1);
            }
        });
        std::vector<std::uint32_t> expected;
        for (const Step& step : steps) {
            expected.push_back(step.barriers);
        }
        return counts == expected;
    };
    QVERIFY(count({{{&a}, {&b}, 0}, {{&b}, {&c}, 1}, {{&a}, {}, 1}}));    // read after write
    QVERIFY(count({{{&a}, {&b}, 0}, {{&c}, {&a}, 1}, {{&b}, {}, 1}}));    // write after read; settles b too
    QVERIFY(count({{{}, {&b}, 0}, {{}, {&b}, 1}, {{}, {&b}, 2}}));        // write after write
    QVERIFY(count({{{&a}, {&b}, 0}, {{&a}, {&c}, 0}, {{&a}, {}, 0}}));    // readers do not wait for each other
    QVERIFY(count({{{&a}, {&a}, 0}, {{&b}, {&c}, 0}, {{&a}, {&a}, 1}}));  // in place
}

void TestVulkanSynchronisation::validationSeesAMissingBarrier() {
    std::vector<std::string> messages;
    KernelFixture fixture(DeviceOptions{
        .instance = {.validationSink = [&messages](std::string_view message) { messages.emplace_back(message); }}});
    RandomTensors tensors;
    const Matrix matrix = fixture.matrix({tensors.make("w", DType::F32, {32, 32}, 1)}, plainRows(32));
    const Buffer x = fixture.rows(randomTable(1, 32, 1, 1));
    const Buffer y = fixture.emptyRows(1, 32);
    const Buffer z = fixture.emptyRows(1, 32);
    ModelConfig config;
    config.hiddenSize = 32;
    const ActivationShape shape(config, ActivationType::Floats);
    KernelNeeds needs;
    needs.projections = {{Epilogue::Store, DType::F32}};
    const OperationContext context{&fixture.kernels(KernelFixture::Shape::Own, needs), &fixture.descriptors(), &shape,
                                   nullptr, 1e-5F};
    const StoreProjection first(context, matrix, {&x, nullptr}, y);
    const StoreProjection second(context, matrix, {&y, nullptr}, z);

    fixture.run([&](Recorder& recorder) {
        first.record(recorder, 1);
        second.record(recorder, 1);
    });
    QVERIFY2(messages.empty(), messages.empty() ? "" : messages.front().c_str());

    // The same from two recorders, so that the second knows nothing of the first.
    fixture.run([&](Recorder& recorder) {
        first.record(recorder, 1);
        Recorder unaware(fixture.device(), fixture.commands());
        second.record(unaware, 1);
    });
    QVERIFY(!messages.empty());
    QVERIFY2(messages.front().find("SYNC-HAZARD-READ-AFTER-WRITE") != std::string::npos, messages.front().c_str());
}

ALCOVE_TEST(TestVulkanSynchronisation)
#include "test_vulkan_synchronisation.moc"
