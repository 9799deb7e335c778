// What is given up, in which order, when a model does not fit.
#include <QTest>

#include "engine/model/memory_plan.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

constexpr std::uint64_t kFixed = 700'000'000;  // weights and work

// 1000 bytes a position in f16, 600 in q8.
MemoryPlan planWith(std::uint64_t available, std::uint32_t context) {
    MemoryNeeds needs;
    needs.weightBytes = 600'000'000;
    needs.workBytes = 100'000'000;
    needs.positionBytesF16 = 1000;
    needs.positionBytesQ8 = 600;
    needs.availableBytes = available;
    needs.wantedContext = context;
    return planMemory(needs);
}

}  // namespace

class TestMemoryPlan : public QObject {
    Q_OBJECT

private slots:
    void stepsDown_data();
    void stepsDown();
    void saysWhatWasGivenUp();
};

void TestMemoryPlan::stepsDown_data() {
    QTest::addColumn<quint64>("room");  // beside weights and work
    QTest::addColumn<quint32>("wanted");
    QTest::addColumn<bool>("fits");
    QTest::addColumn<bool>("q8");
    QTest::addColumn<quint32>("context");
    QTest::addRow("all") << quint64{2'048'000} << 2048U << true << false << 2048U;
    QTest::addRow("a byte less") << quint64{2'047'999} << 2048U << true << true << 2048U;
    QTest::addRow("just q8") << quint64{2048 * 600} << 2048U << true << true << 2048U;
    QTest::addRow("half") << quint64{2048 * 600 - 1} << 2048U << true << true << 1024U;
    QTest::addRow("a quarter") << quint64{1024 * 600 - 1} << 2048U << true << true << 512U;
    QTest::addRow("less than the least") << quint64{512 * 600 - 1} << 2048U << false << true << 512U;
    QTest::addRow("odd sizes end at the least") << quint64{512 * 600} << 1500U << true << true << 512U;
    QTest::addRow("little wanted") << quint64{100'000} << 100U << true << false << 100U;
    QTest::addRow("little wanted, q8") << quint64{60'000} << 100U << true << true << 100U;
    QTest::addRow("little wanted, is never halved") << quint64{59'999} << 100U << false << true << 100U;
}

void TestMemoryPlan::stepsDown() {
    QFETCH(quint64, room);
    QFETCH(quint32, wanted);
    QFETCH(quint32, context);
    const MemoryPlan plan = planWith(kFixed + room, wanted);
    QTEST(plan.fits, "fits");
    QTEST(plan.kvType == KvType::Q8, "q8");
    QCOMPARE(plan.contextSize, context);
    QCOMPARE(plan.totalBytes, kFixed + quint64{context} * (plan.kvType == KvType::Q8 ? 600U : 1000U));
    QCOMPARE(plan.note.empty(), plan.fits && plan.kvType == KvType::F16);
}

void TestMemoryPlan::saysWhatWasGivenUp() {
    QCOMPARE(planWith(kFixed + 2'000'000, 2048).note.english(),
             std::string("The KV cache uses 8 bits, because with 16 bits the model would need 702.0 MB, and the device "
                         "has 702.0 MB free."));
    QCOMPARE(planWith(kFixed + 700'000, 2048).note.english(),
             std::string("The context length is 1024 tokens instead of 2048, and the KV cache uses 8 bits, "
                         "because otherwise the model would need 702.0 MB, and the device has 700.7 MB free."));
    QCOMPARE(planWith(1000, 2048).note.english(),
             std::string("The model does not fit: even with a context of 512 tokens it needs 700.3 MB (weights 600.0 "
                         "MB), and the device has 1.0 kB free. Close other programs, or choose a smaller model or "
                         "another device."));
    QCOMPARE(planWith(0, 2048).contextSize, 512U);
}

ALCOVE_TEST(TestMemoryPlan)
#include "test_memory_plan.moc"
