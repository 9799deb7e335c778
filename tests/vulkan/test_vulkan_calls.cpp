// What the forward pass asks of the driver: for a token nothing but submissions, and whatever is refused ends in an
// error that says so.
#include <cstdlib>
#include <map>
#include <new>
#include <string>

#include <QTest>

#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/devices/device_list.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/rig/allocation_count.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove;
using namespace alcove::engine;
using alcove::tests::Fault;
using alcove::tests::FaultTable;

class TestVulkanCalls : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void aTokenOnlySubmits();
    void survivesEveryRefusal();
    void timingLeavesNoTrace();

private:
    std::unique_ptr<ForwardPass> open();
    std::vector<TokenId> use(ForwardPass& pass) const;

    FaultTable m_table;
    std::unique_ptr<Checkpoint> m_checkpoint;
    DeviceInfo m_device;
    std::vector<TokenId> m_prompt = {1, 5, 9, 5, 9, 7};
};

void TestVulkanCalls::initTestCase() {
    m_checkpoint = std::make_unique<Checkpoint>(Checkpoint::open(ALCOVE_FIXTURES "/mobillama-tiny"));
    m_device = listDevices().front();
}

std::unique_ptr<ForwardPass> TestVulkanCalls::open() {
    VulkanForwardPassOptions options;
    options.contextSize = m_checkpoint->config().contextLength;
    options.pipelineCacheFolder = std::filesystem::path();
    options.device.hooks.wrapFunctions = m_table.wrap();
    options.submissionSeconds = 1;
    return makeVulkanForwardPass(m_device, m_checkpoint->config(), m_checkpoint->weights(), options);
}

// A prompt, a draft of which nothing comes, and two tokens.
std::vector<TokenId> TestVulkanCalls::use(ForwardPass& pass) const {
    pass.evaluate(std::span(m_prompt).first(m_prompt.size() - 1), 0, {});
    pass.beginDecoding({.history = m_prompt, .sampling = {.temperature = 0, .repetitionPenalty = 1}, .maxTokens = 3});
    std::vector<TokenId> tokens;
    const std::vector<TokenId> draft = {1};
    while (tokens.size() < 3) {
        const std::span<const TokenId> drawn =
            pass.nextTokens(tokens.empty() ? std::span(draft) : std::span<TokenId>());
        tokens.insert(tokens.end(), drawn.begin(), drawn.end());
    }
    pass.endDecoding();
    return tokens;
}

void TestVulkanCalls::aTokenOnlySubmits() {
    constexpr std::uint32_t kWarmUp = 4;
    constexpr std::uint32_t kTokens = 20;
    const std::unique_ptr<ForwardPass> pass = open();
    pass->evaluate(std::span(m_prompt).first(m_prompt.size() - 1), 0, {});
    pass->beginDecoding({.history = m_prompt,
                         .sampling = {.temperature = 0.7F, .repetitionPenalty = 1.1F},
                         .maxTokens = kWarmUp + kTokens + 8});
    for (std::uint32_t i = 0; i < kWarmUp; ++i) {
        static_cast<void>(pass->nextTokens({}));
    }
    std::map<std::string_view, std::uint32_t> before;
    for (const std::string_view function : FaultTable::functions()) {
        before[function] = m_table.count(function);
    }
    const std::size_t allocations = tests::allocationsOfThisThread();
    for (std::uint32_t i = 0; i < kTokens; ++i) {
        static_cast<void>(pass->nextTokens({}));
    }
    QCOMPARE(tests::allocationsOfThisThread(), allocations);
    for (const std::string_view function : FaultTable::functions()) {
        const std::uint32_t calls = m_table.count(function) - before[function];
        if (function == "vkQueueSubmit") {
            QCOMPARE(calls, kTokens);
        } else if (function != "vkWaitSemaphores" && function != "vkGetSemaphoreCounterValue") {
            QVERIFY2(calls == 0, function.data());
        }
    }
    pass->endDecoding();
}

void TestVulkanCalls::survivesEveryRefusal() {
    const std::vector<TokenId> expected = use(*open());
    const std::vector<Fault> faults = alcove::tests::faultsFor(m_table, 2);
    QVERIFY(faults.size() > 30);
    for (const Fault& fault : tests::sampled(faults, 12)) {
        const bool memory = fault.result == VK_ERROR_OUT_OF_DEVICE_MEMORY;
        const QByteArray place = QByteArray(fault.function.data()) + " " + QByteArray::number(fault.call);
        m_table.inject(fault);
        try {
            // Nothing failed, or nothing that was needed.
            QVERIFY2(use(*open()) == expected, place.constData());
        } catch (const Error& error) {
            QVERIFY2(m_table.occurred(), place.constData());
            QVERIFY2(error.code() == (memory ? ErrorCode::OutOfMemory : ErrorCode::DeviceLost),
                     (place + ": " + error.what()).constData());
        }
        m_table.clear();
    }
}

void TestVulkanCalls::timingLeavesNoTrace() {
    const std::unique_ptr<ForwardPass> pass = open();
    QVERIFY(!pass->measureKernels());  // nothing was decoded
    const std::vector<TokenId> tokens = use(*pass);
    const std::optional<double> seconds = pass->measureKernels();
    QVERIFY(seconds && *seconds > 0);
    QCOMPARE(use(*pass), tokens);
}

ALCOVE_TEST(TestVulkanCalls)
#include "test_vulkan_calls.moc"
