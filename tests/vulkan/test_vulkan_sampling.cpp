// The device's choice of tokens against Sampler's.
#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include <QTest>

#include "engine/base/error.h"
#include "engine/sampling/philox.h"
#include "engine/vulkan/network/matrix.h"
#include "engine/vulkan/network/sampling.h"
#include "tests/rig/sample.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"
#include "tests/vulkan/kernel_rig.h"

using namespace alcove;
using namespace alcove::engine;
using namespace alcove::engine::vulkan;
using alcove::tests::KernelRig;

namespace {

constexpr std::uint32_t kHistoryRoom = 300;
constexpr std::uint32_t kRing = 16;
constexpr TokenId kNone = -1;  // ALCOVE_NO_TOKEN, as a token
// How close to a boundary, as a share of the whole, rounding may decide.
constexpr double kMargin = 1e-5;

// The buffers around a Sampling.
class SamplingRig {
public:
    SamplingRig(KernelRig& rig, const SamplingKernels& kernels, std::uint32_t vocab, std::uint32_t maxColumns)
        : m_rig(&rig),
          m_vocab(vocab),
          m_logits(rig.device(), std::uint64_t{maxColumns} * floatPitch(vocab) * sizeof(float), MemoryUse::Upload,
                   "test logits"),
          m_history(rig.device(), (kHistoryRoom + 8) * sizeof(std::uint32_t), MemoryUse::Upload, "test history"),
          m_state(rig.device(), sizeof(DecodeState), MemoryUse::Upload, "test decode state"),
          m_ring(rig.device(), kRing * sizeof(std::uint32_t), MemoryUse::Readback, "test ring"),
          m_sampling(rig.device(), kernels, rig.descriptors(), {&m_logits, &m_history, &m_state, &m_ring}, vocab,
                     maxColumns) {}

    void setLogits(std::uint32_t row, std::span<const float> logits) {
        std::ranges::copy(logits, m_logits.as<float>() + std::size_t{row} * floatPitch(m_vocab));
    }

    // `sequence` is every token so far; `draft` follows it.
    void begin(const SamplingParameters& parameters, std::span<const TokenId> sequence, std::uint32_t step,
               std::span<const TokenId> draft = {}) {
        DecodeState state{};
        setSampling(state, parameters, m_vocab);
        state.position = static_cast<std::uint32_t>(sequence.size() - 1);
        state.step = step;
        state.columns = static_cast<std::uint32_t>(1 + draft.size());
        state.historyLength = static_cast<std::uint32_t>(sequence.size());
        state.tokens[0] = static_cast<std::uint32_t>(sequence.back());
        std::ranges::copy(draft, state.tokens + 1);
        *m_state.as<DecodeState>() = state;
        std::ranges::copy(sequence.first(sequence.size() - 1), m_history.as<std::uint32_t>());
    }

    void run(std::uint32_t columns) {
        m_counts = m_rig->run([&](Recorder& recorder) {
            m_sampling.record(recorder, columns);
            recorder.finishForHost();
        });
    }

    [[nodiscard]] TokenId drawn(std::uint32_t step) const {
        return static_cast<TokenId>(m_ring.as<const std::uint32_t>()[step % kRing]);
    }
    [[nodiscard]] const DecodeState& state() const { return *m_state.as<const DecodeState>(); }
    [[nodiscard]] const RecordedCounts& counts() const { return m_counts; }

private:
    KernelRig* m_rig;
    std::uint32_t m_vocab;
    Buffer m_logits;
    Buffer m_history;
    Buffer m_state;
    Buffer m_ring;
    Sampling m_sampling;
    RecordedCounts m_counts;
};

std::vector<float> normalLogits(std::uint32_t vocab, double spread, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<float> result(vocab);
    for (float& logit : result) {
        double sum = -6;
        for (int i = 0; i < 12; ++i) {
            sum += static_cast<double>(random()) * 0x1p-32;
        }
        logit = static_cast<float>(spread * sum);
    }
    return result;
}

std::vector<TokenId> randomTokens(std::size_t count, std::uint32_t vocab, std::uint32_t seed) {
    std::mt19937 random(seed);
    std::vector<TokenId> result(count);
    for (TokenId& token : result) {
        token = static_cast<TokenId>(random() % vocab);
    }
    return result;
}

TokenId sampledOnHost(const SamplingParameters& parameters, std::span<const float> logits,
                      std::span<const TokenId> sequence, std::uint32_t step) {
    Sampler sampler(parameters, static_cast<std::uint32_t>(logits.size()));
    try {
        return sampler.sample(logits, sequence, step);
    } catch (const Error&) {
        return kNone;
    }
}

// How far Sampler's decisions were from falling otherwise, as a share of the whole: its rules once more, in double.
double margin(const SamplingParameters& parameters, std::span<const float> logits, std::span<const TokenId> sequence,
              std::uint32_t step) {
    const double penalty = parameters.repetitionPenalty;
    std::vector<double> values(logits.begin(), logits.end());
    const std::size_t window = std::min<std::size_t>(sequence.size(), parameters.repetitionWindow);
    std::vector<bool> seen(values.size());
    for (const TokenId token : sequence.last(window)) {
        const auto index = static_cast<std::size_t>(token);
        if (!seen[index]) {
            values[index] = values[index] > 0 ? values[index] / penalty : values[index] * penalty;
            seen[index] = true;
        }
    }
    std::erase_if(values, [](double value) { return std::isinf(value); });
    std::ranges::sort(values, std::greater());
    if (parameters.topK != 0 && parameters.topK < values.size()) {
        values.resize(parameters.topK);
    }
    double total = 0;
    const double largest = values.front();
    for (double& value : values) {
        value = std::exp((value - largest) / double{parameters.temperature});
        total += value;
    }
    double least = 1;
    double reached = 0;
    std::size_t kept = parameters.topP < 1 ? 0 : values.size();
    while (kept < values.size() && (kept == 0 || reached < parameters.topP * total)) {
        least = std::min(least, std::abs(reached - parameters.topP * total) / total);
        reached += values[kept++];
        least = std::min(least, std::abs(reached - parameters.topP * total) / total);
    }
    values.resize(kept);
    while (values.back() < parameters.minP) {
        least = std::min(least, parameters.minP - values.back());
        values.pop_back();
    }
    least = parameters.minP > 0 ? std::min(least, values.back() - parameters.minP) : least;
    total = 0;
    for (const double value : values) {
        total += value;
    }
    const double target = uniformDraw(parameters.seed, step);
    reached = 0;
    for (const double value : values) {
        reached += value / total;
        least = std::min(least, std::abs(reached - target));
    }
    return least;
}

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
    std::unique_ptr<KernelRig> m_rig;
    std::optional<SamplingKernels> m_kernels;
    std::optional<PipelineCache> m_cache;
};

void TestVulkanSampling::initTestCase() {
    m_rig = std::make_unique<KernelRig>();
    m_cache.emplace(m_rig->device(), std::filesystem::path());
    m_kernels.emplace(m_rig->device(), *m_cache);
}

void TestVulkanSampling::cleanupTestCase() {
    m_kernels.reset();
    m_cache.reset();
    m_rig.reset();
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
    constexpr std::uint32_t kColumns = 8;
    SamplingRig rig(*m_rig, *m_kernels, vocab, kColumns);
    std::vector<std::vector<float>> rows;
    for (std::uint32_t row = 0; row < kColumns; ++row) {
        rows.push_back(normalLogits(vocab, 1.0 + row, row));
        rig.setLogits(row, rows.back());
    }
    const std::vector<TokenId> sequence = randomTokens(80, vocab, 1);
    std::vector<TokenId> everything = sequence;
    const std::vector<TokenId> draft = randomTokens(kColumns - 1, vocab, 2);
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
        std::array<TokenId, kColumns> first{};
        for (const bool again : {false, true}) {
            rig.begin(parameters, sequence, step, draft);
            rig.run(kColumns);
            for (std::uint32_t row = 0; row < kColumns; ++row) {
                const TokenId token = rig.drawn(step + row);
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
    QCOMPARE(rig.counts().dispatches, 3U);
}

void TestVulkanSampling::greedyIsExact_data() {
    QTest::addColumn<quint32>("vocab");
    for (const quint32 vocab : tests::sampled<quint32>({1, 2, 127, 2047, 2048, 4099, 32000}, 3)) {
        QTest::addRow("%u", vocab) << vocab;
    }
}

void TestVulkanSampling::greedyIsExact() {
    QFETCH(quint32, vocab);
    SamplingRig rig(*m_rig, *m_kernels, vocab, 1);
    for (std::uint32_t round = 0; round < 12; ++round) {
        std::vector<float> logits = normalLogits(vocab, 3, round);
        for (float& logit : logits) {
            // Few values, so that there are ties; below zero, above it, and on both sides.
            logit = std::round(logit * 4) / 4 + (round % 3 == 0 ? 0.0F : round % 3 == 1 ? -40.0F : 40.0F);
        }
        const std::vector<TokenId> sequence = randomTokens(200, vocab, round);
        const SamplingParameters parameters = {.temperature = 0, .repetitionPenalty = round % 2 == 0 ? 1.1F : 0.9F};
        rig.setLogits(0, logits);
        rig.begin(parameters, sequence, round);
        rig.run(1);
        QCOMPARE(rig.drawn(round), sampledOnHost(parameters, logits, sequence, round));
    }
}

// Where a penalised logit comes within a float's rounding of a plain one, the order is still that of the exact values.
void TestVulkanSampling::orderIsExactWherePenalisedMeetsPlain() {
    constexpr std::uint32_t kVocab = 64;
    SamplingRig rig(*m_rig, *m_kernels, kVocab, 1);
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
                rig.setLogits(0, logits);
                rig.begin(parameters, sequence, 0);
                rig.run(1);
                QCOMPARE(rig.drawn(0), sampledOnHost(parameters, logits, sequence, 0));
            }
        }
    }
}

void TestVulkanSampling::tiesGoToTheLowestId() {
    constexpr std::uint32_t kVocab = 5000;
    SamplingRig rig(*m_rig, *m_kernels, kVocab, 1);
    // All equal: the draw goes by the number alone, and so do top-k and top-p.
    const std::vector<float> logits(kVocab, 2.5F);
    rig.setLogits(0, logits);
    for (std::uint32_t round = 0; round < 12; ++round) {
        const SamplingParameters parameters = {.temperature = 1,
                                               .topK = round % 3 == 0 ? 0U : 1000U,
                                               .topP = round % 2 == 0 ? 1.0F : 0.5F,
                                               .minP = round % 4 < 2 ? 0.0F : 1.0F,
                                               .repetitionPenalty = 1,
                                               .seed = round};
        rig.begin(parameters, std::vector<TokenId>{0}, round);
        rig.run(1);
        const TokenId expected = sampledOnHost(parameters, logits, std::vector<TokenId>{0}, round);
        QCOMPARE(rig.drawn(round), expected);
    }
}

void TestVulkanSampling::whatIsNotFinite() {
    constexpr std::uint32_t kVocab = 3000;
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    SamplingRig rig(*m_rig, *m_kernels, kVocab, 1);
    for (const float temperature : {0.0F, 1.0F}) {
        const SamplingParameters parameters = {.temperature = temperature, .topK = 0, .topP = 1, .minP = 0};
        const auto check = [&](const std::vector<float>& logits, const char* what) {
            rig.setLogits(0, logits);
            rig.begin(parameters, std::vector<TokenId>{2999}, 4);
            rig.run(1);
            const TokenId expected = sampledOnHost(parameters, logits, std::vector<TokenId>{2999}, 4);
            QVERIFY2(rig.drawn(4) == expected, what);
            QCOMPARE(rig.state().tokens[0], static_cast<std::uint32_t>(std::max(expected, 0)));
        };
        std::vector<float> logits = normalLogits(kVocab, 2, 3);
        for (const float bad :
             {kInfinity, std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::quiet_NaN()}) {
            logits[2999] = bad;
            QCOMPARE(sampledOnHost(parameters, logits, std::vector<TokenId>{2999}, 4), kNone);
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
    SamplingRig rig(*m_rig, *m_kernels, kVocab, 4);
    const std::vector<float> logits = normalLogits(kVocab, 1, 1);
    for (std::uint32_t row = 0; row < 4; ++row) {
        rig.setLogits(row, logits);
    }
    // Greedy with a great penalty: each row passes over what the draft before it holds, and no row over its own.
    const SamplingParameters parameters = {.temperature = 0, .repetitionPenalty = 100, .repetitionWindow = 3};
    std::vector<TokenId> everything = {9};
    for (int i = 0; i < 3; ++i) {
        everything.push_back(sampledOnHost(parameters, logits, everything, 0));
    }
    rig.begin(parameters, std::vector<TokenId>{9}, 14, std::span(everything).subspan(1));
    rig.run(4);
    for (std::uint32_t row = 0; row < 4; ++row) {
        QCOMPARE(rig.drawn(14 + row), sampledOnHost(parameters, logits, std::span(everything).first(1 + row), 0));
    }
    QCOMPARE(rig.state().step, 14U);  // stays, as do the rest
    QCOMPARE(rig.state().position, 0U);
    QCOMPARE(rig.state().historyLength, 1U);
    QCOMPARE(rig.state().tokens[0], 9U);

    // Recorded for four rows, but only two are asked for.
    const TokenId before = rig.drawn(16);
    rig.begin(parameters, std::vector<TokenId>{8}, 14, std::span(everything).subspan(1, 1));
    rig.run(4);
    QCOMPARE(rig.drawn(16), before);
}

// Replayed without the host: the state moves on, and the history grows.
void TestVulkanSampling::decodesByItself() {
    constexpr std::uint32_t kVocab = 200;
    SamplingRig rig(*m_rig, *m_kernels, kVocab, 1);
    const std::vector<float> logits = normalLogits(kVocab, 0.5, 5);
    rig.setLogits(0, logits);
    const SamplingParameters parameters = {.temperature = 1, .topK = 0, .repetitionPenalty = 5, .seed = 11};
    std::vector<TokenId> sequence = {4, 7, 7};
    rig.begin(parameters, sequence, 0);
    for (std::uint32_t step = 0; step < 2 * kRing; ++step) {
        rig.run(1);
        sequence.push_back(sampledOnHost(parameters, logits, sequence, step));
        QCOMPARE(rig.drawn(step), sequence.back());
        QCOMPARE(rig.state().step, step + 1);
        QCOMPARE(rig.state().position, static_cast<std::uint32_t>(sequence.size() - 1));
        QCOMPARE(rig.state().historyLength, static_cast<std::uint32_t>(sequence.size()));
        QCOMPARE(rig.state().tokens[0], static_cast<std::uint32_t>(sequence.back()));
    }
}

void TestVulkanSampling::largeVocabulary() {
    constexpr std::uint32_t kVocab = 1000003;
    SamplingRig rig(*m_rig, *m_kernels, kVocab, 1);
    const std::vector<float> logits = normalLogits(kVocab, 1, 5);
    rig.setLogits(0, logits);
    const std::vector<TokenId> sequence = randomTokens(50, kVocab, 6);
    for (const std::uint32_t topK : {0U, 50U}) {
        const SamplingParameters parameters = {.temperature = 1, .topK = topK, .topP = 1, .minP = 0, .seed = 3};
        rig.begin(parameters, sequence, topK);
        rig.run(1);
        const TokenId expected = sampledOnHost(parameters, logits, sequence, topK);
        QVERIFY(rig.drawn(topK) == expected || margin(parameters, logits, sequence, topK) < kMargin);
    }
}

ALCOVE_TEST(TestVulkanSampling)
#include "test_vulkan_sampling.moc"
