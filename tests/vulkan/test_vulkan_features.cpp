// What a device offers, what is taken away from that, and that what is left is enabled as it stands.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include <QTest>

#include "engine/devices/device_list.h"
#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/driver/feature_structures.h"
#include "engine/vulkan/driver/quirks.h"
#include "shaders/interface.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

// One that has everything.
DeviceFeatures richFeatures() {
    DeviceFeatures features;
    features.subgroupSize = 32;
    features.subgroupArithmetic = features.subgroupShuffle = features.subgroupBallot = true;
    features.subgroupSizeControl = true;
    features.minSubgroupSize = 32;
    features.maxSubgroupSize = 64;
    features.float16 = features.storage16 = features.storage8 = features.int16 = features.int8 = true;
    features.integerDot = features.integerDotAccelerated = true;
    features.matrix = {16, 16, 16};
    features.timelineSemaphore = features.lowPriority = features.memoryBudget = true;
    features.maxTexels = 1U << 27U;
    features.maxStorageRange = 0xFFFF'FFF0U;
    features.maxSharedBytes = 65536;
    features.maxInvocations = 1024;
    return features;
}

std::vector<std::string> requested(const DeviceFeatures& features, std::uint32_t apiVersion, FeatureStructures& chain) {
    const DeviceExtensions none(Instance::open().physicalDevices().front());
    std::vector<std::string> names;
    for (const char* name : requestFeatures(features, none, apiVersion, chain)) {
        names.emplace_back(name);
    }
    return names;
}

bool contains(const std::vector<std::string>& names, const char* name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

class TestVulkanFeatures : public QObject {
    Q_OBJECT

private slots:
    void readsTheDriver();
    void namesTiers();
    void clampsTiers();
    void clampsLimits();
    void takesAwayWhatDriversBreak();
    void namesExtensionsOnlyWhereNeeded();
    void opensAtEveryTier_data();
    void opensAtEveryTier();
    void goesOnWithoutPriority_data();
    void goesOnWithoutPriority();
};

// The software drivers are known well enough to write down.
void TestVulkanFeatures::readsTheDriver() {
    const Device device(listDevices().front());
    const DeviceFeatures& features = device.features();
    qInfo("%s", describeFeatures(features).c_str());
    const bool lavapipe = qgetenv("ALCOVE_TEST_DRIVER") == "lavapipe";
    QVERIFY(features.tier() == (lavapipe ? Tier::T2 : Tier::T1));
    QVERIFY(features.subgroupSize >= 4 && features.subgroupSize <= 16);
    QVERIFY(features.subgroupArithmetic && features.subgroupShuffle && features.subgroupBallot);
    QCOMPARE(features.float16, lavapipe);
    QCOMPARE(features.storage16, lavapipe);
    QCOMPARE(features.storage8, lavapipe);
    QCOMPARE(features.int16, lavapipe);
    QVERIFY(features.integerDot && !features.integerDotAccelerated);
    QVERIFY(features.subgroupSizeControl && features.timelineSemaphore);
    QCOMPARE(features.minSubgroupSize, features.subgroupSize);
    QVERIFY(!features.pipelineStatistics);
    QVERIFY(features.maxTexels >= 65536);  // what Vulkan promises, and all that SwiftShader gives
    QVERIFY(features.maxStorageRange >= 128U << 20U && features.maxStorageRange % 16 == 0);
    QVERIFY(features.maxSharedBytes >= ALCOVE_MAX_SHARED_BYTES && features.maxInvocations >= ALCOVE_MAX_INVOCATIONS);
    QVERIFY(device.physical().driver.driver ==
            (lavapipe ? VK_DRIVER_ID_MESA_LLVMPIPE : VK_DRIVER_ID_GOOGLE_SWIFTSHADER));
}

void TestVulkanFeatures::namesTiers() {
    DeviceFeatures features;
    QVERIFY(features.tier() == Tier::T0);
    QVERIFY(richFeatures().tier() == Tier::T5);
    for (bool DeviceFeatures::*needed :
         {&DeviceFeatures::float16, &DeviceFeatures::subgroupSizeControl, &DeviceFeatures::subgroupArithmetic}) {
        features = richFeatures();
        features.*needed = false;
        QVERIFY(!features.has(Tier::T5));
    }
    features = richFeatures();
    features.integerDotAccelerated = false;  // offered, but no faster
    QVERIFY(features.tier() == Tier::T2);
    QVERIFY(!features.has(Tier::T3) && features.has(Tier::T4));
    features.subgroupSize = 2;
    QVERIFY(features.tier() == Tier::T0 && features.has(Tier::T2));
}

void TestVulkanFeatures::clampsTiers() {
    for (const Tier tier : {Tier::T0, Tier::T1, Tier::T2, Tier::T3, Tier::T4, Tier::T5}) {
        const DeviceFeatures features = clamped(richFeatures(), tier, {});
        QVERIFY(features.tier() == tier);
        for (const Tier above : {Tier::T1, Tier::T2, Tier::T3, Tier::T4, Tier::T5}) {
            QCOMPARE(features.has(above), above <= tier);
        }
        QVERIFY(features.timelineSemaphore && features.lowPriority);  // no kernel's business
    }
    const DeviceFeatures least = clamped(richFeatures(), Tier::T0, {});
    QVERIFY(!least.subgroupShuffle && !least.subgroupBallot && !least.storage16 && !least.storage8 && !least.int16);
    QVERIFY(!least.int8 && !least.integerDot && least.maxSubgroupSize == 0);
}

void TestVulkanFeatures::clampsLimits() {
    const DeviceFeatures small = clamped(richFeatures(), std::nullopt, LimitsClamp::smallLaptop());
    QCOMPARE(small.maxStorageRange, std::uint64_t{128U << 20U});
    QCOMPARE(small.maxSharedBytes, 16384U);
    QCOMPARE(small.maxInvocations, 128U);
    QVERIFY(!small.float16 && !small.storage16);
    QVERIFY(small.tier() == Tier::T1 && small.timelineSemaphore);
    // A clamp never widens.
    DeviceFeatures poor = richFeatures();
    poor.maxSharedBytes = 8192;
    QCOMPARE(clamped(poor, std::nullopt, LimitsClamp::smallLaptop()).maxSharedBytes, 8192U);

    DeviceOptions options;
    options.limits.maxStorageRange = 1'000'001;
    const Device device(listDevices().front(), options);
    QCOMPARE(device.maxStorageRange(), std::uint64_t{1'000'000});
}

void TestVulkanFeatures::takesAwayWhatDriversBreak() {
    DeviceFeatures features = richFeatures();
    applyQuirks({0x8086, VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA}, features);
    QVERIFY(!features.float16 && features.storage16);
    features = richFeatures();
    applyQuirks({0x8086, VkDriverId{}}, features);  // of a driver that does not tell, nothing is known
    applyQuirks({0x1002, VK_DRIVER_ID_MESA_RADV}, features);
    QVERIFY(features.float16 && features.subgroupBallot);
    for (const Quirk& quirk : quirks()) {
        features = richFeatures();
        applyQuirks({quirk.vendor, quirk.driver}, features);
        QVERIFY(!(features.*quirk.taken));
        QVERIFY(std::string_view(quirk.reason).find("issue") != std::string_view::npos);
    }
}

void TestVulkanFeatures::namesExtensionsOnlyWhereNeeded() {
    FeatureStructures old;
    const std::vector<std::string> forOld = requested(richFeatures(), VK_API_VERSION_1_1, old);
    QVERIFY(contains(forOld, VK_KHR_TIMELINE_SEMAPHORE_EXTENSION_NAME));
    QVERIFY(contains(forOld, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME));
    QVERIFY(contains(forOld, VK_KHR_SHADER_FLOAT16_INT8_EXTENSION_NAME));
    QVERIFY(contains(forOld, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME));
    QVERIFY(contains(forOld, VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME) && contains(forOld, kCooperativeMatrixName));
    QVERIFY(old.memoryModel.vulkanMemoryModel == VK_TRUE && old.cooperativeMatrix.cooperativeMatrix == VK_TRUE);
    QVERIFY(old.timeline.timelineSemaphore == VK_TRUE && old.float16Int8.shaderFloat16 == VK_TRUE);

    FeatureStructures recent;
    const std::vector<std::string> forNew = requested(richFeatures(), VK_API_VERSION_1_3, recent);
    QVERIFY(!contains(forNew, VK_KHR_TIMELINE_SEMAPHORE_EXTENSION_NAME));
    QVERIFY(!contains(forNew, VK_EXT_SUBGROUP_SIZE_CONTROL_EXTENSION_NAME));
    QVERIFY(contains(forNew, VK_EXT_MEMORY_BUDGET_EXTENSION_NAME));
    QVERIFY(!contains(forNew, VK_KHR_VULKAN_MEMORY_MODEL_EXTENSION_NAME) && contains(forNew, kCooperativeMatrixName));
    QVERIFY(recent.timeline.timelineSemaphore == VK_TRUE && recent.memoryModel.vulkanMemoryModel == VK_TRUE);

    FeatureStructures nothing;
    QVERIFY(requested({}, VK_API_VERSION_1_1, nothing).empty());
    QVERIFY(nothing.root.pNext == nullptr);
}

void TestVulkanFeatures::opensAtEveryTier_data() {
    QTest::addColumn<int>("tier");
    QTest::addColumn<bool>("small");
    for (const int tier : {0, 1, 2, 3, 4, 5}) {
        QTest::addRow("T%d", tier) << tier << false;
        QTest::addRow("T%d, small laptop", tier) << tier << true;
    }
}

void TestVulkanFeatures::opensAtEveryTier() {
    QFETCH(int, tier);
    QFETCH(bool, small);
    DeviceOptions options;
    options.maxTier = static_cast<Tier>(tier);
    options.limits = small ? LimitsClamp::smallLaptop() : LimitsClamp{};
    const Device device(listDevices().front(), options);
    QVERIFY(device.features().tier() <= *options.maxTier);
    QVERIFY(!small || device.maxStorageRange() == 128U << 20U);
    QVERIFY(&device.features() == &device.physical().features);
}

void TestVulkanFeatures::goesOnWithoutPriority_data() {
    QTest::addColumn<int>("refusal");
    QTest::addRow("not permitted") << static_cast<int>(VK_ERROR_NOT_PERMITTED_KHR);
    QTest::addRow("initialisation failed") << static_cast<int>(VK_ERROR_INITIALIZATION_FAILED);
    QTest::addRow("granted") << static_cast<int>(VK_SUCCESS);
}

// No driver here knows priorities, so what asks for one is looked at and taken out again.
void TestVulkanFeatures::goesOnWithoutPriority() {
    QFETCH(int, refusal);
    int asked = 0;
    int made = 0;
    DeviceOptions options;
    options.hooks.adjustPhysical = [](PhysicalDevice& device) { device.features.lowPriority = true; };
    options.hooks.createDevice = [&](VkPhysicalDevice physical, const VkDeviceCreateInfo& info, VkDevice& device) {
        ++made;
        std::vector<const char*> names;
        for (std::uint32_t i = 0; i < info.enabledExtensionCount; ++i) {
            const std::string_view name = info.ppEnabledExtensionNames[i];
            if (name.find("global_priority") == std::string_view::npos) {
                names.push_back(info.ppEnabledExtensionNames[i]);
            }
        }
        if (const void* part = info.pQueueCreateInfos->pNext; part != nullptr) {
            const auto& priority = *static_cast<const VkDeviceQueueGlobalPriorityCreateInfoKHR*>(part);
            asked += priority.globalPriority == VK_QUEUE_GLOBAL_PRIORITY_LOW_KHR ? 1 : 0;
            if (refusal != VK_SUCCESS) {
                return static_cast<VkResult>(refusal);
            }
        }
        VkDeviceQueueCreateInfo queue = *info.pQueueCreateInfos;
        queue.pNext = nullptr;
        VkDeviceCreateInfo plain = info;
        plain.pQueueCreateInfos = &queue;
        plain.enabledExtensionCount = static_cast<std::uint32_t>(names.size());
        plain.ppEnabledExtensionNames = names.data();
        return vkCreateDevice(physical, &plain, nullptr, &device);
    };
    const Device device(listDevices().front(), options);
    QCOMPARE(asked, 1);
    QCOMPARE(made, refusal == VK_SUCCESS ? 1 : 2);
    QCOMPARE(device.hasLowPriority(), refusal == VK_SUCCESS);
}

ALCOVE_TEST(TestVulkanFeatures)
#include "test_vulkan_features.moc"
