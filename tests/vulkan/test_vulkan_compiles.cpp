// Every pipeline compiles for graphics cards that are not here: Mesa's RADV driver compiles for any of its cards
// without one (RADV_FORCE_FAMILY), and with RADV_DEBUG=shaderstats says how well; CTest fails on spilled registers.
#include <array>

#include <QTest>

#include "engine/vulkan/kernels.h"
#include "engine/vulkan/sampling.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

class TestVulkanCompiles : public QObject {
    Q_OBJECT

private slots:
    void everyPipeline();
};

void TestVulkanCompiles::everyPipeline() {
    const Device device(listDevices().front());
    const QByteArray family = qgetenv("RADV_FORCE_FAMILY").toUpper();
    QVERIFY2(device.name().find(family.toStdString()) != std::string::npos, device.name().c_str());
    const Tuning tuning = tuningFor(device.physical());
    QVERIFY(tuning.one.lanes > 1);
    const PipelineCache cache(device, {});
    const Kernels kernels(device, cache, tuning, std::array{DType::F32, DType::F16, DType::BF16});
    QVERIFY(kernels.attention().handle() != VK_NULL_HANDLE);
    const SamplingKernels sampling(device, cache);
    QVERIFY(sampling.select.handle() != VK_NULL_HANDLE);
}

QTEST_GUILESS_MAIN(TestVulkanCompiles)
#include "test_vulkan_compiles.moc"
