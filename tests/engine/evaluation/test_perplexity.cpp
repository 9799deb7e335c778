// Log-likelihoods of tokens, and the perplexity of a text in strided windows.
#include <QTest>

#include "engine/base/error.h"
#include "engine/evaluation/perplexity.h"
#include "tests/engine/evaluation/evaluation_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::errorOf;
using alcove::tests::EvaluationFixture;
using alcove::tests::logProbabilityAfter;

namespace {

const std::string kText =
    "Once upon a time, there was a little boat. It had a red sail \xE4\xBD\xA0, and it went out to sea.\n\nThe end.";

bool close(double a, double b) {
    return std::abs(a - b) < 1e-9 * std::max(1.0, std::abs(b));
}

std::vector<TokenId> joined(std::vector<TokenId> first, std::span<const TokenId> second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace

class TestPerplexity : public QObject {
    Q_OBJECT
private slots:
    void logLikelihoodsAreThoseOfTheDefinition() {
        const std::vector<TokenId> context = {1, 300, 301, 302, 303, 304, 305};
        const std::vector<std::vector<TokenId>> continuations = {{400}, {}, {401, 402, 403, 404, 405, 406, 407}, {400}};
        for (const std::uint32_t chunk : {1U, 3U, 6U, 64U}) {
            EvaluationFixture fixture(64, chunk);
            const auto found = fixture.loop.logLikelihoods(context, continuations, fixture.stop);
            QCOMPARE(found.size(), continuations.size());
            for (std::size_t i = 0; i < continuations.size(); ++i) {
                QCOMPARE(found[i].size(), continuations[i].size());
                for (std::size_t j = 0; j < found[i].size(); ++j) {
                    const auto before = joined(context, std::span(continuations[i]).first(j));
                    QVERIFY(close(found[i][j], logProbabilityAfter(before, continuations[i][j])));
                }
            }
            // The context once, and of each continuation all but its last token.
            QCOMPARE(fixture.model.evaluated, context.size() + 6);
            // The same context again: only its last token, whose logits are needed.
            const std::size_t before = fixture.model.evaluated;
            QCOMPARE(fixture.loop.logLikelihoods(context, continuations, fixture.stop), found);
            QCOMPARE(fixture.model.evaluated - before, std::size_t{1 + 6});
        }
    }

    void hugeLogitsStayFinite() {
        EvaluationFixture fixture(8);
        fixture.model.compute = [](std::span<const TokenId>, std::span<float> logits) {
            std::fill(logits.begin(), logits.end(), -3e38F);
            logits[7] = 3e38F;
        };
        const std::vector<std::vector<TokenId>> continuations = {{7}, {8}};
        const auto found = fixture.loop.logLikelihoods(std::vector<TokenId>{1}, continuations, fixture.stop);
        QCOMPARE(found[0][0], 0.0);
        QVERIFY(std::isfinite(found[1][0]) && found[1][0] < -1e38);
    }

    void generatingGoesOnAfterwards() {
        EvaluationFixture fixture(64);
        Request request;
        request.rawPrompt = "Once upon a time";
        request.maxTokens = 6;
        request.sampling.temperature = 0;
        const std::vector<TokenId> before = fixture.loop.generate(request, nullptr, fixture.stop).tokens;
        const std::vector<std::vector<TokenId>> continuations = {{400, 401, 402}, {500, 501}};
        (void)fixture.loop.logLikelihoods(std::vector<TokenId>{1, 403}, continuations, fixture.stop);
        QCOMPARE(fixture.loop.generate(request, nullptr, fixture.stop).tokens, before);
    }

    void limits() {
        EvaluationFixture fixture(8);
        const auto code = [&](std::vector<TokenId> context, std::vector<TokenId> continuation) {
            return errorOf(
                       [&] { (void)fixture.loop.logLikelihoods(context, std::span(&continuation, 1), fixture.stop); })
                .code();
        };
        QCOMPARE(code({}, {5}), ErrorCode::InvalidRequest);
        QCOMPARE(code({1, 512}, {5}), ErrorCode::InvalidRequest);
        QCOMPARE(code({1}, {5, -1}), ErrorCode::InvalidRequest);
        QCOMPARE(code({1, 2, 3, 4, 5}, {6, 7, 8, 9, 10}), ErrorCode::PromptTooLong);
        QCOMPARE(code(std::vector<TokenId>(9, 5), {}), ErrorCode::PromptTooLong);
        QCOMPARE(fixture.model.calls, std::size_t{0});
        const std::vector<std::vector<TokenId>> longest = {{6, 7, 8, 9}};  // its last token needs no position
        QCOMPARE(fixture.loop.logLikelihoods(std::vector<TokenId>{1, 2, 3, 4, 5}, longest, fixture.stop)[0].size(),
                 std::size_t{4});
        QCOMPARE(fixture.model.cache.size(), std::size_t{8});
    }

    void stops() {
        EvaluationFixture fixture(64, 2);
        fixture.model.beforeEvaluate = [&](std::size_t) { fixture.stop = fixture.model.calls == 2; };
        const Error error = errorOf([&] { (void)measurePerplexity(fixture.measured, kText, 0, nullptr); });
        QCOMPARE(error.code(), ErrorCode::Cancelled);
        QCOMPARE(fixture.model.calls, std::size_t{3});
    }

    void windows_data() {
        QTest::addColumn<int>("context");
        QTest::addColumn<int>("stride");
        QTest::newRow("text within the context") << 512 << 0;
        QTest::newRow("half") << 16 << 0;
        QTest::newRow("half of an odd context") << 17 << 0;
        QTest::newRow("one by one") << 16 << 1;
        QTest::newRow("hardly any overlap") << 16 << 15;
        QTest::newRow("smallest context") << 2 << 0;
        QTest::newRow("three") << 3 << 2;
    }
    void windows() {
        QFETCH(int, context);
        QFETCH(int, stride);
        EvaluationFixture fixture(static_cast<std::uint32_t>(context));
        const std::vector<TokenId> tokens = joined({1}, fixture.tokenizer.encode(kText));
        std::vector<std::uint64_t> progress;
        const PerplexityResult result = measurePerplexity(fixture.measured, kText, static_cast<std::uint32_t>(stride),
                                                          [&](std::uint64_t done, std::uint64_t all) {
                                                              progress.push_back(done);
                                                              QCOMPARE(all, std::uint64_t{tokens.size() - 1});
                                                          });

        const auto step = static_cast<std::size_t>(stride == 0 ? context / 2 : stride);
        double expected = 0;
        for (std::size_t t = 1; t < tokens.size(); ++t) {
            std::size_t begin = 0;  // of the first window that reaches t
            while (begin + static_cast<std::size_t>(context) <= t) {
                begin += step;
            }
            QVERIFY(t - begin >= std::min(t, static_cast<std::size_t>(context) - step));
            expected -= logProbabilityAfter(std::span(tokens).subspan(begin, t - begin), tokens[t]);
        }
        QVERIFY(close(result.negativeLogLikelihood, expected));
        QCOMPARE(result.tokens, std::uint64_t{tokens.size() - 1});
        QCOMPARE(result.bytes, std::uint64_t{kText.size()});
        QCOMPARE(result.words, std::uint64_t{23});
        QCOMPARE(result.stride, static_cast<std::uint32_t>(step));
        QCOMPARE(result.windowSize, static_cast<std::uint32_t>(context));
        QVERIFY(close(result.perplexity(), std::exp(expected / static_cast<double>(result.tokens))));
        QVERIFY(close(result.bitsPerByte(), expected / std::log(2.0) / static_cast<double>(kText.size())));
        QVERIFY(close(result.wordPerplexity(), std::exp(expected / 23)));
        QCOMPARE(progress.size(), std::size_t{result.windows});
        QCOMPARE(progress.back(), result.tokens);
        QCOMPARE(fixture.calls, progress.size());
    }

    void textAtTheEdgeOfAWindow() {
        for (const std::uint32_t context : {25U, 26U, 27U}) {
            EvaluationFixture fixture(context);
            // 25 line breaks, the space before them, and <s>.
            const PerplexityResult result = measurePerplexity(fixture.measured, std::string(25, '\n'), 0, nullptr);
            QCOMPARE(result.tokens, std::uint64_t{26});
            QCOMPARE(result.windows, std::uint64_t{context < 27 ? 2U : 1U});
            QCOMPARE(result.words, std::uint64_t{0});
            QVERIFY(std::isinf(result.wordPerplexity()));
        }
    }

    void invalidUtf8IsWhatTheTokenizerReads() {
        EvaluationFixture fixture(64);
        const double damaged = measurePerplexity(fixture.measured, "a\xFF b", 0, nullptr).negativeLogLikelihood;
        QCOMPARE(damaged, measurePerplexity(fixture.measured, "a\xEF\xBF\xBD b", 0, nullptr).negativeLogLikelihood);
        QVERIFY(damaged != measurePerplexity(fixture.measured, "a b", 0, nullptr).negativeLogLikelihood);
    }

    void refused() {
        EvaluationFixture fixture(16);
        const auto sentence = [](EvaluationFixture& on, const char* text, std::uint32_t stride) {
            const Error error = errorOf([&] { (void)measurePerplexity(on.measured, text, stride, nullptr); });
            return error.code() == ErrorCode::InvalidRequest ? QString(error.what()) : QString();
        };
        QVERIFY(sentence(fixture, "", 0).contains("empty"));
        QVERIFY(sentence(fixture, "x", 16).contains("16"));
        QVERIFY(sentence(fixture, "x", 4000000000U).contains("less than the context"));
        EvaluationFixture single(1);
        QVERIFY(sentence(single, "x", 0).contains("at least 2"));
        QCOMPARE(fixture.model.calls + single.model.calls, std::size_t{0});
    }
};

ALCOVE_TEST(TestPerplexity)
#include "test_perplexity.moc"
