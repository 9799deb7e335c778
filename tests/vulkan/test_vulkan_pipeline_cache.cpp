// The stored pipelines: kept, and never trusted.
#include <filesystem>

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "engine/devices/device_list.h"
#include "engine/vulkan/driver/device_files.h"
#include "engine/vulkan/network/kernels.h"
#include "engine/vulkan/resources/pipeline_cache.h"
#include "tests/rig/environment.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::tests::ScopedVariable;

class TestVulkanPipelineCache : public QObject {
    Q_OBJECT

private slots:
    void init();
    void keepsPipelines();
    void ignoresAndReplacesForeignFiles_data();
    void ignoresAndReplacesForeignFiles();
    void goesOnWithoutAFolder();
    void followsTheEnvironment();

private:
    void store() const;
    [[nodiscard]] Kernels compile(const PipelineCache& cache) const {
        return {*m_device, cache, tuningFor(m_device->physical(), likelySelection(m_device->physical())), {}};
    }
    [[nodiscard]] bool loads() const { return PipelineCache(*m_device, folder()).loaded(); }
    [[nodiscard]] std::filesystem::path folder() const { return m_folder->path().toStdString() + "/new/cache"; }
    [[nodiscard]] QString file() const {
        return QString::fromStdString(PipelineCache(*m_device, folder()).file().string());
    }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<Device> m_device;
};

void TestVulkanPipelineCache::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_device = std::make_unique<Device>(listDevices().front());
}

void TestVulkanPipelineCache::store() const {
    PipelineCache cache(*m_device, folder());
    const Kernels kernels = compile(cache);
    QVERIFY(cache.save());
}

void TestVulkanPipelineCache::keepsPipelines() {
    QVERIFY(!loads());
    store();
    QVERIFY(loads());
    QCOMPARE(std::distance(std::filesystem::directory_iterator(folder()), {}), 1);  // nothing temporary is left
    const PipelineCache cache(*m_device, folder());
    const Kernels kernels = compile(cache);  // made from what was stored
}

void TestVulkanPipelineCache::ignoresAndReplacesForeignFiles_data() {
    QTest::addColumn<int>("offset");  // of the byte to change; -1: none
    QTest::addColumn<int>("size");    // to cut the file to; -1: as it is
    QTest::addRow("empty") << -1 << 0;
    QTest::addRow("header cut") << -1 << 40;
    QTest::addRow("payload cut") << -1 << 80;
    QTest::addRow("magic") << 0 << -1;
    QTest::addRow("vendor") << 8 << -1;
    QTest::addRow("device") << 12 << -1;
    QTest::addRow("driver version") << 16 << -1;
    QTest::addRow("device UUID") << 24 << -1;
    QTest::addRow("shaders") << 40 << -1;
    QTest::addRow("lying size") << 48 << -1;
    QTest::addRow("absurd size") << 55 << -1;
    QTest::addRow("hash") << 56 << -1;
    QTest::addRow("payload") << 80 << -1;
}

void TestVulkanPipelineCache::ignoresAndReplacesForeignFiles() {
    QFETCH(int, offset);
    QFETCH(int, size);
    store();
    QFile stored(file());
    QVERIFY(stored.open(QIODevice::ReadWrite));
    if (offset >= 0) {
        QVERIFY(stored.seek(offset));
        char byte = 0;
        QVERIFY(stored.getChar(&byte));
        QVERIFY(stored.seek(offset));
        QVERIFY(stored.putChar(static_cast<char>(byte ^ 0x40)));
    }
    if (size >= 0) {
        QVERIFY(stored.resize(size));
    }
    stored.close();
    QVERIFY(!loads());
    store();
    QVERIFY(loads());
}

void TestVulkanPipelineCache::goesOnWithoutAFolder() {
    QVERIFY(!PipelineCache(*m_device, {}).save());
    QFile obstacle(m_folder->path() + QStringLiteral("/obstacle"));
    QVERIFY(obstacle.open(QIODevice::WriteOnly));
    QVERIFY(!PipelineCache(*m_device, obstacle.fileName().toStdString()).save());
}

void TestVulkanPipelineCache::followsTheEnvironment() {
    const ScopedVariable home("HOME", "/nobody");
    const ScopedVariable cacheHome("XDG_CACHE_HOME", "/somewhere");
    QCOMPARE(defaultCacheFolder(), std::filesystem::path("/somewhere/alcove"));
    cacheHome.set("relative");  // not allowed by the standard, so passed over
    QCOMPARE(defaultCacheFolder(), std::filesystem::path("/nobody/.cache/alcove"));
    cacheHome.set("");
    home.unset();
    QVERIFY(defaultCacheFolder().empty());
}

ALCOVE_TEST(TestVulkanPipelineCache)
#include "test_vulkan_pipeline_cache.moc"
