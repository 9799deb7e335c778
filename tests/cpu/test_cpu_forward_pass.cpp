// The whole forward pass on the processor: against the independent reference of the fixtures, against the
// double-precision reference on every vector unit, and against itself in other chunks and with other numbers of
// threads.
#include <atomic>
#include <cstring>
#include <limits>

#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "engine/cpu/cpu_forward_pass.h"
#include "tests/rig/forward_pass_fixture.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::tests;

namespace {

constexpr double kQuantizedLogitsBound = 1e-3;

std::unique_ptr<ForwardPass> open(const RandomModel& model, CpuForwardPassOptions options = {}) {
    options.contextSize = options.contextSize == 0 ? model.config.contextLength : options.contextSize;
    return makeCpuForwardPass(model.config, model.weights, options);
}

double boundFor(const RandomModelShape& shape) {
    const bool quantized = std::ranges::any_of(shape.dtypes, [](DType dtype) { return isQuantized(dtype); });
    return quantized ? kQuantizedLogitsBound : reference::kLogitsBound;
}

}  // namespace

Q_DECLARE_METATYPE(RandomModelShape)

class TestCpuForwardPass : public QObject {
    Q_OBJECT

private slots:
    void matchesTheFixture_data() { addFixtures(); }
    void matchesTheFixture();
    void matchesTheTwin_data();
    void matchesTheTwin();
    void everyVectorUnitMatchesTheTwin();
    void chunksAndThreadsChangeNothing_data() { matchesTheTwin_data(); }
    void chunksAndThreadsChangeNothing();
    void draftsChangeNothing();
    void forgetsAfterRewinding();
    void smallCacheIsCloseEnough();
    void crossesPages();
    void readingChangesNothing();
    void reportsSizesAndProgress();
    void chunksSuitTheModel();
    void measuresBandwidth();
    void refusesBadWeights();
    void reportsOverflow();
    void canBeCancelled();
    void saysWhatIsMissingOfMemory();
    void stepsDownWhereMemoryIsShort();
    void cleanup() { cpu::chooseKernelTarget(0); }
};

void TestCpuForwardPass::matchesTheFixture() {
    QFETCH(QString, folder);
    const Expected expected = readExpected(folder);
    const Checkpoint checkpoint = Checkpoint::open(folder.toStdString());
    const std::size_t vocab = checkpoint.config().vocabSize;
    QCOMPARE(expected.logits.size(), vocab);
    const auto pass = makeCpuForwardPass(checkpoint.config(), checkpoint.weights(),
                                         {.contextSize = checkpoint.config().contextLength});
    const std::vector<float> logits = evaluate(*pass, expected.tokens, vocab);
    VERIFY_CLOSE(logits, expected.logits, reference::kLogitsBound);

    const auto position = static_cast<std::uint32_t>(expected.tokens.size());
    QCOMPARE(greedily(*pass, logits, position, expected.greedy.size()), expected.greedy);
}

void TestCpuForwardPass::matchesTheTwin_data() {
    QTest::addColumn<RandomModelShape>("shape");
    const auto add = [](const char* name, const RandomModelShape& shape) { QTest::addRow("%s", name) << shape; };
    // Columns of quantised matrices are whole blocks.
    const RandomModelShape blocks{.hidden = 160, .ffn = 96, .heads = 4, .kvHeads = 2, .headDim = 40};
    const auto with = [&blocks](std::vector<DType> dtypes) {
        RandomModelShape shape = blocks;
        shape.dtypes = std::move(dtypes);
        return shape;
    };
    add("odd shapes, F16", {});
    add("odd shapes, mixed types", {.dtypes = {DType::F16, DType::F32, DType::BF16}});
    add("tied, F32", {.tied = true, .dtypes = {DType::F32}});
    add("no grouped heads, BF16", {.kvHeads = 4, .headDim = 64, .dtypes = {DType::BF16}});
    add("groups of four, head_dim 80", {.kvHeads = 1, .headDim = 80});
    add("Q8_0", with({DType::Q8_0}));
    add("Q4_0", with({DType::Q4_0}));
    add("every type", with({DType::Q4_0, DType::F16, DType::Q8_0, DType::F32, DType::BF16}));
    RandomModelShape tied = with({DType::Q4_0});
    tied.tied = true;
    tied.headDim = 80;
    tied.kvHeads = 1;
    add("tied, Q4_0, groups of four", tied);
}

void TestCpuForwardPass::matchesTheTwin() {
    QFETCH(RandomModelShape, shape);
    const RandomModel model = makeRandomModel(shape);
    const std::vector<TokenId> tokens = someTokens(41, model.config.vocabSize);
    const auto pass = open(model);
    const std::vector<float> rows = evaluateRows(*pass, tokens, shape.vocab, 32);
    for (const std::size_t count : {1, 2, 17, 41}) {
        const std::vector<double> expected =
            reference::logits(model.config, model.weights, std::span(tokens).first(count));
        VERIFY_CLOSE(std::span(rows).subspan((count - 1) * shape.vocab, shape.vocab), expected, boundFor(shape));
    }
}

void TestCpuForwardPass::everyVectorUnitMatchesTheTwin() {
    const std::vector<std::int64_t> targets = cpu::kernelTargets();
    QVERIFY(!targets.empty());
    const RandomModelShape shape{.hidden = 160,
                                 .ffn = 96,
                                 .headDim = 40,
                                 .dtypes = {DType::Q4_0, DType::F16, DType::Q8_0, DType::F32, DType::BF16}};
    const RandomModel model = makeRandomModel(shape);
    const std::vector<TokenId> tokens = someTokens(70, shape.vocab);
    const std::vector<double> expected = reference::logits(model.config, model.weights, tokens);
    for (const std::int64_t target : targets) {
        cpu::chooseKernelTarget(target);
        const auto pass = open(model);
        VERIFY_CLOSE(evaluate(*pass, tokens, shape.vocab), expected, kQuantizedLogitsBound);
        const std::vector<float> together = evaluateRows(*pass, tokens, shape.vocab);
        QCOMPARE(evaluateRows(*pass, tokens, shape.vocab, 1), together);
    }
}

// Bit for bit, which makes drafts and reruns exact too.
void TestCpuForwardPass::chunksAndThreadsChangeNothing() {
    QFETCH(RandomModelShape, shape);
    const RandomModel model = makeRandomModel(shape);
    const std::vector<TokenId> tokens = someTokens(75, shape.vocab);
    const std::vector<float> expected = evaluateRows(*open(model, {.threads = 1}), tokens, shape.vocab, 1);
    for (const unsigned threads : {1U, 2U, 3U, 7U}) {
        const auto pass = open(model, {.threads = threads});
        for (const std::size_t chunk : {1, 2, 7, 75}) {
            QCOMPARE(evaluateRows(*pass, tokens, shape.vocab, chunk), expected);
        }
    }
}

void TestCpuForwardPass::draftsChangeNothing() {
    const RandomModel model = makeRandomModel({.hidden = 160, .ffn = 96, .dtypes = {DType::Q8_0}});
    const std::vector<TokenId> history = someTokens(20, model.config.vocabSize);
    const SamplingParameters sampling{.temperature = 0.9F, .seed = 5};
    const auto pass = open(model);
    std::vector<TokenId> plain;
    pass->beginDecoding({.history = history, .sampling = sampling, .maxTokens = 60});
    while (plain.size() < 60) {
        const std::span<const TokenId> next = pass->nextTokens({});
        plain.insert(plain.end(), next.begin(), next.end());
    }
    pass->endDecoding();
    // Drafts that are right for a while and then wrong.
    std::vector<TokenId> drafted;
    std::size_t steps = 0;
    pass->beginDecoding({.history = history, .sampling = sampling, .maxTokens = 60});
    while (drafted.size() < 60) {
        std::vector<TokenId> draft;
        for (std::size_t i = drafted.size(); i < plain.size() && draft.size() < 1 + steps % kMaxDraft; ++i) {
            draft.push_back(plain[i]);
        }
        if (steps % 3 == 0 && !draft.empty()) {
            draft.back() = (draft.back() + 1) % static_cast<TokenId>(model.config.vocabSize);
        }
        const std::span<const TokenId> next = pass->nextTokens(draft);
        drafted.insert(drafted.end(), next.begin(), next.end());
        ++steps;
    }
    pass->endDecoding();
    QCOMPARE(drafted, plain);
    QVERIFY(steps < 30);
}

void TestCpuForwardPass::forgetsAfterRewinding() {
    const RandomModel model = makeRandomModel({});
    const std::size_t vocab = model.config.vocabSize;
    const std::vector<TokenId> tokens = someTokens(60, model.config.vocabSize);
    std::vector<TokenId> other(tokens.begin(), tokens.begin() + 20);
    other.insert(other.end(), {3, 1, 4, 1, 5});
    const std::vector<float> expected = evaluate(*open(model), other, vocab, 5);

    const auto pass = open(model);
    static_cast<void>(evaluate(*pass, tokens, vocab, 5));
    QCOMPARE(evaluate(*pass, std::span(other).subspan(20), vocab, 5, 20), expected);
}

void TestCpuForwardPass::smallCacheIsCloseEnough() {
    const RandomModel model = makeRandomModel({.headDim = 64});
    const std::vector<TokenId> tokens = someTokens(100, model.config.vocabSize);
    const auto half = open(model);
    const auto byte = open(model, {.kvType = KvType::Q8});
    QVERIFY(byte->cacheBytes() * 100 < half->cacheBytes() * 55);
    const std::vector<double> expected = reference::logits(model.config, model.weights, tokens);
    VERIFY_CLOSE(evaluate(*byte, tokens, expected.size()), expected, kQuantizedLogitsBound);
    VERIFY_CLOSE(evaluate(*half, tokens, expected.size()), expected, reference::kLogitsBound);
}

void TestCpuForwardPass::crossesPages() {
    const RandomModel model = makeRandomModel({.hidden = 32, .ffn = 32, .vocab = 64, .context = 600});
    const std::vector<TokenId> tokens = someTokens(530, model.config.vocabSize);
    const std::vector<double> expected = reference::logits(model.config, model.weights, tokens);
    for (const KvType type : {KvType::F16, KvType::Q8}) {
        const auto pass = open(model, {.kvType = type});
        VERIFY_CLOSE(evaluate(*pass, tokens, expected.size()), expected,
                     type == KvType::F16 ? reference::kLogitsBound : kQuantizedLogitsBound);
    }
}

void TestCpuForwardPass::readingChangesNothing() {
    const RandomModel model = makeRandomModel({.hidden = 160, .ffn = 96, .dtypes = {DType::Q4_0, DType::F16}});
    const std::vector<TokenId> tokens = someTokens(9, model.config.vocabSize);
    const std::vector<float> expected = evaluate(*open(model), tokens, model.config.vocabSize, 1);
    for (const cpu::Reading reading : {cpu::Reading::Plain, cpu::Reading::Ahead, cpu::Reading::Around}) {
        for (const bool alternate : {false, true}) {
            const auto pass =
                open(model, {.tuning = {.attention = reading, .feedForward = reading, .alternate = alternate}});
            QCOMPARE(evaluate(*pass, tokens, model.config.vocabSize, 1), expected);
        }
    }
}

void TestCpuForwardPass::reportsSizesAndProgress() {
    // Shapes without padding, so that every byte can be accounted for.
    const RandomModel model = makeRandomModel({.hidden = 64,
                                               .ffn = 96,
                                               .layers = 3,
                                               .heads = 4,
                                               .kvHeads = 2,
                                               .headDim = 16,
                                               .vocab = 128,
                                               .feedForwardOfLayer = {0, 0, 0},
                                               .tied = true,
                                               .dtypes = {DType::F16}});
    std::vector<double> progress;
    const auto pass =
        open(model, {.contextSize = 512, .progress = [&progress](double share) { progress.push_back(share); }});
    const std::uint64_t attention = (64 + 2 * 32) * 64 + 64 * 64;
    const std::uint64_t matrices = 128 * 64 + 3 * attention + 3 * 96 * 64;  // one block, one embedding
    QCOMPARE(pass->weightBytes(), 2 * matrices + 4 * 7 * 64);
    QCOMPARE(pass->cacheBytes(), std::uint64_t{2 * 3 * 2 * 512 * 16 * 2});
    QCOMPARE(pass->contextSize(), 512U);
    QVERIFY(std::ranges::is_sorted(progress));
    QVERIFY(!progress.empty() && progress.front() > 0 && progress.back() == 1.0);
    std::vector<float> logits(128);
    const std::vector<TokenId> tokens = {1, 2};
    pass->evaluate(tokens, 0, logits);
    QCOMPARE(pass->counters().submissions, 1U);
    QVERIFY(pass->counters().dispatches > 0);
    QCOMPARE(pass->counters().barriers, pass->counters().dispatches);
}

void TestCpuForwardPass::chunksSuitTheModel() {
    const RandomModel small = makeRandomModel({});
    QCOMPARE(open(small)->chunkSize(), 128U);
    QCOMPARE(open(small, {.maxChunkSize = 5})->chunkSize(), 5U);
}

void TestCpuForwardPass::measuresBandwidth() {
    const RandomModel model = makeRandomModel({.layers = 1, .feedForwardOfLayer = {0}});
    const auto pass = open(model);
    const double bytesPerSecond = pass->measureReadBandwidth();
    QVERIFY2(bytesPerSecond > 1e6 && bytesPerSecond < 1e13, qPrintable(QString::number(bytesPerSecond)));
}

void TestCpuForwardPass::refusesBadWeights() {
    RandomModel model = makeRandomModel({.dtypes = {DType::F32}});
    std::vector<std::byte> damaged(model.weights.layers[1].output.bytes.begin(),
                                   model.weights.layers[1].output.bytes.end());
    const float nan = std::numeric_limits<float>::quiet_NaN();
    std::memcpy(damaged.data() + 400, &nan, sizeof nan);
    model.weights.layers[1].output.bytes = damaged;
    const Error error = errorOf([&] { static_cast<void>(open(model)); });
    QVERIFY(error.code() == ErrorCode::NotFinite);
    QVERIFY2(std::string(error.what()).find("output") != std::string::npos, error.what());
}

void TestCpuForwardPass::reportsOverflow() {
    RandomModel model = makeRandomModel({.dtypes = {DType::F32}});
    model.weights.finalNorm = model.tensors.make("final norm", DType::F32, {model.config.hiddenSize}, 1e37F, 3e38F);
    const auto pass = open(model);
    const Error error = errorOf(
        [&] { static_cast<void>(evaluate(*pass, someTokens(5, model.config.vocabSize), model.config.vocabSize)); });
    QVERIFY(error.code() == ErrorCode::NotFinite);
}

void TestCpuForwardPass::canBeCancelled() {
    const RandomModel model = makeRandomModel({});
    std::atomic<bool> cancel = false;
    int calls = 0;
    const Error error = errorOf([&] {
        static_cast<void>(open(model, {.progress =
                                           [&](double) {
                                               ++calls;
                                               cancel = true;
                                           },
                                       .cancel = cancel}));
    });
    QVERIFY(error.code() == ErrorCode::Cancelled);
    QCOMPARE(calls, 1);
}

void TestCpuForwardPass::saysWhatIsMissingOfMemory() {
    const RandomModel model = makeRandomModel({});
    const Error error =
        errorOf([&] { static_cast<void>(open(model, {.contextSize = 2'000'000'000, .mayStepDown = false})); });
    QVERIFY(error.code() == ErrorCode::OutOfMemory);
    const std::string sentence = error.what();
    QVERIFY2(sentence.starts_with("The model does not fit"), sentence.c_str());
    QVERIFY2(sentence.find(" GB (weights ") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find(" free. Close other programs") != std::string::npos, sentence.c_str());
}

void TestCpuForwardPass::stepsDownWhereMemoryIsShort() {
    const RandomModel model = makeRandomModel({});
    const std::unique_ptr<ForwardPass> whole = open(model, {.contextSize = 4096});
    const auto openWith = [&](double shareOfCache) {
        const auto cache = static_cast<double>(whole->cacheBytes()) * shareOfCache;
        return open(model,
                    {.contextSize = 4096, .availableMemory = whole->weightBytes() + static_cast<std::uint64_t>(cache)});
    };
    QVERIFY(openWith(1.3)->note().empty());  // the rotary angles lie beside the cache
    const std::unique_ptr<ForwardPass> bytes = openWith(0.95);
    QVERIFY2(bytes->note().english().starts_with("The KV cache uses 8 bits"), bytes->note().english().c_str());
    QCOMPARE(bytes->contextSize(), 4096U);
    QVERIFY(bytes->cacheBytes() < whole->cacheBytes());
    const std::unique_ptr<ForwardPass> half = openWith(0.5);
    QVERIFY2(half->note().english().starts_with("The context length is 2048 tokens"), half->note().english().c_str());
    QCOMPARE(half->contextSize(), 2048U);
}

ALCOVE_TEST(TestCpuForwardPass)
#include "test_cpu_forward_pass.moc"
