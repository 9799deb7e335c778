// Reports on single tokens: against the definition, and the whole model against the double-precision reference.
#include <cmath>
#include <limits>
#include <numeric>

#include <QTest>

#include "engine/base/error.h"
#include "engine/evaluation/text_windows.h"
#include "engine/evaluation/token_report.h"
#include "engine/generator.h"
#include "tests/reference/reference.h"
#include "tests/rig/error_of.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::engine;
using alcove::tests::errorOf;

namespace {

double logOfSumOf(std::span<const double> logits) {
    const double highest = *std::max_element(logits.begin(), logits.end());
    return highest + std::log(std::accumulate(logits.begin(), logits.end(), 0.0, [highest](double sum, double logit) {
               return sum + std::exp(logit - highest);
           }));
}

}  // namespace

class TestTokenReport : public QObject {
    Q_OBJECT
private slots:
    void ranksByProbabilityThenById() {
        const std::vector<float> logits = {1, 3, -std::numeric_limits<float>::infinity(), 3, 2};
        const TokenReport report = reportToken(logits, 4, 10);
        const double logSum = std::log(std::exp(1.0) + 2 * std::exp(3.0) + std::exp(2.0));
        QCOMPARE(report.written.token, 4);
        QVERIFY(std::abs(report.written.logProbability - (2 - logSum)) < 1e-12);
        QCOMPARE(report.top.size(), std::size_t{5});
        const std::vector<TokenId> order = {1, 3, 4, 0, 2};
        double sum = 0;
        double entropy = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
            QCOMPARE(report.top[i].token, order[i]);
            const double probability = std::exp(report.top[i].logProbability);
            sum += probability;
            entropy -= probability > 0 ? probability * report.top[i].logProbability : 0;
        }
        QVERIFY(std::abs(sum - 1) < 1e-12);
        QVERIFY(std::abs(report.entropy - entropy) < 1e-12);
        QCOMPARE(reportToken(logits, 4, 2).top.size(), std::size_t{2});
        QVERIFY(reportToken(logits, 4, 0).top.empty());
    }

    void agreesWithTheReference_data() {
        // Keys and values are kept in 16 bits, which shows where logits are as large as those of stories260K.
        QTest::addColumn<QString>("checkpoint");
        QTest::addColumn<double>("bound");
        QTest::newRow("one block shared") << ALCOVE_FIXTURES "/mobillama-tiny" << 1e-3;
        QTest::newRow("a block per layer") << ALCOVE_FIXTURES "/stories260K" << 6e-3;
    }
    void agreesWithTheReference() {
        QFETCH(QString, checkpoint);
        QFETCH(double, bound);
        OpenOptions options;
        options.checkpoint = checkpoint.toStdString();
        options.device = "cpu";
        const std::unique_ptr<Generator> generator = Generator::open(options);
        std::vector<TokenId> tokens = textTokens(generator->tokenizer(), "Once upon a time there was", 1);
        const std::size_t given = 3;
        const std::vector<std::vector<TokenId>> rest = {{tokens.begin() + given, tokens.end()}};
        std::size_t seen = 0;
        generator->distributions(
            std::span(tokens).first(given), rest,
            [&](std::size_t which, std::size_t index, std::span<const float> logits) {
                QCOMPARE(which, std::size_t{0});
                QCOMPARE(index, seen++);
                const TokenReport report = reportToken(logits, rest[0][index], 5);
                const std::vector<double> expected =
                    reference::logits(generator->checkpoint().config(), generator->checkpoint().weights(),
                                      std::span(tokens).first(given + index));
                const double logSum = logOfSumOf(expected);
                const auto logProbability = [&](TokenId token) {
                    return expected[static_cast<std::size_t>(token)] - logSum;
                };
                QVERIFY(std::abs(report.written.logProbability - logProbability(rest[0][index])) < bound);
                for (const RankedToken& ranked : report.top) {
                    QVERIFY(std::abs(ranked.logProbability - logProbability(ranked.token)) < bound);
                }
                QVERIFY(*std::max_element(expected.begin(), expected.end()) - logSum - report.top[0].logProbability <
                        bound);
            },
            {});
        QCOMPARE(seen, rest[0].size());
    }

    // What alternatives show where a token was drawn is what `logits` gives there.
    void agreesWithGenerating() {
        OpenOptions options;
        options.checkpoint = ALCOVE_FIXTURES "/stories260K";
        options.device = "cpu";
        const std::unique_ptr<Generator> generator = Generator::open(options);
        Request request;
        request.rawPrompt = "Once upon";
        request.maxTokens = 12;
        request.sampling.temperature = 0;
        request.sampling.repetitionPenalty = 1;
        const GenerationResult result = generator->generate(request, nullptr, {});
        QCOMPARE(result.tokens.size(), std::size_t{12});
        generator->distributions(result.prompt, std::span(&result.tokens, 1),
                                 [&](std::size_t /*which*/, std::size_t index, std::span<const float> logits) {
                                     QCOMPARE(reportToken(logits, result.tokens[index], 1).top[0].token,
                                              result.tokens[index]);  // greedy
                                 },
                                 {});
        QCOMPARE(generator->generate(request, nullptr, {}).tokens, result.tokens);
    }

    void windowsMeasureEachTokenOnce_data() {
        QTest::addColumn<int>("tokens");
        QTest::addColumn<int>("context");
        QTest::addColumn<int>("stride");
        QTest::newRow("shorter than the context") << 5 << 8 << 0;
        QTest::newRow("as long") << 8 << 8 << 4;
        QTest::newRow("longer") << 50 << 8 << 0;
        QTest::newRow("step of 1") << 50 << 8 << 1;
        QTest::newRow("largest step") << 50 << 8 << 7;
        QTest::newRow("smallest context") << 9 << 2 << 0;
    }
    void windowsMeasureEachTokenOnce() {
        QFETCH(int, tokens);
        QFETCH(int, context);
        QFETCH(int, stride);
        std::size_t measured = 1;
        for (const TextWindow& window :
             textWindows(static_cast<std::size_t>(tokens), static_cast<std::uint32_t>(context),
                         static_cast<std::uint32_t>(stride))) {
            QCOMPARE(window.measured, measured);
            QVERIFY(window.begin < window.measured && window.measured < window.end);
            QVERIFY(window.end - window.begin <= static_cast<std::size_t>(context));
            measured = window.end;
        }
        QCOMPARE(measured, static_cast<std::size_t>(tokens));
        QCOMPARE(errorOf([&] { (void)textWindows(9, 8, 8); }).code(), ErrorCode::InvalidRequest);
        QCOMPARE(errorOf([&] { (void)textWindows(9, 1, 0); }).code(), ErrorCode::InvalidRequest);
    }
};

ALCOVE_TEST(TestTokenReport)

#include "test_token_report.moc"
