// A device lost for good in the middle of a reply: the processor finishes it, and whoever asks is told.
#include <QTest>

#include "engine/base/error.h"
#include "engine/devices/device_list.h"
#include "engine/generator.h"
#include "engine/vulkan/driver/physical_device.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/fault_table.h"

using namespace alcove::engine;
using alcove::tests::FaultTable;

namespace {

constexpr std::uint32_t kReplyTokens = 40;

// A conversation on a device that a test can make fail.
struct Stage {
    explicit Stage(const std::string& name = "stories260K") {
        options.checkpoint = ALCOVE_FIXTURES "/" + name;
        options.device = "vulkan";
        options.vulkanFactory = [this](const DeviceInfo& device, const ModelConfig& config, const ModelWeights& weights,
                                       VulkanForwardPassOptions vulkan) {
            ++opened;
            vulkan.pipelineCacheFolder = std::filesystem::path();
            vulkan.device.hooks.wrapFunctions = table.wrap();
            return makeVulkanForwardPass(device, config, weights, vulkan);
        };
        options.notice = [this](const Sentence& sentence) {
            notices.push_back(sentence.english());
            if (onNotice) {
                onNotice();
            }
        };
        generator = Generator::open(options);
    }

    // Greedy, and what the story goes on with if `prompt` is the end of what was told.
    std::string tell(const std::string& prompt) {
        Request request;
        request.rawPrompt = prompt;
        request.sampling.temperature = 0;
        request.sampling.repetitionPenalty = 1;
        request.maxTokens = kReplyTokens;
        std::string text;
        result = generator->generate(
            request,
            [&](const GenerationProgress& now) {
                text += now.text;
                if (onProgress) {
                    onProgress(now);
                }
            },
            stop);
        return text;
    }

    FaultTable table;
    OpenOptions options;
    int opened = 0;
    std::vector<std::string> notices;
    std::function<void()> onNotice;
    std::function<void(const GenerationProgress&)> onProgress;
    std::unique_ptr<Generator> generator;
    GenerationResult result;
    const std::atomic<bool> stop = false;
};

}  // namespace

class TestVulkanFallback : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void theProcessorFinishesTheReply_data();
    void theProcessorFinishesTheReply();
    void aSecondLossLaterInTheReply();
    void oneLossKeepsTheDevice();
    void theProcessorTakesWhatDoesNotFit();

private:
    std::string m_story;  // undisturbed
    std::string m_more;   // the next reply, after both
    std::uint32_t m_submissions = 0;
};

void TestVulkanFallback::initTestCase() {
    Stage stage;
    const std::uint32_t opening = stage.table.count("vkQueueSubmit");
    m_story = stage.tell("Once upon a time");
    m_submissions = stage.table.count("vkQueueSubmit") - opening;
    m_more = stage.tell("Once upon a time" + m_story);
    QCOMPARE(stage.opened, 1);
    QVERIFY(stage.notices.empty());
    QVERIFY(stage.generator->device().kind == DeviceKind::Software);
    QVERIFY(m_submissions > kReplyTokens / 8);
    QVERIFY(!m_story.empty() && !m_more.empty());
}

void TestVulkanFallback::theProcessorFinishesTheReply_data() {
    QTest::addColumn<std::uint32_t>("call");
    for (const std::uint32_t share : {0U, 1U, 4U, 7U}) {
        QTest::addRow("%u eighths into it", share) << 1 + m_submissions * share / 8;
    }
}

// Lost for good: it is lost again as soon as it is opened anew.
void TestVulkanFallback::theProcessorFinishesTheReply() {
    QFETCH(std::uint32_t, call);
    Stage stage;
    stage.table.inject({.function = "vkQueueSubmit", .call = call, .lasting = true});
    QCOMPARE(stage.tell("Once upon a time"), m_story);
    QVERIFY(stage.table.struck());
    QCOMPARE(stage.opened, 2);
    QCOMPARE(stage.result.tokens.size(), std::size_t{kReplyTokens});
    QVERIFY(stage.generator->device().kind == DeviceKind::Processor);
    QCOMPARE(stage.generator->device().name, listDevices().back().name);
    QCOMPARE(stage.notices.size(), std::size_t{1});
    QVERIFY2(stage.notices[0].find("on the processor") != std::string::npos, stage.notices[0].c_str());
    // The conversation goes on, with what was said in the cache.
    QCOMPARE(stage.tell("Once upon a time" + m_story), m_more);
    QVERIFY(stage.result.reusedTokens > kReplyTokens / 2);
    QCOMPARE(stage.opened, 2);
    QCOMPARE(stage.notices.size(), std::size_t{1});
}

void TestVulkanFallback::aSecondLossLaterInTheReply() {
    Stage stage;
    bool again = false;
    stage.onNotice = [&] { again = stage.generator->device().kind != DeviceKind::Processor; };
    stage.onProgress = [&](const GenerationProgress& now) {
        if (std::exchange(again, false)) {
            QVERIFY(now.generatedTokens < kReplyTokens);
            stage.table.inject({.function = "vkQueueSubmit", .call = 6, .lasting = false});
        }
    };
    stage.table.inject({.function = "vkQueueSubmit", .call = 1 + m_submissions / 4, .lasting = false});
    QCOMPARE(stage.tell("Once upon a time"), m_story);
    QCOMPARE(stage.opened, 2);
    QCOMPARE(stage.notices.size(), std::size_t{2});
    QVERIFY(stage.generator->device().kind == DeviceKind::Processor);
}

void TestVulkanFallback::oneLossKeepsTheDevice() {
    Stage stage;
    stage.table.inject({.function = "vkQueueSubmit", .call = 1 + m_submissions / 2, .lasting = false});
    QCOMPARE(stage.tell("Once upon a time"), m_story);
    QVERIFY(stage.table.struck());
    QCOMPARE(stage.opened, 2);
    QVERIFY(stage.generator->device().kind == DeviceKind::Software);
    QCOMPARE(stage.notices.size(), std::size_t{1});
}

void TestVulkanFallback::theProcessorTakesWhatDoesNotFit() {
    OpenOptions options;
    options.checkpoint = ALCOVE_FIXTURES "/stories260K";
    options.device = "vulkan";
    options.vulkanFactory = [](const DeviceInfo& gpu, const ModelConfig& config, const ModelWeights& weights,
                               VulkanForwardPassOptions vulkan) {
        vulkan.pipelineCacheFolder = std::filesystem::path();
        vulkan.device.hooks.adjustPhysical = [](vulkan::PhysicalDevice& device) {
            device.features.memoryBudget = false;
            for (VkMemoryHeap& heap : device.memory.memoryHeaps) {
                heap.size = 100'000;
            }
        };
        return makeVulkanForwardPass(gpu, config, weights, vulkan);
    };
    std::vector<std::string> notices;
    options.notice = [&notices](const Sentence& sentence) { notices.push_back(sentence.english()); };
    const std::unique_ptr<Generator> generator = Generator::open(options);
    QVERIFY(generator->device().kind == DeviceKind::Processor);
    QCOMPARE(notices.size(), std::size_t{1});
    QVERIFY2(notices[0].starts_with("The processor computes, because "), notices[0].c_str());
    QVERIFY2(notices[0].find("100.0 kB free") != std::string::npos, notices[0].c_str());
    QVERIFY(!generator->logits(std::vector<TokenId>{1, 5}).empty());

    options.mayStepDown = false;
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(Generator::open(options)), Error);
}

ALCOVE_TEST(TestVulkanFallback)
#include "test_vulkan_fallback.moc"
