// The loader, the list of devices, and what is said where there is no driver.
#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/devices/device_request.h"
#include "engine/vulkan/driver/instance.h"
#include "engine/vulkan/driver/physical_device.h"
#include "engine/vulkan/driver/structure.h"
#include "tests/rig/environment.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::ScopedVariable;

class TestVulkanDevice : public QObject {
    Q_OBJECT

private slots:
    void listsTheDriver();
    void choosesByNumberAndName();
    void saysWhatToInstallWithoutADriver();
    void validationIsOn();
};

void TestVulkanDevice::listsTheDriver() {
    const std::vector<DeviceInfo> devices = listDevices();
    QCOMPARE(devices.size(), std::size_t{2});  // and the processor
    const DeviceInfo& device = devices.front();
    const bool lavapipe = qgetenv("ALCOVE_TEST_DRIVER") == "lavapipe";
    QVERIFY2(device.name.find(lavapipe ? "llvmpipe" : "SwiftShader") != std::string::npos, device.name.c_str());
    QCOMPARE(device.index, 0U);
    QVERIFY(device.usable);
    QVERIFY(device.problem.empty());
    QVERIFY(device.kind == DeviceKind::Software);
    QVERIFY(device.memoryBytes > 0);
    QVERIFY(device.apiVersion.starts_with("1."));
    QVERIFY(!device.driver.empty());
}

void TestVulkanDevice::choosesByNumberAndName() {
    const std::vector<DeviceInfo> devices = listDevices();
    const ScopedVariable variable("ALCOVE_DEVICE", "vulkan");
    QCOMPARE(&chooseDevice(devices, "auto"), &devices.front());
    QCOMPARE(&chooseDevice(devices, "cpu"), &devices.back());
    QVERIFY(meansProcessor("CPU"));
    QVERIFY(!meansProcessor("auto"));
    variable.set("cpu");
    QVERIFY(meansProcessor("auto"));
    QVERIFY(!meansProcessor("vulkan:0"));
    variable.unset();
    QVERIFY(!meansProcessor("auto"));
    QCOMPARE(&chooseDevice(devices, "vulkan"), &devices.front());
    QCOMPARE(&chooseDevice(devices, "cpu"), &devices.back());
    // Software Vulkan computes on the processor too, only slower.
    QCOMPARE(&chooseDevice(devices, "auto"), &devices.back());
    QCOMPARE(&chooseDevice(devices, "vulkan:0"), &devices.front());
    QCOMPARE(&chooseDevice(devices, devices.front().name.substr(0, 5)), &devices.front());
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(chooseDevice(devices, "vulkan:1")), Error);
}

void TestVulkanDevice::saysWhatToInstallWithoutADriver() {
    const ScopedVariable device("ALCOVE_DEVICE");
    const ScopedVariable driver("VK_ICD_FILENAMES", "/nowhere/no_driver.json");
    const ScopedVariable validation("ALCOVE_VULKAN_VALIDATION");
    Sentence problem;
    const std::vector<DeviceInfo> devices = listDevices(&problem);
    QCOMPARE(devices.size(), std::size_t{1});
    QVERIFY(devices.front().kind == DeviceKind::Processor);
    QCOMPARE(&chooseDevice(devices, "auto"), &devices.front());
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(chooseDevice(devices, "vulkan")), Error);
    const std::string sentence = problem.english();
    QVERIFY2(sentence.find("sudo apt install mesa-vulkan-drivers") != std::string::npos, sentence.c_str());
}

// Proves that the messages which all other tests rely on being absent would arrive.
void TestVulkanDevice::validationIsOn() {
    std::vector<std::string> messages;
    const vulkan::Instance instance =
        vulkan::Instance::open({.validationSink = [&messages](std::string_view text) { messages.emplace_back(text); }});
    QVERIFY(instance.namesObjects());
    const VkPhysicalDevice handle = instance.physicalDevices().front();
    auto wrong = vulkan::structure<VkPhysicalDeviceProperties2>(VK_STRUCTURE_TYPE_PHYSICAL_DEVICE_FEATURES_2);
    vkGetPhysicalDeviceProperties2(handle, &wrong);
    QVERIFY(!messages.empty());
}

ALCOVE_TEST(TestVulkanDevice)
#include "test_vulkan_device.moc"
