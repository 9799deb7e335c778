// Several submissions in flight, counted by a timeline semaphore or by fences.
#include <array>
#include <optional>

#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/vulkan/execution/commands.h"
#include "engine/vulkan/execution/submission_queue.h"
#include "engine/vulkan/execution/wait.h"
#include "engine/vulkan/resources/buffer.h"
#include "tests/rig/error_of.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove::engine;
using namespace alcove::engine::vulkan;

namespace {

constexpr std::uint32_t kDepth = 3;
constexpr std::uint32_t kCells = 8;

// Calls that are still let through.
int submitsLeft = 0;
int hostCalls = 0;
PFN_vkQueueSubmit realSubmit = nullptr;
PFN_vkCreateFence realCreateFence = nullptr;
PFN_vkCreateSemaphore realCreateSemaphore = nullptr;

VKAPI_ATTR VkResult VKAPI_CALL limitedSubmit(VkQueue queue, std::uint32_t count, const VkSubmitInfo* infos,
                                             VkFence fence) {
    return submitsLeft-- > 0 ? realSubmit(queue, count, infos, fence) : VK_ERROR_OUT_OF_HOST_MEMORY;
}

VKAPI_ATTR VkResult VKAPI_CALL countedCreateFence(VkDevice device, const VkFenceCreateInfo* info,
                                                  const VkAllocationCallbacks* callbacks, VkFence* fence) {
    ++hostCalls;
    return realCreateFence(device, info, callbacks, fence);
}

VKAPI_ATTR VkResult VKAPI_CALL countedCreateSemaphore(VkDevice device, const VkSemaphoreCreateInfo* info,
                                                      const VkAllocationCallbacks* callbacks, VkSemaphore* semaphore) {
    ++hostCalls;
    return realCreateSemaphore(device, info, callbacks, semaphore);
}

DeviceOptions options(bool timeline) {
    submitsLeft = 1'000'000;
    hostCalls = 0;
    DeviceOptions result;
    result.limits.noTimeline = !timeline;
    result.hooks.wrapFunctions = [](VolkDeviceTable& table) {
        realSubmit = std::exchange(table.vkQueueSubmit, limitedSubmit);
        realCreateFence = std::exchange(table.vkCreateFence, countedCreateFence);
        realCreateSemaphore = std::exchange(table.vkCreateSemaphore, countedCreateSemaphore);
    };
    return result;
}

// Command buffers that each write their number into a cell of their own.
struct SubmissionFixture {
    explicit SubmissionFixture(bool timeline)
        : device(listDevices().front(), options(timeline)),
          cells(device, kCells * 4, MemoryUse::Readback, "cells"),
          pool(device) {
        for (std::uint32_t i = 0; i < kCells; ++i) {
            commands[i] = pool.allocate("cell");
            beginCommands(device, commands[i], false);
            device.api().vkCmdFillBuffer(commands[i], cells.handle(), i * 4, 4, 100 + i);
            VkMemoryBarrier barrier{};
            barrier.sType = VK_STRUCTURE_TYPE_MEMORY_BARRIER;
            barrier.srcAccessMask = VK_ACCESS_TRANSFER_WRITE_BIT;
            barrier.dstAccessMask = VK_ACCESS_HOST_READ_BIT;
            device.api().vkCmdPipelineBarrier(commands[i], VK_PIPELINE_STAGE_TRANSFER_BIT, VK_PIPELINE_STAGE_HOST_BIT,
                                              0, 1, &barrier, 0, nullptr, 0, nullptr);
            endCommands(device, commands[i]);
            cell(i) = 0;
        }
        queue.emplace(device, kDepth, "test");
    }

    [[nodiscard]] std::uint32_t& cell(std::uint32_t i) const { return cells.as<std::uint32_t>()[i]; }

    Device device;
    Buffer cells;
    CommandPool pool;
    std::array<VkCommandBuffer, kCells> commands{};
    std::optional<SubmissionQueue> queue;
};

}  // namespace

class TestVulkanSubmissions : public QObject {
    Q_OBJECT

private slots:
    void countsUp_data() { kinds(); }
    void countsUp();
    void polls_data() { kinds(); }
    void polls();
    void waitsAtItsEnd_data() { kinds(); }
    void waitsAtItsEnd();
    void survivesARefusedSubmission_data() { kinds(); }
    void survivesARefusedSubmission();
    void aDeviceThatDoesNotAnswerIsGivenUp_data() { kinds(); }
    void aDeviceThatDoesNotAnswerIsGivenUp();

private:
    static void kinds() {
        QTest::addColumn<bool>("timeline");
        QTest::addRow("timeline") << true;
        QTest::addRow("fences") << false;
    }
};

// The driver says again and again that the work is not done. It has done it, so that nothing is destroyed in use.
void TestVulkanSubmissions::aDeviceThatDoesNotAnswerIsGivenUp() {
    QFETCH(bool, timeline);
    for (const bool stopped : {false, true}) {
        alcove::tests::FaultTable table;
        DeviceOptions hanging;
        hanging.limits.noTimeline = !timeline;
        hanging.hooks.wrapFunctions = table.wrap();
        const Device device(listDevices().front(), hanging);
        const Buffer cells(device, kCells * 4, MemoryUse::Readback, "cells");
        const CommandPool pool(device);
        const VkCommandBuffer commands = pool.allocate("cells");
        beginCommands(device, commands, true);
        device.api().vkCmdFillBuffer(commands, cells.handle(), 0, VK_WHOLE_SIZE, 7);
        endCommands(device, commands);
        SubmissionQueue queue(device, kDepth, "test");
        const std::string_view waiting = timeline ? "vkWaitSemaphores" : "vkWaitForFences";
        const std::uint32_t before = table.count(waiting);
        table.inject({.function = waiting, .result = VK_TIMEOUT});
        device.watch(Cancellation([stopped] { return stopped; }));
        const SubmissionQueue::Ticket ticket = queue.submit(commands);
        const Error error = alcove::tests::errorOf([&] { queue.wait(ticket); });
        QCOMPARE(error.code(), ErrorCode::DeviceLost);
        QCOMPARE(table.count(waiting) - before, stopped ? kMostSlicesAfterStop : kMostSlices);
        QVERIFY(device.givenUp());
        // Nobody waits for it any more, and it is left as it is.
        QCOMPARE(alcove::tests::errorOf([&] { queue.wait(ticket); }).code(), ErrorCode::DeviceLost);
        queue.settle();
        QCOMPARE(table.count(waiting) - before, stopped ? kMostSlicesAfterStop : kMostSlices);
    }
}

void TestVulkanSubmissions::countsUp() {
    QFETCH(bool, timeline);
    SubmissionFixture fixture(timeline);
    QCOMPARE(fixture.device.features().timelineSemaphore, timeline);
    QCOMPARE(hostCalls, timeline ? 1 : static_cast<int>(kDepth));
    QCOMPARE(fixture.queue->newest(), SubmissionQueue::Ticket{0});
    for (std::uint32_t i = 0; i < kCells; ++i) {
        QCOMPARE(fixture.queue->submit(fixture.commands[i]), SubmissionQueue::Ticket{i} + 1);
        QVERIFY(i < kDepth || fixture.cell(i - kDepth) == 100 + i - kDepth);  // no more than that are in flight
    }
    fixture.queue->wait(kCells - 1);
    QCOMPARE(fixture.cell(kCells - 2), 100 + kCells - 2);
    fixture.queue->waitAll();
    fixture.queue->waitAll();
    QCOMPARE(fixture.cell(kCells - 1), 100 + kCells - 1);
    QVERIFY(fixture.queue->done(1));
    QCOMPARE(hostCalls, timeline ? 1 : static_cast<int>(kDepth));  // nothing is made per submission
}

void TestVulkanSubmissions::polls() {
    QFETCH(bool, timeline);
    SubmissionFixture fixture(timeline);
    QVERIFY(fixture.queue->done(0));
    const SubmissionQueue::Ticket first = fixture.queue->submit(fixture.commands[0]);
    const SubmissionQueue::Ticket second = fixture.queue->submit(fixture.commands[1]);
    while (!fixture.queue->done(second)) {
        QTest::qWait(1);
    }
    QVERIFY(fixture.queue->done(first));
    QCOMPARE(fixture.cell(0), 100U);
    QCOMPARE(fixture.cell(1), 101U);
    for (std::uint32_t i = 2; i < kCells; ++i) {  // fences heard of through a later one are used again
        static_cast<void>(fixture.queue->submit(fixture.commands[i]));
    }
    fixture.queue->waitAll();
    QCOMPARE(fixture.cell(kCells - 1), 100 + kCells - 1);
}

void TestVulkanSubmissions::waitsAtItsEnd() {
    QFETCH(bool, timeline);
    SubmissionFixture fixture(timeline);
    static_cast<void>(fixture.queue->submit(fixture.commands[0]));
    static_cast<void>(fixture.queue->submit(fixture.commands[1]));
    fixture.queue.reset();
    QCOMPARE(fixture.cell(1), 101U);
}

void TestVulkanSubmissions::survivesARefusedSubmission() {
    QFETCH(bool, timeline);
    SubmissionFixture fixture(timeline);
    for (std::uint32_t refused = 0; refused < kCells; ++refused) {
        submitsLeft = 0;
        QVERIFY_EXCEPTION_THROWN(static_cast<void>(fixture.queue->submit(fixture.commands[refused])), Error);
        QCOMPARE(fixture.queue->newest(), SubmissionQueue::Ticket{refused});
        submitsLeft = 1;
        QCOMPARE(fixture.queue->submit(fixture.commands[refused]), SubmissionQueue::Ticket{refused} + 1);
    }
    fixture.queue->waitAll();
    QCOMPARE(fixture.cell(kCells - 1), 100 + kCells - 1);
}

ALCOVE_TEST(TestVulkanSubmissions)
#include "test_vulkan_submissions.moc"
