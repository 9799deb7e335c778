// What a forward pass tells about itself, and what it refuses.
#include <atomic>
#include <cstring>
#include <limits>

#include <QTest>

#include "tests/rig/forward_pass_fixture.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/open_model.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::tests;

class TestVulkanOpening : public QObject {
    Q_OBJECT

private slots:
    void countsWhatItRecords_data();
    void countsWhatItRecords();
    void reportsSizesAndProgress();
    void measuresBandwidth();
    void refusesBadWeights();
    void reportsOverflow();
    void canBeCancelled();
    void saysWhatIsMissingOfMemory();
    void refusesOddHeads();
};

void TestVulkanOpening::countsWhatItRecords_data() {
    QTest::addColumn<int>("headDim");
    QTest::addColumn<int>("dtype");
    for (const int headDim : {64, 80}) {
        for (const DType dtype : {DType::F16, DType::Q4_0}) {
            QTest::addRow("head_dim %d %s", headDim, dtypeName(dtype)) << headDim << static_cast<int>(dtype);
        }
    }
}

void TestVulkanOpening::countsWhatItRecords() {
    QFETCH(int, headDim);
    QFETCH(int, dtype);
    const RandomModel model = makeRandomModel({.hidden = 64,
                                               .ffn = 96,
                                               .layers = 22,
                                               .heads = 2,
                                               .kvHeads = 1,
                                               .headDim = static_cast<std::uint32_t>(headDim),
                                               .vocab = 128,
                                               .feedForwardOfLayer = std::vector<std::size_t>(22, 0),
                                               .dtypes = {static_cast<DType>(dtype)}});
    // A head that is no whole blocks takes a step more to become an eight-bit input.
    const std::uint32_t steps = headDim % 32 != 0 && isQuantized(static_cast<DType>(dtype)) ? 6 : 5;
    const auto pass = open(model.config, model.weights);
    for (const std::size_t n : {1, 3}) {
        const std::vector<TokenId> tokens = someTokens(n, 128);
        std::vector<float> logits(model.config.vocabSize);
        pass->evaluate(tokens, 0, logits);
        const ForwardPassCounters counters = pass->counters();
        QCOMPARE(counters.submissions, 1U);
        QCOMPARE(counters.dispatches, 1 + steps * 22 + 1);
        // One before each dispatch, one for the host, and two around the upload of the state.
        QCOMPARE(counters.barriers, counters.dispatches + 3);
        QVERIFY(counters.dispatches <= 150);
    }
    pass->evaluate(someTokens(3, 128), 3, {});
    QCOMPARE(pass->counters().dispatches, 1 + steps * 22);
    QCOMPARE(pass->counters().barriers, pass->counters().dispatches + 2);

    // A step of decoding draws its token too.
    const std::vector<TokenId> history = someTokens(7, 128);
    pass->beginDecoding({.history = history, .sampling = {}, .maxTokens = 2});
    QCOMPARE(pass->counters().dispatches, 1 + steps * 22 + 1 + 3);
    QVERIFY(pass->counters().dispatches <= 150);
    QVERIFY(pass->counters().barriers <= 6 * 22 + 6);
    QVERIFY(!pass->nextTokens({}).empty());
    pass->endDecoding();
}

void TestVulkanOpening::reportsSizesAndProgress() {
    // Shapes without padding, so that every byte can be accounted for.
    const RandomModelShape shape{.hidden = 64,
                                 .ffn = 96,
                                 .layers = 3,
                                 .heads = 4,
                                 .kvHeads = 2,
                                 .headDim = 32,
                                 .vocab = 128,
                                 .feedForwardOfLayer = {0, 0, 0},
                                 .tied = true,
                                 .dtypes = {DType::F16}};
    const RandomModel model = makeRandomModel(shape);
    std::vector<double> progress;
    const auto pass = open(model.config, model.weights,
                           {.contextSize = 40, .progress = [&progress](double share) { progress.push_back(share); }});
    const std::uint64_t attention = (128 + 2 * 64) * 64 + 64 * 128;
    const std::uint64_t matrices = 128 * 64 + 3 * attention + 3 * 96 * 64;  // one block, one embedding
    QCOMPARE(pass->weightBytes(), 2 * matrices + 4 * 7 * 64);
    QCOMPARE(pass->cacheBytes(), std::uint64_t{2 * 3 * 2 * 64 * 32 * 2});  // halves, two tiles of positions
    QCOMPARE(pass->contextSize(), 40U);
    QVERIFY(std::ranges::is_sorted(progress));
    QVERIFY(!progress.empty() && progress.front() > 0 && progress.back() == 1.0);
}

void TestVulkanOpening::measuresBandwidth() {
    const RandomModel model = makeRandomModel({.layers = 1, .feedForwardOfLayer = {0}});
    const auto pass = open(model.config, model.weights);
    const double bytesPerSecond = pass->measureReadBandwidth();
    QVERIFY2(bytesPerSecond > 1e6 && bytesPerSecond < 1e13, qPrintable(QString::number(bytesPerSecond)));
}

void TestVulkanOpening::refusesBadWeights() {
    RandomModel model = makeRandomModel({.dtypes = {DType::F32}});
    std::vector<std::byte> damaged(model.weights.layers[1].output.bytes.begin(),
                                   model.weights.layers[1].output.bytes.end());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(damaged.data() + 400, &nan, sizeof nan);
    model.weights.layers[1].output.bytes = damaged;
    const Error error = errorOf([&] { static_cast<void>(open(model.config, model.weights)); });
    QVERIFY(error.code() == ErrorCode::NotFinite);
    QVERIFY2(std::string(error.what()).find("output") != std::string::npos, error.what());
}

void TestVulkanOpening::reportsOverflow() {
    RandomModel model = makeRandomModel({.dtypes = {DType::F32}});
    model.weights.finalNorm = model.tensors.make("final norm", DType::F32, {model.config.hiddenSize}, 1e37F, 3e38F);
    const auto pass = open(model.config, model.weights);
    const Error error = errorOf(
        [&] { static_cast<void>(evaluate(*pass, someTokens(5, model.config.vocabSize), model.config.vocabSize)); });
    QVERIFY(error.code() == ErrorCode::NotFinite);
}

void TestVulkanOpening::canBeCancelled() {
    const RandomModel model = makeRandomModel({});
    std::atomic<bool> cancel = false;
    int calls = 0;
    const Error error = errorOf([&] {
        static_cast<void>(open(model.config, model.weights,
                               {.progress =
                                    [&](double) {
                                        ++calls;
                                        cancel = true;
                                    },
                                .cancel = cancel}));
    });
    QVERIFY(error.code() == ErrorCode::Cancelled);
    QCOMPARE(calls, 1);
}

void TestVulkanOpening::saysWhatIsMissingOfMemory() {
    const RandomModel model = makeRandomModel({});
    const Error error =
        errorOf([&] { static_cast<void>(open(model.config, model.weights, {.contextSize = 2'000'000'000})); });
    QVERIFY(error.code() == ErrorCode::OutOfMemory);
    const std::string sentence = error.what();
    QVERIFY2(sentence.find("does not fit") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find(" GB free") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find("smaller model") != std::string::npos, sentence.c_str());
}

void TestVulkanOpening::refusesOddHeads() {
    const RandomModel model = makeRandomModel({.headDim = 258});
    const Error error = errorOf([&] { static_cast<void>(open(model.config, model.weights)); });
    QVERIFY(error.code() == ErrorCode::Unsupported);
    QVERIFY2(std::string(error.what()).find("258") != std::string::npos, error.what());
}

ALCOVE_TEST(TestVulkanOpening)
#include "test_vulkan_opening.moc"
