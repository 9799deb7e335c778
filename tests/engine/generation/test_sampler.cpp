#include <cmath>
#include <limits>
#include <map>

#include <QTest>

#include "engine/base/error.h"
#include "engine/sampling/philox.h"
#include "engine/sampling/sampler.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

// Nothing but the draw itself.
SamplingParameters bare() {
    return {
        .temperature = 1, .topK = 0, .topP = 1, .minP = 0, .repetitionPenalty = 1, .repetitionWindow = 0, .seed = 7};
}

std::vector<float> logsOf(const std::vector<double>& probabilities) {
    std::vector<float> result;
    for (const double p : probabilities) {
        result.push_back(static_cast<float>(std::log(p)));
    }
    return result;
}

// How often each token is drawn in `draws` steps.
std::map<TokenId, int> counts(const SamplingParameters& parameters, const std::vector<float>& logits, int draws) {
    Sampler sampler(parameters, static_cast<std::uint32_t>(logits.size()));
    std::map<TokenId, int> result;
    for (int step = 0; step < draws; ++step) {
        ++result[sampler.sample(logits, {}, static_cast<std::uint64_t>(step))];
    }
    return result;
}

std::vector<TokenId> kinds(const std::map<TokenId, int>& counted) {
    std::vector<TokenId> result;
    for (const auto& [token, count] : counted) {
        result.push_back(token);
    }
    return result;
}

TokenId greedy(const std::vector<float>& logits, float penalty = 1, const std::vector<TokenId>& history = {},
               std::uint32_t window = 256) {
    SamplingParameters parameters = bare();
    parameters.temperature = 0;
    parameters.repetitionPenalty = penalty;
    parameters.repetitionWindow = window;
    return Sampler(parameters, static_cast<std::uint32_t>(logits.size())).sample(logits, history, 0);
}

}  // namespace

class TestSampler : public QObject {
    Q_OBJECT
private slots:
    // The known answers published with Random123.
    void philoxKnownAnswers() {
        using Block = std::array<std::uint32_t, 4>;
        QCOMPARE(philox({0, 0, 0, 0}, {0, 0}), (Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
        constexpr std::uint32_t kOnes = 0xffffffff;
        QCOMPARE(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
                 (Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
        QCOMPARE(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
                 (Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
    }

    void greedyTakesTheLowestOfTies() {
        QCOMPARE(greedy({0, 3, 1, 3}), 1);
        QCOMPARE(greedy({5, 5, 5}), 0);
        QCOMPARE(greedy({-kInfinity, -2, -kInfinity, -2}), 1);
    }

    void repetitionPenaltyIsThatOfCtrl() {
        QCOMPARE(greedy({4, 3, 1}, 1.2F, {0}), 0);              // 4 / 1.2 > 3
        QCOMPARE(greedy({4, 3, 1}, 1.5F, {0}), 1);              // 4 / 1.5 < 3
        QCOMPARE(greedy({-2, -2.5F, -4}, 1.5F, {0}), 1);        // -2 * 1.5 < -2.5
        QCOMPARE(greedy({4, 3, 1}, 1.2F, {0, 0, 0, 0, 0}), 0);  // once, however often seen
        QCOMPARE(greedy({4, 3, 1}, 1.5F, {0, 2, 2}, 2), 0);     // outside the window
        QCOMPARE(greedy({4, 3, 1}, 1.5F, {0, 2, 2}, 3), 1);
        QCOMPARE(greedy({4, 3, 1}, 1.5F, {0}, 0), 0);
    }

    void penaltyForgetsBetweenCalls() {
        SamplingParameters parameters = bare();
        parameters.temperature = 0;
        parameters.repetitionPenalty = 2;
        parameters.repetitionWindow = 8;
        Sampler sampler(parameters, 2);
        const std::vector<float> logits = {4, 3};
        QCOMPARE(sampler.sample(logits, std::vector<TokenId>{0}, 0), 1);
        QCOMPARE(sampler.sample(logits, std::vector<TokenId>{}, 1), 0);
        QCOMPARE(sampler.sample(logits, std::vector<TokenId>{1}, 2), 0);
    }

    void drawsFollowTheDistribution() {
        const std::vector<double> probabilities = {0.5, 0.25, 0.125, 0.125};
        constexpr int kDraws = 40000;
        const std::map<TokenId, int> counted = counts(bare(), logsOf(probabilities), kDraws);
        for (std::size_t i = 0; i < probabilities.size(); ++i) {
            const double expected = probabilities[i] * kDraws;
            const double deviation = std::sqrt(expected * (1 - probabilities[i]));
            QVERIFY(std::abs(counted.at(static_cast<TokenId>(i)) - expected) < 4 * deviation);
        }
    }

    void temperatureSharpens() {
        // At temperature 0.5 the probabilities are squared: 0.8, 0.2 become 16/17, 1/17.
        SamplingParameters parameters = bare();
        parameters.temperature = 0.5F;
        constexpr int kDraws = 34000;
        const double expected = 16.0 / 17 * kDraws;
        const double deviation = std::sqrt(kDraws * 16.0 / 17 / 17);
        QVERIFY(std::abs(counts(parameters, logsOf({0.8, 0.2}), kDraws)[0] - expected) < 4 * deviation);
    }

    void topK() {
        SamplingParameters parameters = bare();
        parameters.topK = 2;
        QCOMPARE(kinds(counts(parameters, logsOf({0.1, 0.4, 0.2, 0.3}), 2000)), (std::vector<TokenId>{1, 3}));
        QCOMPARE(kinds(counts(parameters, {1, 1, 1, 1}, 2000)), (std::vector<TokenId>{0, 1}));  // ties: lower ids
        parameters.topK = 100;
        QCOMPARE(kinds(counts(parameters, {1, 1, 1, 1}, 2000)).size(), std::size_t{4});
    }

    void topP() {
        SamplingParameters parameters = bare();
        const std::vector<float> logits = logsOf({0.1, 0.4, 0.2, 0.3});
        parameters.topP = 0.65F;
        QCOMPARE(kinds(counts(parameters, logits, 2000)), (std::vector<TokenId>{1, 3}));
        parameters.topP = 0.75F;
        QCOMPARE(kinds(counts(parameters, logits, 2000)), (std::vector<TokenId>{1, 2, 3}));
        parameters.topP = 1e-6F;
        QCOMPARE(kinds(counts(parameters, logits, 2000)), (std::vector<TokenId>{1}));
        // Of what top-k left: 0.4 and 0.3 are 0.57 and 0.43 of it.
        parameters.topK = 2;
        parameters.topP = 0.5F;
        QCOMPARE(kinds(counts(parameters, logits, 2000)), (std::vector<TokenId>{1}));
    }

    void minP() {
        SamplingParameters parameters = bare();
        parameters.minP = 0.6F;
        QCOMPARE(kinds(counts(parameters, logsOf({0.1, 0.4, 0.2, 0.3}), 2000)), (std::vector<TokenId>{1, 3}));
        parameters.minP = 1;
        QCOMPARE(kinds(counts(parameters, logsOf({0.1, 0.4, 0.1, 0.4}), 2000)), (std::vector<TokenId>{1, 3}));
    }

    void minPLooksAfterTemperature() {
        SamplingParameters parameters = bare();
        parameters.minP = 0.3F;
        parameters.temperature = 2;  // 0.8 : 0.2 becomes 2 : 1
        QCOMPARE(kinds(counts(parameters, logsOf({0.8, 0.2}), 2000)), (std::vector<TokenId>{0, 1}));
        parameters.temperature = 1;
        QCOMPARE(kinds(counts(parameters, logsOf({0.8, 0.2}), 2000)), (std::vector<TokenId>{0}));
    }

    void seedsDecide() {
        SamplingParameters parameters = bare();
        const std::vector<float> logits(100, 0.0F);
        const auto drawn = [&](std::uint64_t seed) {
            parameters.seed = seed;
            Sampler sampler(parameters, 100);
            std::vector<TokenId> tokens;
            for (std::uint64_t step = 0; step < 50; ++step) {
                tokens.push_back(sampler.sample(logits, {}, step));
            }
            return tokens;
        };
        QCOMPARE(drawn(1), drawn(1));
        QVERIFY(drawn(1) != drawn(2));
        QVERIFY(drawn(1) != drawn(std::uint64_t{1} << 32U));
        // A step needs none of those before it.
        parameters.seed = 1;
        QCOMPARE(Sampler(parameters, 100).sample(logits, {}, 49), drawn(1)[49]);
    }

    void extremes() {
        SamplingParameters parameters = bare();
        const float huge = std::numeric_limits<float>::max();
        QCOMPARE(kinds(counts(parameters, {-huge, huge, -kInfinity}, 100)), (std::vector<TokenId>{1}));
        QCOMPARE(kinds(counts(parameters, {-kInfinity, -huge, -kInfinity}, 100)), (std::vector<TokenId>{1}));
        parameters.temperature = std::numeric_limits<float>::denorm_min();
        QCOMPARE(kinds(counts(parameters, {1, 2, 2.0001F}, 100)), (std::vector<TokenId>{2}));
        parameters.temperature = 100;
        parameters.repetitionPenalty = 100;
        QCOMPARE(kinds(counts(parameters, {huge}, 10)), (std::vector<TokenId>{0}));
    }

    void notFinite_data() {
        QTest::addColumn<QVector<float>>("logits");
        QTest::newRow("NaN") << QVector<float>{0, kNan, 1};
        QTest::newRow("plus infinity") << QVector<float>{0, kInfinity, 1};
        QTest::newRow("nothing possible") << QVector<float>{-kInfinity, -kInfinity, -kInfinity};
    }
    void notFinite() {
        QFETCH(QVector<float>, logits);
        for (const float temperature : {0.0F, 1.0F}) {
            SamplingParameters parameters = bare();
            parameters.temperature = temperature;
            Sampler sampler(parameters, 3);
            try {
                (void)sampler.sample(std::vector<float>(logits.begin(), logits.end()), {}, 0);
                QFAIL("a token was chosen");
            } catch (const Error& error) {
                QCOMPARE(error.code(), ErrorCode::NotFinite);
            }
        }
    }

    void wrongParameters() {
        const auto refused = [](auto change) {
            SamplingParameters parameters;
            change(parameters);
            try {
                const Sampler sampler(parameters, 10);
            } catch (const Error& error) {
                return error.code() == ErrorCode::InvalidRequest;
            }
            return false;
        };
        QVERIFY(!refused([](SamplingParameters&) {}));
        for (const float value : {-1.0F, 101.0F, kNan, kInfinity}) {
            QVERIFY(refused([value](SamplingParameters& p) { p.temperature = value; }));
            QVERIFY(refused([value](SamplingParameters& p) { p.topP = value; }));
            QVERIFY(refused([value](SamplingParameters& p) { p.minP = value; }));
            QVERIFY(refused([value](SamplingParameters& p) { p.repetitionPenalty = value; }));
        }
        QVERIFY(refused([](SamplingParameters& p) { p.topP = 0; }));
        QVERIFY(refused([](SamplingParameters& p) { p.repetitionPenalty = 0; }));
    }
};

ALCOVE_TEST(TestSampler)
#include "test_sampler.moc"
