// The whole forward pass: against the independent reference of the fixtures, against the double twin, and against
// itself in other chunks, other barriers and smaller buffers.
#include <bit>

#include <QTemporaryDir>
#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "engine/devices/device_list.h"
#include "engine/vulkan/driver/device.h"
#include "engine/vulkan/tuning/tuning_store.h"
#include "tests/rig/forward_pass_fixture.h"
#include "tests/rig/sample.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/open_model.h"
#include "tests/vulkan/random_weights.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using namespace alcove::tests;

namespace {

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

double boundOf(const RandomModel& model) {
    return isQuantized(model.weights.embedding.dtype) ? reference::kByteLogitsBound : reference::kLogitsBound;
}

// A cache of bytes adds an error of its own: twice the largest measured on these models of random weights, which was
// 3.7e-4 with activations of floats and 1.5e-3 with bytes.
double byteCacheBoundOf(const RandomModel& model) {
    return isQuantized(model.weights.embedding.dtype) ? 3e-3 : 7.5e-4;
}

}  // namespace

class TestVulkanForwardPass : public QObject {
    Q_OBJECT

private slots:
    void matchesTheFixture_data() { addFixtures(); }
    void matchesTheFixture();
    void matchesTheTwin_data();
    void matchesTheTwin();
    void chunksAgree();
    void everyRowMatchesTheTwin_data();
    void everyRowMatchesTheTwin();
    void rowsFitWhereTheyAreSplit();
    void forgetsAfterRewinding();
    void isRepeatable();
    void barriersSuffice();
    void splitBuffersAgree();
    void draftsGiveTheBitsOfDecoding_data();
    void draftsGiveTheBitsOfDecoding();
    void promptsComeOutInEveryForm_data();
    void promptsComeOutInEveryForm();
};

void TestVulkanForwardPass::matchesTheFixture() {
    QFETCH(QString, folder);
    const Expected expected = readExpected(folder);
    const Checkpoint checkpoint = Checkpoint::open(folder.toStdString());
    const std::size_t vocab = checkpoint.config().vocabSize;
    QCOMPARE(expected.logits.size(), vocab);
    const auto pass = open(checkpoint.config(), checkpoint.weights());

    const std::vector<float> logits = evaluate(*pass, expected.tokens, vocab);
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

    const auto position = static_cast<std::uint32_t>(expected.tokens.size());
    QCOMPARE(greedily(*pass, logits, position, expected.greedy.size()), expected.greedy);
}

void TestVulkanForwardPass::matchesTheTwin_data() {
    QTest::addColumn<std::shared_ptr<RandomModel>>("model");
    tests::Sample sample(4);
    const auto add = [&sample](const char* name, const RandomModelShape& shape) {
        if (!sample.takes()) {
            return;
        }
        QTest::addRow("%s", name) << std::make_shared<RandomModel>(makeRandomModel(shape));
    };
    add("odd shapes, F16", {});
    add("odd shapes, every type in one matrix", {.dtypes = {DType::F16, DType::F32, DType::BF16}});
    add("tied, F32", {.tied = true, .dtypes = {DType::F32}});
    add("no grouped heads, BF16", {.kvHeads = 4, .headDim = 64, .dtypes = {DType::BF16}});
    add("groups of four, head_dim 80", {.kvHeads = 1, .headDim = 80});
    const auto addQuantized = [&sample](const char* name, RandomModel model) {
        if (!sample.takes()) {
            return;
        }
        QTest::addRow("%s", name) << std::make_shared<RandomModel>(std::move(model));
    };
    addQuantized("Q8_0", quantizedModel({DType::Q8_0}));
    addQuantized("Q4_0, tied, head_dim 80", quantizedModel({DType::Q4_0}, 80, true));
    addQuantized("Q4_0, Q8_0 and F16 in one matrix", quantizedModel({DType::Q4_0, DType::Q8_0, DType::F16}, 64));
}

void TestVulkanForwardPass::everyRowMatchesTheTwin_data() {
    if (!tests::onSlowDriver()) {
        matchesTheTwin_data();
        return;
    }
    QTest::addColumn<std::shared_ptr<RandomModel>>("model");
    QTest::addRow("odd shapes, F16") << std::make_shared<RandomModel>(makeRandomModel({}));
    QTest::addRow("Q4_0") << std::make_shared<RandomModel>(quantizedModel({DType::Q4_0}, 64));
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
    const auto split =
        open(model.config, model.weights, {.maxChunkSize = 8, .device = {.limits = {.maxStorageRange = 98304}}});
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
    const auto split =
        open(model.config, model.weights, {.maxChunkSize = 8, .device = {.limits = {.maxStorageRange = 98304}}});
    QCOMPARE(whole->chunkSize(), split->chunkSize());
    QCOMPARE(evaluate(*split, tokens, model.config.vocabSize), evaluate(*whole, tokens, model.config.vocabSize));
    QVERIFY(split->counters().dispatches > whole->counters().dispatches);
    QCOMPARE(split->counters().barriers, whole->counters().barriers);
}

// Verifying a draft gives the very bits of decoding.
void TestVulkanForwardPass::draftsGiveTheBitsOfDecoding_data() {
    QTest::addColumn<int>("dtype");
    QTest::addColumn<int>("headDim");
    QTest::addColumn<KvType>("cache");
    for (const DType dtype : tests::sampled<DType>({DType::F32, DType::F16, DType::Q8_0, DType::Q4_0}, 1)) {
        for (const int headDim : {64, 80}) {
            if (tests::onSlowDriver() && (headDim == 80) != (dtype == DType::Q4_0)) {
                continue;
            }
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

void TestVulkanForwardPass::promptsComeOutInEveryForm_data() {
    QTest::addColumn<PromptForm>("form");
    QTest::addColumn<DType>("dtype");
    std::vector<PromptForm> forms = {PromptForm::Tiled};
    if (Device(listDevices().front()).features().has(Tier::T5)) {
        forms.push_back(PromptForm::Matrix);
    }
    for (const PromptForm form : forms) {
        for (const DType dtype : tests::sampled<DType>({DType::Q4_0, DType::F16}, 1)) {
            if (tests::onSlowDriver() && dtype == DType::F16) {
                continue;
            }
            QTest::addRow("%s %s", form == PromptForm::Tiled ? "tiled" : "matrix", dtypeName(dtype)) << form << dtype;
        }
    }
}

// As where the search for a tuning chose a form of its own for many tokens; few are as they were.
void TestVulkanForwardPass::promptsComeOutInEveryForm() {
    QFETCH(PromptForm, form);
    QFETCH(DType, dtype);
    const RandomModel model = quantizedModel({dtype}, 64);
    const std::size_t vocab = model.config.vocabSize;
    const QTemporaryDir folder;
    const auto takeForCard = [](PhysicalDevice& device) { device.info.kind = DeviceKind::IntegratedGpu; };
    const PhysicalDevice card = Device(listDevices().front(), {.hooks = {.adjustPhysical = takeForCard}}).physical();
    KernelSelection selection = plainSelection(card);
    selection.prompt = form;
    QVERIFY(TuningStore(card, folder.path().toStdString())
                .remember(tuningSubject(model.config, dtype), {.best = selection, .trials = {}}));

    const auto pass = open(
        model.config, model.weights,
        {.pipelineCacheFolder = folder.path().toStdString(), .device = {.hooks = {.adjustPhysical = takeForCard}}});
    QCOMPARE(pass->kernels(), describe(selection));
    const std::vector<TokenId> tokens = someTokens(75, model.config.vocabSize);
    const std::vector<double> expected = reference::logits(model.config, model.weights, tokens);
    const std::vector<float> many = evaluate(*pass, tokens, vocab);
    VERIFY_CLOSE(many, expected, boundOf(model));
    const std::vector<float> one = evaluate(*pass, tokens, vocab, 1);
    VERIFY_CLOSE(one, expected, boundOf(model));
    QVERIFY(many != one);  // other kernels, which round otherwise
    QCOMPARE(evaluate(*pass, tokens, vocab, 8), one);
}

ALCOVE_TEST(TestVulkanForwardPass)
#include "test_vulkan_forward_pass.moc"
