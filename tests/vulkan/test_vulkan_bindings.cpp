// Kinds of bindings and widths of subgroups that a pipeline may ask for, seen from a shader.
#include <algorithm>
#include <numeric>
#include <span>
#include <vector>

#include <QTest>

#include "engine/devices/device_list.h"
#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/execution/recorder.h"
#include "engine/vulkan/resources/descriptors.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/bindings_shader.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

constexpr std::uint32_t kWords = 100;

}  // namespace

class TestVulkanBindings : public QObject {
    Q_OBJECT

private slots:
    void readsTexelsAndWritesTheState_data();
    void readsTexelsAndWritesTheState();
    void keepsOneView();
};

void TestVulkanBindings::readsTexelsAndWritesTheState_data() {
    QTest::addColumn<int>("tier");
    QTest::addColumn<bool>("largest");
    QTest::addRow("driver's width") << 4 << false;
    QTest::addRow("width asked for") << 4 << true;
    QTest::addRow("width asked for in vain") << 3 << true;
}

void TestVulkanBindings::readsTexelsAndWritesTheState() {
    QFETCH(int, tier);
    QFETCH(bool, largest);
    DeviceOptions options;
    options.maxTier = static_cast<Tier>(tier);
    const Device device(listDevices().front(), options);
    const PipelineCache cache(device, {});
    const std::uint32_t width = tier == 4 ? device.features().maxSubgroupSize : 64;
    const Pipeline pipeline(device, cache, alcove::tests::bindingsPipeline(largest ? width : 0));
    const Buffer words(device, kWords * 16, MemoryUse::Upload, "words");
    std::iota(words.as<std::uint32_t>(), words.as<std::uint32_t>() + kWords * 4, 1U);
    const Buffer result(device, 16, MemoryUse::Readback, "result");
    const Buffer state(device, 16, MemoryUse::Upload, "state");
    state.as<std::uint32_t>()[0] = 1000;

    DescriptorAllocator descriptors(device);
    const VkDescriptorSet set = descriptors.allocate(pipeline, {&words, &result, &state});
    const CommandPool pool(device);
    const VkCommandBuffer commands = pool.allocate("bindings");
    Submission submission(device, "bindings");
    beginCommands(device, commands, false);
    Recorder recorder(device, commands);
    recorder.begin();
    recorder.access({&words}, {&result, &state});
    recorder.dispatch(pipeline, set, kWords, 1);
    recorder.finishForHost();
    endCommands(device, commands);
    for (int i = 0; i < 2; ++i) {  // the second run finds what the first left in the state
        submission.submit(commands);
        submission.wait();
    }
    constexpr std::uint32_t kSum = kWords * 4 * (kWords * 4 + 1) / 2;
    QCOMPARE(result.as<std::uint32_t>()[0], 1000 + 2 * kSum);
    QCOMPARE(result.as<std::uint32_t>()[1], device.features().subgroupSize);  // of the only width there is here
}

void TestVulkanBindings::keepsOneView() {
    const Device device(listDevices().front());
    Buffer words(device, 100, MemoryUse::DeviceOnly, "words");
    const VkBufferView view = words.texelView();
    QVERIFY(view != VK_NULL_HANDLE && words.texelView() == view);
    const Buffer moved = std::move(words);
    QVERIFY(moved.texelView() == view);
}

ALCOVE_TEST(TestVulkanBindings)
#include "test_vulkan_bindings.moc"
