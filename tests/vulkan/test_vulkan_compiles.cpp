// Every pipeline compiles for graphics cards that are not here: Mesa's RADV driver compiles for any of its cards
// without one (RADV_FORCE_FAMILY), and with RADV_DEBUG=shaderstats says how well; CTest fails on spilled registers.
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
    QVERIFY(tuning.project.invocations > 8);
    const PipelineCache cache(device, {});
    for (const ActivationType type : {ActivationType::Floats, ActivationType::Bytes}) {
        for (const DType dtype : {DType::F32, DType::F16, DType::BF16, DType::Q8_0, DType::Q4_0}) {
            if (type == ActivationType::Bytes && !isQuantized(dtype)) {
                continue;
            }
            KernelNeeds needs{.embedding = dtype, .projections = {}, .activations = type};
            for (const Epilogue epilogue : {Epilogue::Store, Epilogue::Rope, Epilogue::Residual, Epilogue::Swiglu}) {
                needs.projections.push_back({epilogue, dtype});
            }
            needs.cache = dtype == DType::Q4_0 ? KvType::Q8 : KvType::F16;
            const Kernels kernels(device, cache, tuning, needs);
            QVERIFY(kernels.attention().handle() != VK_NULL_HANDLE);
        }
    }
    const SamplingKernels sampling(device, cache);
    QVERIFY(sampling.select.handle() != VK_NULL_HANDLE);
}

QTEST_GUILESS_MAIN(TestVulkanCompiles)
#include "test_vulkan_compiles.moc"
