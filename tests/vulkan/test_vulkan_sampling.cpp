// The device's selection of tokens against Sampler's.
#include <algorithm>
#include <cmath>
#include <limits>

#include <QTest>

#include "engine/vulkan/network/sampling.h"
#include "tests/rig/sample.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/kernel_fixture.h"
#include "tests/vulkan/sampling_fixture.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::tests::KernelFixture;
using alcove::tests::kNoToken;
using alcove::tests::margin;
using alcove::tests::normalLogits;
using alcove::tests::randomTokens;
using alcove::tests::sampledOnHost;
using alcove::tests::SamplingFixture;

namespace {

// How close to a boundary, as a share of the whole, rounding may decide.
constexpr double kMargin = 1e-5;

}  // namespace

class TestVulkanSampling : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void likeTheSampler_data();
    void likeTheSampler();
    void greedyIsExact_data();
    void greedyIsExact();
    void orderIsExactWherePenalisedMeetsPlain();
    void tiesGoToTheLowestId();
    void whatIsNotFinite();
    void drafts();
    void decodesByItself();
    void largeVocabulary();
    void cleanupTestCase();

private:
    std::unique_ptr<KernelFixture> m_fixture;
    std::optional<SamplingKernels> m_kernels;
    std::optional<PipelineCache> m_cache;
};

void TestVulkanSampling::initTestCase() {
    m_fixture = std::make_unique<KernelFixture>();
    m_cache.emplace(m_fixture->device(), std::filesystem::path());
    m_kernels.emplace(m_fixture->device(), *m_cache);
}

void TestVulkanSampling::cleanupTestCase() {
    m_kernels.reset();
    m_cache.reset();
    m_fixture.reset();
}

void TestVulkanSampling::likeTheSampler_data() {
    QTest::addColumn<quint32>("vocab");
    QTest::addColumn<float>("temperature");
    QTest::addColumn<quint32>("topK");
    QTest::addColumn<float>("topP");
    QTest::addColumn<float>("minP");
    QTest::addColumn<float>("penalty");
    tests::Sample sample(tests::onSlowDriver() ? 5 : 2);
    const auto add = [&sample](const char* name, quint32 vocab, float temperature, quint32 topK, float topP, float minP,
                               float penalty) {
        if (sample.takes()) {
            QTest::addRow("%s", name) << vocab << temperature << topK << topP << minP << penalty;
        }
    };
    add("as by default", 32000U, 0.7F, 40U, 0.95F, 0.05F, 1.1F);
    add("one token", 1U, 1.0F, 0U, 1.0F, 0.0F, 1.3F);
    add("few tokens", 7U, 1.0F, 3U, 0.9F, 0.01F, 1.3F);
    add("one more than a slice", 2049U, 1.0F, 2048U, 1.0F, 0.0F, 0.7F);
    add("nothing but the draw", 5003U, 1.0F, 0U, 1.0F, 0.0F, 1.0F);
    add("hot", 5003U, 9.0F, 0U, 1.0F, 0.0F, 1.1F);
    add("cold", 5003U, 0.05F, 0U, 1.0F, 0.0F, 1.1F);
    add("top-p alone", 5003U, 1.0F, 0U, 0.9F, 0.0F, 1.0F);
    add("low top-p", 5003U, 2.0F, 0U, 0.3F, 0.0F, 1.5F);
    add("min-p alone", 5003U, 1.5F, 0U, 1.0F, 0.02F, 1.0F);
    add("top-p and min-p", 5003U, 1.5F, 0U, 0.8F, 0.001F, 1.0F);
    add("top-k alone", 5003U, 2.0F, 100U, 1.0F, 0.0F, 1.0F);
    add("more top-k than memory shared", 9001U, 4.0F, 3000U, 0.7F, 0.0F, 1.2F);
    add("top-k beyond the vocabulary", 300U, 2.0F, 400U, 0.9F, 0.0F, 1.2F);
    add("the likeliest alone", 300U, 2.0F, 1U, 0.9F, 1.0F, 1.2F);
}

void TestVulkanSampling::likeTheSampler() {
    QFETCH(quint32, vocab);
    QFETCH(float, temperature);
    QFETCH(quint32, topK);
    QFETCH(float, topP);
    QFETCH(float, minP);
    QFETCH(float, penalty);
    constexpr std::uint32_t kTokens = 8;
    SamplingFixture fixture(*m_fixture, *m_kernels, vocab, kTokens);
    std::vector<std::vector<float>> rows;
    for (std::uint32_t row = 0; row < kTokens; ++row) {
        rows.push_back(normalLogits(vocab, 1.0 + row, row));
        fixture.setLogits(row, rows.back());
    }
    const std::vector<TokenId> sequence = randomTokens(80, vocab, 1);
    std::vector<TokenId> everything = sequence;
    const std::vector<TokenId> draft = randomTokens(kTokens - 1, vocab, 2);
    everything.insert(everything.end(), draft.begin(), draft.end());
    const std::uint32_t rounds = vocab > 10000 ? 6 : 20;
    for (std::uint32_t round = 0; round < rounds; ++round) {
        const SamplingParameters parameters = {.temperature = temperature,
                                               .topK = topK,
                                               .topP = topP,
                                               .minP = minP,
                                               .repetitionPenalty = penalty,
                                               .repetitionWindow = round % 3 == 0 ? 64U : 1000U,
                                               .seed = 0x123456789ABCULL * (round + 1)};
        const std::uint32_t step = 100 * round;
        std::array<TokenId, kTokens> first{};
        for (const bool again : {false, true}) {
            fixture.begin(parameters, sequence, step, draft);
            fixture.run(kTokens);
            for (std::uint32_t row = 0; row < kTokens; ++row) {
                const TokenId token = fixture.drawn(step + row);
                if (again) {
                    QCOMPARE(token, first[row]);
                    continue;
                }
                first[row] = token;
                const auto before = std::span(everything).first(sequence.size() + row);
                const TokenId expected = sampledOnHost(parameters, rows[row], before, step + row);
                if (token != expected) {
                    const double close = margin(parameters, rows[row], before, step + row);
                    QVERIFY2(close < kMargin, qPrintable(QStringLiteral("round %1 row %2: %3, not %4, margin %5")
                                                             .arg(round)
                                                             .arg(row)
                                                             .arg(token)
                                                             .arg(expected)
                                                             .arg(close)));
                }
            }
        }
    }
    QCOMPARE(fixture.counts().dispatches, 3U);
}

void TestVulkanSampling::greedyIsExact_data() {
    QTest::addColumn<quint32>("vocab");
    for (const quint32 vocab : tests::sampled<quint32>({1, 2, 127, 2047, 2048, 4099, 32000}, 3)) {
        QTest::addRow("%u", vocab) << vocab;
    }
}

void TestVulkanSampling::greedyIsExact() {
    QFETCH(quint32, vocab);
    SamplingFixture fixture(*m_fixture, *m_kernels, vocab, 1);
    for (std::uint32_t round = 0; round < 12; ++round) {
        std::vector<float> logits = normalLogits(vocab, 3, round);
        for (float& logit : logits) {
            // Few values, so that there are ties; below zero, above it, and on both sides.
            logit = std::round(logit * 4) / 4 + (round % 3 == 0 ? 0.0F : round % 3 == 1 ? -40.0F : 40.0F);
        }
        const std::vector<TokenId> sequence = randomTokens(200, vocab, round);
        const SamplingParameters parameters = {.temperature = 0, .repetitionPenalty = round % 2 == 0 ? 1.1F : 0.9F};
        fixture.setLogits(0, logits);
        fixture.begin(parameters, sequence, round);
        fixture.run(1);
        QCOMPARE(fixture.drawn(round), sampledOnHost(parameters, logits, sequence, round));
    }
}

// Where a penalised logit comes within a float's rounding of a plain one, the order is still that of the exact values.
void TestVulkanSampling::orderIsExactWherePenalisedMeetsPlain() {
    constexpr std::uint32_t kVocab = 64;
    SamplingFixture fixture(*m_fixture, *m_kernels, kVocab, 1);
    for (const float penalty : tests::sampled<float>({1.1F, 0.7F, 1.0000001F, 3.0F, 100.0F, 0.01F, 2.0F}, 2)) {
        for (const float sign : {1.0F, -1.0F}) {
            for (std::uint32_t round = 0; round < 24; ++round) {
                std::vector<float> logits(kVocab, -std::numeric_limits<float>::infinity());
                const float plain = std::ldexp(1.0F + static_cast<float>(round) / 7.0F, static_cast<int>(round) - 12);
                const double struck = sign > 0 ? double{plain} * double{penalty} : double{plain} / double{penalty};
                logits[5] = sign * plain;
                const auto middle = static_cast<float>(struck);
                logits[3] = sign * (round % 3 == 0   ? middle
                                    : round % 3 == 1 ? std::nextafter(middle, 0.0F)
                                                     : std::nextafter(middle, 1e30F));
                const std::vector<TokenId> sequence = {1, 3};
                const SamplingParameters parameters = {.temperature = 0, .repetitionPenalty = penalty};
                fixture.setLogits(0, logits);
                fixture.begin(parameters, sequence, 0);
                fixture.run(1);
                QCOMPARE(fixture.drawn(0), sampledOnHost(parameters, logits, sequence, 0));
            }
        }
    }
}

void TestVulkanSampling::tiesGoToTheLowestId() {
    constexpr std::uint32_t kVocab = 5000;
    SamplingFixture fixture(*m_fixture, *m_kernels, kVocab, 1);
    // All equal: the draw goes by the number alone, and so do top-k and top-p.
    const std::vector<float> logits(kVocab, 2.5F);
    fixture.setLogits(0, logits);
    for (std::uint32_t round = 0; round < 12; ++round) {
        const SamplingParameters parameters = {.temperature = 1,
                                               .topK = round % 3 == 0 ? 0U : 1000U,
                                               .topP = round % 2 == 0 ? 1.0F : 0.5F,
                                               .minP = round % 4 < 2 ? 0.0F : 1.0F,
                                               .repetitionPenalty = 1,
                                               .seed = round};
        fixture.begin(parameters, std::vector<TokenId>{0}, round);
        fixture.run(1);
        const TokenId expected = sampledOnHost(parameters, logits, std::vector<TokenId>{0}, round);
        QCOMPARE(fixture.drawn(round), expected);
    }
}

void TestVulkanSampling::whatIsNotFinite() {
    constexpr std::uint32_t kVocab = 3000;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    SamplingFixture fixture(*m_fixture, *m_kernels, kVocab, 1);
    for (const float temperature : {0.0F, 1.0F}) {
        const SamplingParameters parameters = {.temperature = temperature, .topK = 0, .topP = 1, .minP = 0};
        const auto check = [&](const std::vector<float>& logits, const char* what) {
            fixture.setLogits(0, logits);
            fixture.begin(parameters, std::vector<TokenId>{2999}, 4);
            fixture.run(1);
            const TokenId expected = sampledOnHost(parameters, logits, std::vector<TokenId>{2999}, 4);
            QVERIFY2(fixture.drawn(4) == expected, what);
            QCOMPARE(fixture.state().tokens[0], static_cast<std::uint32_t>(std::max(expected, 0)));
        };
        std::vector<float> logits = normalLogits(kVocab, 2, 3);
        for (const float bad :
             {kInfinity, std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN()}) {
            logits[2999] = bad;
            QCOMPARE(sampledOnHost(parameters, logits, std::vector<TokenId>{2999}, 4), kNoToken);
            check(logits, "bad");
        }
        std::ranges::fill(logits, -kInfinity);
        check(logits, "no chance at all");
        logits[2047] = -3;
        check(logits, "one left");
        logits[2999] = -0.0F;
        logits[2500] = 0.0F;
        logits[100] = std::numeric_limits<float>::denorm_min();
        logits[101] = -std::numeric_limits<float>::denorm_min();
        check(logits, "around zero");
    }
}

void TestVulkanSampling::drafts() {
    constexpr std::uint32_t kVocab = 50;
    SamplingFixture fixture(*m_fixture, *m_kernels, kVocab, 4);
    const std::vector<float> logits = normalLogits(kVocab, 1, 1);
    for (std::uint32_t row = 0; row < 4; ++row) {
        fixture.setLogits(row, logits);
    }
    // Greedy with a great penalty: each row passes over what the draft before it holds, and no row over its own.
    const SamplingParameters parameters = {.temperature = 0, .repetitionPenalty = 100, .repetitionWindow = 3};
    std::vector<TokenId> everything = {9};
    for (int i = 0; i < 3; ++i) {
        everything.push_back(sampledOnHost(parameters, logits, everything, 0));
    }
    fixture.begin(parameters, std::vector<TokenId>{9}, 14, std::span(everything).subspan(1));
    fixture.run(4);
    for (std::uint32_t row = 0; row < 4; ++row) {
        QCOMPARE(fixture.drawn(14 + row), sampledOnHost(parameters, logits, std::span(everything).first(1 + row), 0));
    }
    QCOMPARE(fixture.state().step, 14U);  // stays, as do the rest
    QCOMPARE(fixture.state().position, 0U);
    QCOMPARE(fixture.state().historyLength, 1U);
    QCOMPARE(fixture.state().tokens[0], 9U);

    // Recorded for four rows, but only two are asked for.
    const TokenId before = fixture.drawn(16);
    fixture.begin(parameters, std::vector<TokenId>{8}, 14, std::span(everything).subspan(1, 1));
    fixture.run(4);
    QCOMPARE(fixture.drawn(16), before);
}

// Replayed without the host: the state moves on, and the history grows.
void TestVulkanSampling::decodesByItself() {
    constexpr std::uint32_t kVocab = 200;
    SamplingFixture fixture(*m_fixture, *m_kernels, kVocab, 1);
    const std::vector<float> logits = normalLogits(kVocab, 0.5, 5);
    fixture.setLogits(0, logits);
    const SamplingParameters parameters = {.temperature = 1, .topK = 0, .repetitionPenalty = 5, .seed = 11};
    std::vector<TokenId> sequence = {4, 7, 7};
    fixture.begin(parameters, sequence, 0);
    for (std::uint32_t step = 0; step < 2 * SamplingFixture::kRing; ++step) {
        fixture.run(1);
        sequence.push_back(sampledOnHost(parameters, logits, sequence, step));
        QCOMPARE(fixture.drawn(step), sequence.back());
        QCOMPARE(fixture.state().step, step + 1);
        QCOMPARE(fixture.state().position, static_cast<std::uint32_t>(sequence.size() - 1));
        QCOMPARE(fixture.state().historyLength, static_cast<std::uint32_t>(sequence.size()));
        QCOMPARE(fixture.state().tokens[0], static_cast<std::uint32_t>(sequence.back()));
    }
}

void TestVulkanSampling::largeVocabulary() {
    constexpr std::uint32_t kVocab = 1000003;
    SamplingFixture fixture(*m_fixture, *m_kernels, kVocab, 1);
    const std::vector<float> logits = normalLogits(kVocab, 1, 5);
    fixture.setLogits(0, logits);
    const std::vector<TokenId> sequence = randomTokens(50, kVocab, 6);
    for (const std::uint32_t topK : {0U, 50U}) {
        const SamplingParameters parameters = {.temperature = 1, .topK = topK, .topP = 1, .minP = 0, .seed = 3};
        fixture.begin(parameters, sequence, topK);
        fixture.run(1);
        const TokenId expected = sampledOnHost(parameters, logits, sequence, topK);
        QVERIFY(fixture.drawn(topK) == expected || margin(parameters, logits, sequence, topK) < kMargin);
    }
}

ALCOVE_TEST(TestVulkanSampling)
#include "test_vulkan_sampling.moc"
