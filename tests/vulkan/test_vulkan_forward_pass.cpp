// The whole forward pass: against the independent reference of the fixtures, against the double twin, and against
// itself in other chunks, other barriers and smaller buffers.
#include <array>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "engine/error.h"
#include "engine/vulkan/vulkan_forward_pass.h"
#include "tests/reference/reference.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using alcove::tests::makeRandomModel;
using alcove::tests::RandomModel;
using alcove::tests::RandomModelShape;

namespace {

struct Expected {
    std::vector<TokenId> tokens;
    std::vector<double> logits;
    std::vector<TokenId> greedy;
};

Expected readExpected(const QString& folder) {
    QFile file(folder + QStringLiteral("/expected.json"));
    if (!file.open(QIODevice::ReadOnly)) {
        throw std::runtime_error("no expected.json");
    }
    const QJsonObject object = QJsonDocument::fromJson(file.readAll()).object();
    Expected expected;
    for (const QJsonValue& value : object[QStringLiteral("tokens")].toArray()) {
        expected.tokens.push_back(value.toInt());
    }
    for (const QJsonValue& value : object[QStringLiteral("logits_last")].toArray()) {
        expected.logits.push_back(value.toDouble());
    }
    for (const QJsonValue& value : object[QStringLiteral("greedy_next_24")].toArray()) {
        expected.greedy.push_back(value.toInt());
    }
    return expected;
}

std::unique_ptr<ForwardPass> open(const ModelConfig& config, const ModelWeights& weights,
                                  VulkanForwardPassOptions options = {}) {
    options.contextSize = options.contextSize == 0 ? config.contextLength : options.contextSize;
    options.submissionSeconds = 1000;  // on a busy machine, too, everything is one submission
    return makeVulkanForwardPass(listDevices().front(), config, weights, options);
}

// Logits after `tokens`, fed in chunks of at most `chunk` from `position` on.
std::vector<float> evaluate(ForwardPass& pass, std::span<const TokenId> tokens, std::size_t vocab,
                            std::size_t chunk = std::numeric_limits<std::size_t>::max(), std::uint32_t position = 0) {
    std::vector<float> logits(vocab);
    chunk = std::min<std::size_t>(chunk, pass.chunkSize());
    for (std::size_t at = 0; at < tokens.size(); at += chunk) {
        const std::size_t n = std::min(chunk, tokens.size() - at);
        const bool last = at + n == tokens.size();
        pass.evaluate(tokens.subspan(at, n), position + static_cast<std::uint32_t>(at),
                      last ? std::span(logits) : std::span<float>());
    }
    return logits;
}

// Logits after every one of `tokens`, row by row.
std::vector<float> evaluateRows(ForwardPass& pass, std::span<const TokenId> tokens, std::size_t vocab,
                                std::size_t chunk = std::numeric_limits<std::size_t>::max()) {
    std::vector<float> logits(tokens.size() * vocab);
    chunk = std::min<std::size_t>(chunk, pass.chunkSize());
    for (std::size_t at = 0; at < tokens.size(); at += chunk) {
        const std::size_t n = std::min(chunk, tokens.size() - at);
        pass.evaluate(tokens.subspan(at, n), static_cast<std::uint32_t>(at),
                      std::span(logits).subspan(at * vocab, n * vocab));
    }
    return logits;
}

TokenId highest(const std::vector<float>& logits) {
    return static_cast<TokenId>(std::ranges::max_element(logits) - logits.begin());
}

std::vector<TokenId> someTokens(std::size_t count, std::uint32_t vocab) {
    std::vector<TokenId> tokens;
    for (std::size_t i = 0; i < count; ++i) {
        tokens.push_back(static_cast<TokenId>((i * 7919 + 1) % vocab));
    }
    return tokens;
}

// Sizes that are whole blocks, as quantised checkpoints have them, but no whole groups of blocks.
RandomModel quantizedModel(std::vector<DType> dtypes, std::uint32_t headDim = 32, bool tied = false) {
    return makeRandomModel({.hidden = 192,
                            .ffn = 288,
                            .heads = 4,
                            .kvHeads = 2,
                            .headDim = headDim,
                            .tied = tied,
                            .dtypes = std::move(dtypes)});
}

// Runs `action` and returns the Error it must throw.
template <class Action>
Error errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorCode::InvalidRequest, "nothing was thrown");
}

// Where activations or the cache are bytes.
constexpr double kByteLogitsBound = 1e-3;

double boundOf(const RandomModel& model) {
    return isQuantized(model.weights.embedding.dtype) ? kByteLogitsBound : reference::kLogitsBound;
}

// A cache of bytes adds an error of its own: twice the largest measured on these models of random weights, which was
// 3.7e-4 with activations of floats and 1.5e-3 with bytes.
double byteCacheBoundOf(const RandomModel& model) {
    return isQuantized(model.weights.embedding.dtype) ? 3e-3 : 7.5e-4;
}

#define VERIFY_CLOSE(got, expected, bound)                                                                \
    do {                                                                                                  \
        const double closeness = reference::normalisedError(got, expected);                               \
        QVERIFY2(closeness <= (bound), qPrintable(QStringLiteral("normalised error %1").arg(closeness))); \
    } while (false)

}  // namespace

class TestVulkanForwardPass : public QObject {
    Q_OBJECT

private slots:
    void matchesTheFixture_data();
    void matchesTheFixture();
    void matchesTheTwin_data();
    void matchesTheTwin();
    void chunksAgree();
    void everyRowMatchesTheTwin_data() { matchesTheTwin_data(); }
    void everyRowMatchesTheTwin();
    void rowsFitWhereTheyAreSplit();
    void forgetsAfterRewinding();
    void isRepeatable();
    void barriersSuffice();
    void splitBuffersAgree();
    void countsWhatItRecords_data();
    void countsWhatItRecords();
    void draftsGiveTheBitsOfDecoding_data();
    void draftsGiveTheBitsOfDecoding();
    void reportsSizesAndProgress();
    void measuresBandwidth();
    void refusesBadWeights();
    void reportsOverflow();
    void canBeCancelled();
    void saysWhatIsMissingOfMemory();
    void refusesOddHeads();
};

void TestVulkanForwardPass::matchesTheFixture_data() {
    QTest::addColumn<QString>("folder");
    const QDir fixtures(QStringLiteral(ALCOVE_FIXTURES));
    for (const QString& name : fixtures.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        if (fixtures.exists(name + QStringLiteral("/expected.json"))) {
            QTest::addRow("%s", qPrintable(name)) << fixtures.filePath(name);
        }
    }
}

void TestVulkanForwardPass::matchesTheFixture() {
    QFETCH(QString, folder);
    const Expected expected = readExpected(folder);
    const Checkpoint checkpoint = Checkpoint::open(folder.toStdString());
    const std::size_t vocab = checkpoint.config().vocabSize;
    QCOMPARE(expected.logits.size(), vocab);
    const auto pass = open(checkpoint.config(), checkpoint.weights());

    std::vector<float> logits = evaluate(*pass, expected.tokens, vocab);
    VERIFY_CLOSE(logits, expected.logits, reference::kLogitsBound);
    // The twin stands on the same ground as the independent reference.
    const std::vector<double> twin = reference::logits(checkpoint.config(), checkpoint.weights(), expected.tokens);
    double error = 0;
    double total = 0;
    for (std::size_t i = 0; i < vocab; ++i) {
        error += (twin[i] - expected.logits[i]) * (twin[i] - expected.logits[i]);
        total += expected.logits[i] * expected.logits[i];
    }
    QVERIFY2(error / total < 1e-9, qPrintable(QString::number(error / total)));

    auto position = static_cast<std::uint32_t>(expected.tokens.size());
    std::vector<TokenId> greedy;
    for (std::size_t i = 0; i < expected.greedy.size(); ++i) {
        const TokenId token = highest(logits);
        greedy.push_back(token);
        pass->evaluate(std::span(&token, 1), position++, logits);
    }
    QCOMPARE(greedy, expected.greedy);
}

void TestVulkanForwardPass::matchesTheTwin_data() {
    QTest::addColumn<std::shared_ptr<RandomModel>>("model");
    const auto add = [](const char* name, const RandomModelShape& shape) {
        QTest::addRow("%s", name) << std::make_shared<RandomModel>(makeRandomModel(shape));
    };
    add("odd shapes, F16", {});
    add("odd shapes, every type in one matrix", {.dtypes = {DType::F16, DType::F32, DType::BF16}});
    add("tied, F32", {.tied = true, .dtypes = {DType::F32}});
    add("no grouped heads, BF16", {.kvHeads = 4, .headDim = 64, .dtypes = {DType::BF16}});
    add("groups of four, head_dim 80", {.kvHeads = 1, .headDim = 80});
    const auto addQuantized = [](const char* name, RandomModel model) {
        QTest::addRow("%s", name) << std::make_shared<RandomModel>(std::move(model));
    };
    addQuantized("Q8_0", quantizedModel({DType::Q8_0}));
    addQuantized("Q4_0, tied, head_dim 80", quantizedModel({DType::Q4_0}, 80, true));
    addQuantized("Q4_0, Q8_0 and F16 in one matrix", quantizedModel({DType::Q4_0, DType::Q8_0, DType::F16}, 64));
}

void TestVulkanForwardPass::matchesTheTwin() {
    QFETCH(std::shared_ptr<RandomModel>, model);
    const std::vector<TokenId> tokens = someTokens(41, model->config.vocabSize);
    const std::vector<double> expected = reference::logits(model->config, model->weights, tokens);
    const auto pass = open(model->config, model->weights);
    VERIFY_CLOSE(evaluate(*pass, tokens, expected.size()), expected, boundOf(*model));
    VERIFY_CLOSE(evaluate(*pass, tokens, expected.size(), 1), expected, boundOf(*model));
    const auto small = open(model->config, model->weights, {.kvType = KvType::Q8});
    QVERIFY(small->cacheBytes() < pass->cacheBytes());
    VERIFY_CLOSE(evaluate(*small, tokens, expected.size()), expected, byteCacheBoundOf(*model));
}

void TestVulkanForwardPass::chunksAgree() {
    const RandomModel model = makeRandomModel({});
    const std::vector<TokenId> tokens = someTokens(97, model.config.vocabSize);
    const std::vector<double> expected = reference::logits(model.config, model.weights, tokens);
    const auto pass = open(model.config, model.weights);
    for (const std::size_t chunk : {1, 7, 32}) {
        QVERIFY(chunk <= pass->chunkSize());
        VERIFY_CLOSE(evaluate(*pass, tokens, expected.size(), chunk), expected, reference::kLogitsBound);
    }
}

void TestVulkanForwardPass::everyRowMatchesTheTwin() {
    QFETCH(std::shared_ptr<RandomModel>, model);
    const std::size_t vocab = model->config.vocabSize;
    const std::vector<TokenId> tokens = someTokens(41, model->config.vocabSize);
    const auto pass = open(model->config, model->weights);
    const std::vector<float> alone = evaluateRows(*pass, tokens, vocab, 1);
    std::vector<std::vector<double>> twins;
    for (std::size_t i = 0; i < tokens.size(); i += 8) {
        twins.push_back(reference::logits(model->config, model->weights, std::span(tokens).first(i + 1)));
    }
    for (const std::size_t chunk : {41, 7, 1}) {
        const std::vector<float> rows = evaluateRows(*pass, tokens, vocab, chunk);
        for (std::size_t i = 0; i < tokens.size(); ++i) {
            const std::span<const float> row = std::span(rows).subspan(i * vocab, vocab);
            const std::span<const float> one = std::span(alone).subspan(i * vocab, vocab);
            VERIFY_CLOSE(row, std::vector<double>(one.begin(), one.end()), 2 * boundOf(*model));
            if (i % 8 == 0) {
                VERIFY_CLOSE(row, twins[i / 8], boundOf(*model));
            }
        }
    }
    // What was asked for in rows does not disturb what follows.
    VERIFY_CLOSE(evaluate(*pass, tokens, vocab), twins.back(), boundOf(*model));
}

// A head in several parts, and fewer rows of logits in a buffer than a chunk has.
void TestVulkanForwardPass::rowsFitWhereTheyAreSplit() {
    const RandomModel model = makeRandomModel({});
    const std::size_t vocab = model.config.vocabSize;
    const std::vector<TokenId> tokens = someTokens(50, model.config.vocabSize);
    const auto whole = open(model.config, model.weights, {.maxChunkSize = 8});
    const auto split = open(model.config, model.weights, {.maxStorageRange = 98304, .maxChunkSize = 8});
    QCOMPARE(split->chunkSize(), 8U);
    QCOMPARE(evaluateRows(*split, tokens, vocab), evaluateRows(*whole, tokens, vocab));
    QCOMPARE(whole->counters().submissions, 2U);
    std::vector<float> rows(8 * vocab);
    split->evaluate(std::span(tokens).first(8), 0, rows);
    QVERIFY(split->counters().dispatches > whole->counters().dispatches);

    const auto full = open(model.config, model.weights, {.alwaysBarrier = true, .maxChunkSize = 8});
    QCOMPARE(evaluateRows(*full, tokens, vocab), evaluateRows(*whole, tokens, vocab));
}

void TestVulkanForwardPass::forgetsAfterRewinding() {
    const RandomModel model = makeRandomModel({});
    const std::size_t vocab = model.config.vocabSize;
    const std::vector<TokenId> tokens = someTokens(60, model.config.vocabSize);
    std::vector<TokenId> other(tokens.begin(), tokens.begin() + 20);
    other.insert(other.end(), {3, 1, 4, 1, 5});
    const auto fresh = open(model.config, model.weights);
    const std::vector<float> expected = evaluate(*fresh, other, vocab, 5);

    const auto pass = open(model.config, model.weights);
    static_cast<void>(evaluate(*pass, tokens, vocab, 5));
    const std::vector<float> logits = evaluate(*pass, std::span(other).subspan(20), vocab, 5, 20);
    QCOMPARE(logits, expected);
}

void TestVulkanForwardPass::isRepeatable() {
    const RandomModel model = makeRandomModel({});
    const std::vector<TokenId> tokens = someTokens(70, model.config.vocabSize);
    const auto pass = open(model.config, model.weights);
    const std::vector<float> first = evaluate(*pass, tokens, model.config.vocabSize);
    for (int run = 0; run < 3; ++run) {
        QCOMPARE(evaluate(*pass, tokens, model.config.vocabSize), first);
    }
}

// Synchronisation validation does not see every missing barrier; this does, as far as these drivers reorder.
void TestVulkanForwardPass::barriersSuffice() {
    const RandomModel model = makeRandomModel({});
    const std::vector<TokenId> tokens = someTokens(70, model.config.vocabSize);
    const auto precise = open(model.config, model.weights);
    const auto full = open(model.config, model.weights, {.alwaysBarrier = true});
    for (const std::size_t chunk : {1, 32}) {
        QCOMPARE(evaluate(*precise, tokens, model.config.vocabSize, chunk),
                 evaluate(*full, tokens, model.config.vocabSize, chunk));
    }
    QVERIFY(full->counters().barriers > precise->counters().barriers);
}

void TestVulkanForwardPass::splitBuffersAgree() {
    const RandomModel model = makeRandomModel({});
    const std::vector<TokenId> tokens = someTokens(50, model.config.vocabSize);
    const auto whole = open(model.config, model.weights, {.maxChunkSize = 8});
    // Below the embedding (192 kB), and the stacked matrices.
    const auto split = open(model.config, model.weights, {.maxStorageRange = 98304, .maxChunkSize = 8});
    QCOMPARE(whole->chunkSize(), split->chunkSize());
    QCOMPARE(evaluate(*split, tokens, model.config.vocabSize), evaluate(*whole, tokens, model.config.vocabSize));
    QVERIFY(split->counters().dispatches > whole->counters().dispatches);
    QCOMPARE(split->counters().barriers, whole->counters().barriers);
}

void TestVulkanForwardPass::countsWhatItRecords_data() {
    QTest::addColumn<int>("headDim");
    QTest::addColumn<int>("dtype");
    for (const int headDim : {64, 80}) {
        for (const DType dtype : {DType::F16, DType::Q4_0}) {
            QTest::addRow("head_dim %d %s", headDim, dtypeName(dtype)) << headDim << static_cast<int>(dtype);
        }
    }
}

void TestVulkanForwardPass::countsWhatItRecords() {
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

// Verifying a draft gives the very bits of decoding.
void TestVulkanForwardPass::draftsGiveTheBitsOfDecoding_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<int>("headDim");
    QTest::addColumn<KvType>("cache");
    for (const DType dtype : {DType::F32, DType::F16, DType::Q8_0, DType::Q4_0}) {
        for (const int headDim : {64, 80}) {
            const KvType cache = headDim == 80 ? KvType::Q8 : KvType::F16;
            QTest::addRow("%s head_dim %d", dtypeName(dtype), headDim) << static_cast<int>(dtype) << headDim << cache;
        }
    }
}

void TestVulkanForwardPass::draftsGiveTheBitsOfDecoding() {
    QFETCH(int, dtype);
    QFETCH(int, headDim);
    QFETCH(KvType, cache);
    const RandomModel model = quantizedModel({static_cast<DType>(dtype)}, static_cast<std::uint32_t>(headDim));
    const std::size_t vocab = model.config.vocabSize;
    const auto pass = open(model.config, model.weights, {.kvType = cache});
    const std::vector<TokenId> tokens = someTokens(45, model.config.vocabSize);
    const std::vector<float> alone = evaluateRows(*pass, tokens, vocab, 1);
    const std::vector<float> drafts = evaluateRows(*pass, tokens, vocab, 5);
    for (std::size_t row = 0; row < tokens.size(); ++row) {
        for (std::size_t i = row * vocab; i < (row + 1) * vocab; ++i) {
            QVERIFY2(std::bit_cast<std::uint32_t>(alone[i]) == std::bit_cast<std::uint32_t>(drafts[i]),
                     qPrintable(QStringLiteral("row %1: %2 and %3").arg(row).arg(alone[i]).arg(drafts[i])));
        }
    }
    // The logits of the last row by themselves, as decoding asks for them.
    QCOMPARE(evaluate(*pass, tokens, vocab, 1), std::vector<float>(alone.end() - vocab, alone.end()));
}

void TestVulkanForwardPass::reportsSizesAndProgress() {
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

void TestVulkanForwardPass::measuresBandwidth() {
    const RandomModel model = makeRandomModel({.layers = 1, .feedForwardOfLayer = {0}});
    const auto pass = open(model.config, model.weights);
    const double bytesPerSecond = pass->measureReadBandwidth();
    QVERIFY2(bytesPerSecond > 1e6 && bytesPerSecond < 1e13, qPrintable(QString::number(bytesPerSecond)));
}

void TestVulkanForwardPass::refusesBadWeights() {
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

void TestVulkanForwardPass::reportsOverflow() {
    RandomModel model = makeRandomModel({.dtypes = {DType::F32}});
    model.weights.finalNorm = model.tensors.make("final norm", DType::F32, {model.config.hiddenSize}, 1e37F, 3e38F);
    const auto pass = open(model.config, model.weights);
    const Error error = errorOf(
        [&] { static_cast<void>(evaluate(*pass, someTokens(5, model.config.vocabSize), model.config.vocabSize)); });
    QVERIFY(error.code() == ErrorCode::NotFinite);
}

void TestVulkanForwardPass::canBeCancelled() {
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
                                .cancel = &cancel}));
    });
    QVERIFY(error.code() == ErrorCode::Cancelled);
    QCOMPARE(calls, 1);
}

void TestVulkanForwardPass::saysWhatIsMissingOfMemory() {
    const RandomModel model = makeRandomModel({});
    const Error error =
        errorOf([&] { static_cast<void>(open(model.config, model.weights, {.contextSize = 2'000'000'000})); });
    QVERIFY(error.code() == ErrorCode::OutOfMemory);
    const std::string sentence = error.what();
    QVERIFY2(sentence.find("does not fit") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find(" GB free") != std::string::npos, sentence.c_str());
    QVERIFY2(sentence.find("smaller checkpoint") != std::string::npos, sentence.c_str());
}

void TestVulkanForwardPass::refusesOddHeads() {
    const RandomModel model = makeRandomModel({.headDim = 258});
    const Error error = errorOf([&] { static_cast<void>(open(model.config, model.weights)); });
    QVERIFY(error.code() == ErrorCode::Unsupported);
    QVERIFY2(std::string(error.what()).find("258") != std::string::npos, error.what());
}

QTEST_GUILESS_MAIN(TestVulkanForwardPass)
#include "test_vulkan_forward_pass.moc"
