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
struct FallbackFixture {
    explicit FallbackFixture(const std::string& name = "stories260K") {
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
    FallbackFixture fixture;
    const std::uint32_t opening = fixture.table.count("vkQueueSubmit");
    m_story = fixture.tell("Once upon a time");
    m_submissions = fixture.table.count("vkQueueSubmit") - opening;
    m_more = fixture.tell("Once upon a time" + m_story);
    QCOMPARE(fixture.opened, 1);
    QVERIFY(fixture.notices.empty());
    QVERIFY(fixture.generator->device().kind == DeviceKind::Software);
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
    FallbackFixture fixture;
    fixture.table.inject({.function = "vkQueueSubmit", .call = call, .lasting = true});
    QCOMPARE(fixture.tell("Once upon a time"), m_story);
    QVERIFY(fixture.table.occurred());
    QCOMPARE(fixture.opened, 2);
    QCOMPARE(fixture.result.tokens.size(), std::size_t{kReplyTokens});
    QVERIFY(fixture.generator->device().kind == DeviceKind::Processor);
    QCOMPARE(fixture.generator->device().name, listDevices().back().name);
    QCOMPARE(fixture.notices.size(), std::size_t{1});
    QVERIFY2(fixture.notices[0].find("on the processor") != std::string::npos, fixture.notices[0].c_str());
    // The conversation goes on, with what was said in the cache.
    QCOMPARE(fixture.tell("Once upon a time" + m_story), m_more);
    QVERIFY(fixture.result.reusedTokens > kReplyTokens / 2);
    QCOMPARE(fixture.opened, 2);
    QCOMPARE(fixture.notices.size(), std::size_t{1});
}

void TestVulkanFallback::aSecondLossLaterInTheReply() {
    FallbackFixture fixture;
    bool again = false;
    fixture.onNotice = [&] { again = fixture.generator->device().kind != DeviceKind::Processor; };
    fixture.onProgress = [&](const GenerationProgress& now) {
        if (std::exchange(again, false)) {
            QVERIFY(now.generatedTokens < kReplyTokens);
            fixture.table.inject({.function = "vkQueueSubmit", .call = 6, .lasting = false});
        }
    };
    fixture.table.inject({.function = "vkQueueSubmit", .call = 1 + m_submissions / 4, .lasting = false});
    QCOMPARE(fixture.tell("Once upon a time"), m_story);
    QCOMPARE(fixture.opened, 2);
    QCOMPARE(fixture.notices.size(), std::size_t{2});
    QVERIFY(fixture.generator->device().kind == DeviceKind::Processor);
}

void TestVulkanFallback::oneLossKeepsTheDevice() {
    FallbackFixture fixture;
    fixture.table.inject({.function = "vkQueueSubmit", .call = 1 + m_submissions / 2, .lasting = false});
    QCOMPARE(fixture.tell("Once upon a time"), m_story);
    QVERIFY(fixture.table.occurred());
    QCOMPARE(fixture.opened, 2);
    QVERIFY(fixture.generator->device().kind == DeviceKind::Software);
    QCOMPARE(fixture.notices.size(), std::size_t{1});
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
    QVERIFY2(notices[0].starts_with("The model runs on the processor, because "), notices[0].c_str());
    QVERIFY2(notices[0].find("100.0 kB free") != std::string::npos, notices[0].c_str());
    QVERIFY(!generator->logits(std::vector<TokenId>{1, 5}).empty());

    options.mayStepDown = false;
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(Generator::open(options)), Error);
}

ALCOVE_TEST(TestVulkanFallback)
#include "test_vulkan_fallback.moc"
