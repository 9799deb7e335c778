// A device that is lost at any submission of a reply: opened again, the reply goes on as if nothing had been.
#include <QTest>

#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "engine/devices/device_list.h"
#include "engine/model/resilient_forward_pass.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/rig/sample.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove::engine;
using alcove::tests::FaultTable;
using alcove::tests::onSlowDriver;
using alcove::tests::Sample;

namespace {

constexpr std::uint32_t kTokens = 12;

SamplingParameters greedy() {
    return {.temperature = 0, .repetitionPenalty = 1};
}

std::vector<TokenId> reply(ForwardPass& pass) {
    const std::vector<TokenId> prompt = {1, 5, 9, 5, 9, 7};
    pass.evaluate(std::span(prompt).first(prompt.size() - 1), 0, {});
    pass.beginDecoding({.history = prompt, .sampling = greedy(), .maxTokens = kTokens});
    std::vector<TokenId> tokens;
    while (tokens.size() < kTokens) {
        // A guess that fails, where no steps are in flight.
        const std::vector<TokenId> draft = {1, 1};
        const bool guess = tokens.size() < 3 || tokens.size() > 8;
        const std::span<const TokenId> drawn = pass.nextTokens(guess ? std::span(draft) : std::span<const TokenId>());
        tokens.insert(tokens.end(), drawn.begin(), drawn.end());
    }
    pass.endDecoding();
    return tokens;
}

}  // namespace

class TestVulkanRecovery : public QObject {
    Q_OBJECT

private slots:
    void everySubmissionMayFail();
};

void TestVulkanRecovery::everySubmissionMayFail() {
    const Checkpoint checkpoint = Checkpoint::open(ALCOVE_FIXTURES "/mobillama-tiny");
    const ModelConfig& config = checkpoint.config();
    const DeviceInfo device = listDevices().front();
    FaultTable table;
    const auto open = [&](double submissionSeconds) {
        VulkanForwardPassOptions options;
        options.contextSize = config.contextLength;
        options.pipelineCacheFolder = std::filesystem::path();
        options.device.hooks.wrapFunctions = table.wrap();
        options.submissionSeconds = submissionSeconds;
        return makeVulkanForwardPass(device, config, checkpoint.weights(), options);
    };
    std::unique_ptr<ForwardPass> plain = open(1);
    const std::uint32_t opening = table.count("vkQueueSubmit");
    const std::vector<TokenId> expected = reply(*plain);
    const std::uint32_t submissions = table.count("vkQueueSubmit") - opening;
    plain.reset();
    QVERIFY(submissions >= kTokens);

    Sample sample(onSlowDriver() ? 12 : 4);
    for (std::uint32_t call = 1; call <= submissions; ++call) {
        if (!sample.takes()) {
            continue;
        }
        int notices = 0;
        int opened = 0;
        ResilientForwardPass pass(
            open(1), config.vocabSize,
            [&](const Recovery&) {
                ++opened;
                table.clear();
                return open(0.5);
            },
            [&notices](const Sentence&) { ++notices; });
        table.inject({.function = "vkQueueSubmit", .call = call});
        QVERIFY2(reply(pass) == expected, qPrintable(QString::number(call)));
        QVERIFY2(table.occurred() || opened == 1, qPrintable(QString::number(call)));
        QCOMPARE(opened, 1);
        QCOMPARE(notices, 1);
        table.clear();
    }
}

ALCOVE_TEST(TestVulkanRecovery)
#include "test_vulkan_recovery.moc"
