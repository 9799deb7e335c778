// What the engine says when the driver fails, and that nothing is left behind (validation would tell).
#include <array>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/execution/recorder.h"
#include "engine/vulkan/execution/submission_queue.h"
#include "engine/vulkan/execution/uploader.h"
#include "engine/vulkan/resources/descriptors.h"
#include "tests/rig/error_of.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/bindings_shader.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::tests::Fault;
using alcove::tests::FaultTable;

using alcove::tests::errorOf;

namespace {

DeviceOptions optionsFor(FaultTable& table, bool timeline = true) {
    DeviceOptions options;
    options.hooks.wrapFunctions = table.wrap();
    options.limits.noTimeline = !timeline;
    return options;
}

// Opens a device, makes one of everything that the engine makes, and runs it several times over.
void useEverything(const DeviceOptions& options) {
    constexpr std::uint32_t kInputWords = 8;
    constexpr std::uint32_t kRuns = 5;
    const Device device(listDevices().front(), options);
    const PipelineCache cache(device, {});
    const Pipeline pipeline(device, cache, tests::bindingsPipeline());
    const Buffer words(device, kInputWords * 16, MemoryUse::DeviceOnly, "words");
    const Buffer result(device, 16, MemoryUse::Readback, "result");
    const Buffer state(device, 16, MemoryUse::Upload, "state");
    state.as<std::uint32_t>()[0] = 0;
    {
        Uploader uploader(device, [](std::uint64_t) {});
        uploader.clear(words);
        const std::array<std::uint32_t, 4> ones{1, 1, 1, 1};
        uploader.write(words, 16, std::as_bytes(std::span(ones)), 1, 16);
        uploader.finish();
    }
    DescriptorAllocator descriptors(device);
    const VkDescriptorSet set = descriptors.allocate(pipeline, {&words, &result, &state});
    const CommandPool pool(device);
    const VkCommandBuffer commands = pool.allocate("bindings");
    beginCommands(device, commands, false);
    Recorder recorder(device, commands);
    recorder.begin();
    recorder.access({&words}, {&result, &state});
    recorder.dispatch(pipeline, set, kInputWords, 1);
    recorder.finishForHost();
    endCommands(device, commands);
    const VkCommandBuffer second = pool.allocate("again");
    beginCommands(device, second, false);
    Recorder again(device, second);
    again.begin();
    again.access({&words}, {&result, &state});
    again.dispatch(pipeline, set, kInputWords, 1);
    again.finishForHost();
    endCommands(device, second);
    SubmissionQueue queue(device, 2, "runs");
    for (std::uint32_t run = 0; run < kRuns; ++run) {
        static_cast<void>(queue.submit(run % 2 == 0 ? commands : second));
    }
    while (!queue.done(queue.newest())) {
        QTest::qWait(1);
    }
    if (result.as<std::uint32_t>()[0] != kRuns * 4) {
        throw std::runtime_error("a run went wrong without a word: " + std::to_string(result.as<std::uint32_t>()[0]));
    }
}

}  // namespace

class TestVulkanFailures : public QObject {
    Q_OBJECT

private slots:
    void namesEveryKindOfFailure();
    void saysWhatDidNotFit();
    void countsCalls();
    void survivesEveryFailure_data();
    void survivesEveryFailure();
};

void TestVulkanFailures::namesEveryKindOfFailure() {
    const auto codeOf = [](VkResult result) {
        return errorOf([result] { check(result, ALCOVE_TEXT("engine", "do this")); }).code();
    };
    QVERIFY(codeOf(VK_ERROR_DEVICE_LOST) == ErrorCode::DeviceLost);
    QVERIFY(codeOf(VK_ERROR_OUT_OF_HOST_MEMORY) == ErrorCode::OutOfMemory);
    QVERIFY(codeOf(VK_ERROR_OUT_OF_DEVICE_MEMORY) == ErrorCode::OutOfMemory);
    QVERIFY(codeOf(VK_ERROR_INITIALIZATION_FAILED) == ErrorCode::NoVulkan);
    check(VK_SUCCESS, ALCOVE_TEXT("engine", "do this"));
    check(VK_INCOMPLETE, ALCOVE_TEXT("engine", "do this"));
    const std::string sentence = errorOf([] { check(VK_ERROR_DEVICE_LOST, ALCOVE_TEXT("engine", "do this")); }).what();
    QVERIFY2(sentence.starts_with("The graphics driver could not do this (VK_ERROR_DEVICE_LOST)."), sentence.c_str());
}

void TestVulkanFailures::saysWhatDidNotFit() {
    FaultTable table;
    const Device device(listDevices().front(), optionsFor(table));
    table.inject({.function = "vkAllocateMemory", .result = VK_ERROR_OUT_OF_DEVICE_MEMORY});
    const Error error = errorOf([&] { Buffer(device, 3'000'000, MemoryUse::DeviceOnly, "the weights"); });
    QVERIFY(error.code() == ErrorCode::OutOfMemory);
    const std::string sentence = error.what();
    QVERIFY2(sentence.find("does not have 3.0 MB of free memory (about ") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find(" free)") != std::string::npos, sentence.c_str());
}

// The counts that the other tests, and tests of what a token costs, lean on.
void TestVulkanFailures::countsCalls() {
    FaultTable table;
    useEverything(optionsFor(table));
    QCOMPARE(table.count("vkCreateComputePipelines"), 1U);
    QCOMPARE(table.count("vkAllocateDescriptorSets"), 1U);
    QCOMPARE(table.count("vkUpdateDescriptorSets"), 1U);
    QCOMPARE(table.count("vkCreateBufferView"), 1U);
    QCOMPARE(table.count("vkCmdDispatch"), 2U);
    QCOMPARE(table.count("vkQueueSubmit"), 7U);
    QVERIFY(!table.occurred());
}

void TestVulkanFailures::survivesEveryFailure_data() {
    QTest::addColumn<bool>("timeline");
    QTest::addRow("timeline") << true;
    QTest::addRow("fences") << false;
}

void TestVulkanFailures::survivesEveryFailure() {
    QFETCH(bool, timeline);
    FaultTable table;
    useEverything(optionsFor(table, timeline));
    const std::vector<Fault> faults = faultsFor(table, 3);
    QVERIFY(faults.size() > 30);
    for (const Fault& fault : tests::sampled(faults, 20)) {
        table.inject(fault);
        const Error error = errorOf([&] { useEverything(optionsFor(table, timeline)); });
        const QByteArray place =
            QByteArray(fault.function.data()) + " " + QByteArray::number(fault.call) + ": " + error.what();
        const bool memory = fault.result == VK_ERROR_OUT_OF_DEVICE_MEMORY;
        // How often it must be asked whether work is done depends on the machine.
        const bool asks = fault.function == "vkGetFenceStatus" || fault.function == "vkGetSemaphoreCounterValue";
        QVERIFY2(table.occurred() || (asks && fault.call > 1), place.constData());
        if (table.occurred()) {
            QVERIFY2(error.code() == (memory ? ErrorCode::OutOfMemory : ErrorCode::DeviceLost), place.constData());
        }
    }
}

ALCOVE_TEST(TestVulkanFailures)
#include "test_vulkan_failures.moc"
