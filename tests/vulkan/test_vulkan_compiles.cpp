// Every pipeline compiles for graphics cards that are not here, and into registers alone: Mesa's RADV driver compiles
// for any of its cards without one (RADV_FORCE_FAMILY).
#include <QTest>

#include "engine/devices/device_list.h"
#include "engine/vulkan/tuning/tuning.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/pipeline_report.h"

using namespace alcove::engine;
using alcove::tests::PipelineReport;

class TestVulkanCompiles : public QObject {
    Q_OBJECT

private slots:
    void everyPipeline();
};

void TestVulkanCompiles::everyPipeline() {
    const DeviceInfo device = listDevices().front();
    const QByteArray family = qgetenv("RADV_FORCE_FAMILY").toUpper();
    QVERIFY2(device.name.find(family.toStdString()) != std::string::npos, device.name.c_str());
    const std::vector<PipelineReport> reports = alcove::tests::reportOnEveryPipeline(device, vulkan::kTuningRounds);
    QVERIFY(reports.size() > 20);
    QByteArray spilling;
    for (const PipelineReport& report : reports) {
        if (report.spills()) {
            spilling += "\n" + QByteArray::fromStdString(report.name);
            for (const auto& [name, value] : report.statistics) {
                spilling += "; " + QByteArray::fromStdString(name) + " " + QByteArray::number(quint64{value});
            }
        }
    }
    QVERIFY2(spilling.isEmpty(), "These do not fit into registers:" + spilling);
}

ALCOVE_TEST(TestVulkanCompiles)
#include "test_vulkan_compiles.moc"
