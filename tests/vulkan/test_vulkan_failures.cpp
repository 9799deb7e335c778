// What the engine says when the driver fails, and that nothing is left behind (validation would tell).
#include <array>

#include <QTest>

#include "engine/error.h"
#include "engine/vulkan/result.h"
#include "tests/vulkan/kernel_rig.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::tests::KernelRig;
using alcove::tests::randomTable;

namespace {

// The driver's own functions, and the calls after which they fail.
PFN_vkAllocateMemory realAllocate = nullptr;
PFN_vkQueueSubmit realSubmit = nullptr;
PFN_vkWaitForFences realWait = nullptr;
int allocationsLeft = 0;
int submissionsLeft = 0;
int waitsLeft = 0;

VKAPI_ATTR VkResult VKAPI_CALL failingAllocate(VkDevice device, const VkMemoryAllocateInfo* info,
                                               const VkAllocationCallbacks* callbacks, VkDeviceMemory* memory) {
    return allocationsLeft-- > 0 ? realAllocate(device, info, callbacks, memory) : VK_ERROR_OUT_OF_DEVICE_MEMORY;
}

VKAPI_ATTR VkResult VKAPI_CALL failingSubmit(VkQueue queue, std::uint32_t count, const VkSubmitInfo* infos,
                                             VkFence fence) {
    return submissionsLeft-- > 0 ? realSubmit(queue, count, infos, fence) : VK_ERROR_DEVICE_LOST;
}

// Waits all the same, so that the driver underneath is done when the caller gives up.
VKAPI_ATTR VkResult VKAPI_CALL failingWait(VkDevice device, std::uint32_t count, const VkFence* fences, VkBool32 all,
                                           std::uint64_t timeout) {
    const VkResult result = realWait(device, count, fences, all, timeout);
    return waitsLeft-- > 0 ? result : VK_ERROR_DEVICE_LOST;
}

constexpr int kNever = 1'000'000;

DeviceOptions failingAfter(int allocations, int submissions, int waits) {
    allocationsLeft = allocations;
    submissionsLeft = submissions;
    waitsLeft = waits;
    return {.maxStorageRange = 0, .wrapFunctions = [](VolkDeviceTable& table) {
                realAllocate = std::exchange(table.vkAllocateMemory, failingAllocate);
                realSubmit = std::exchange(table.vkQueueSubmit, failingSubmit);
                realWait = std::exchange(table.vkWaitForFences, failingWait);
            }};
}

template <class Action>
Error errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorCode::InvalidRequest, "nothing was thrown");
}

}  // namespace

class TestVulkanFailures : public QObject {
    Q_OBJECT

private slots:
    void namesEveryKindOfFailure();
    void saysWhatDidNotFit();
    void survivesALostDevice_data();
    void survivesALostDevice();
};

void TestVulkanFailures::namesEveryKindOfFailure() {
    const auto codeOf = [](VkResult result) { return errorOf([result] { check(result, "do this"); }).code(); };
    QVERIFY(codeOf(VK_ERROR_DEVICE_LOST) == ErrorCode::DeviceLost);
    QVERIFY(codeOf(VK_ERROR_OUT_OF_HOST_MEMORY) == ErrorCode::OutOfMemory);
    QVERIFY(codeOf(VK_ERROR_OUT_OF_DEVICE_MEMORY) == ErrorCode::OutOfMemory);
    QVERIFY(codeOf(VK_ERROR_INITIALIZATION_FAILED) == ErrorCode::NoVulkan);
    check(VK_SUCCESS, "do this");
    check(VK_INCOMPLETE, "do this");
    const std::string sentence = errorOf([] { check(VK_ERROR_DEVICE_LOST, "do this"); }).what();
    QVERIFY2(sentence.starts_with("The graphics driver could not do this (VK_ERROR_DEVICE_LOST)."), sentence.c_str());
}

void TestVulkanFailures::saysWhatDidNotFit() {
    KernelRig rig(failingAfter(0, kNever, kNever));
    const Error error = errorOf([&] { Buffer(rig.device(), 3'000'000, MemoryUse::DeviceOnly, "the weights"); });
    QVERIFY(error.code() == ErrorCode::OutOfMemory);
    const std::string sentence = error.what();
    QVERIFY2(sentence.find("no room for the weights (3.0 MB wanted") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find(" free)") != std::string::npos, sentence.c_str());
}

void TestVulkanFailures::survivesALostDevice_data() {
    QTest::addColumn<int>("submissions");
    QTest::addColumn<int>("waits");
    for (const int left : {0, 1, 2, 3}) {
        QTest::addRow("submission %d", left) << left << kNever;
        QTest::addRow("wait %d", left) << kNever << left;
    }
}

void TestVulkanFailures::survivesALostDevice() {
    QFETCH(int, submissions);
    QFETCH(int, waits);
    const Error error = errorOf([&] {
        KernelRig rig(failingAfter(kNever, submissions, waits));
        const Buffer x = rig.rows(randomTable(2, 64, 1, 1));  // one submission to clear it, one to fill it
        const Buffer y = rig.emptyRows(2, 32);
        const Kernels& kernels = rig.kernels();
        const Swiglu swiglu({&kernels, &rig.descriptors(), nullptr}, x, y, 32);
        rig.run([&](Recorder& recorder) { swiglu.record(recorder, 2); });
    });
    QVERIFY2(error.code() == ErrorCode::DeviceLost, error.what());
}

QTEST_GUILESS_MAIN(TestVulkanFailures)
#include "test_vulkan_failures.moc"
