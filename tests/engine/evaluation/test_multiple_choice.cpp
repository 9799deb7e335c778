// How an item becomes tokens, log-likelihoods, a choice, and a share of right ones.
#include <numeric>

#include <QTest>

#include "engine/base/error.h"
#include "engine/evaluation/continuation_split.h"
#include "engine/evaluation/multiple_choice.h"
#include "tests/engine/evaluation/evaluation_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::errorOf;
using alcove::tests::EvaluationFixture;
using alcove::tests::logProbabilityAfter;

namespace {

// The sum over `choice` after `context`, of which only the newest positions are seen.
double expectedSum(std::vector<TokenId> context, const std::vector<TokenId>& choice, std::size_t contextSize) {
    const std::size_t first = context.size();
    context.insert(context.end(), choice.begin(), choice.end());
    const std::size_t begin = context.size() - 1 > contextSize ? context.size() - 1 - contextSize : 0;
    double sum = 0;
    for (std::size_t t = first; t < context.size(); ++t) {
        sum += logProbabilityAfter(std::span(context).subspan(begin, t - begin), context[t]);
    }
    return sum;
}

// Makes `token` much likelier than every other, whatever comes before.
auto prefers(TokenId token) {
    return [token](std::span<const TokenId>, std::span<float> logits) {
        std::fill(logits.begin(), logits.end(), 0.0F);
        logits[static_cast<std::size_t>(token)] = 4;
    };
}

}  // namespace

class TestMultipleChoice : public QObject {
    Q_OBJECT
private slots:
    void split_data() {
        QTest::addColumn<QString>("context");
        QTest::addColumn<QString>("continuation");
        QTest::addColumn<QString>("left");   // of the context
        QTest::addColumn<QString>("whole");  // what is tokenized
        QTest::newRow("usual") << "Once upon"
                               << " a time"
                               << "Once upon"
                               << "Once upon a time";
        QTest::newRow("space goes over") << "Once upon "
                                         << "a time"
                                         << "Once upon"
                                         << "Once upon a time";
        QTest::newRow("all of them") << "Once upon \t\n \r"
                                     << "a"
                                     << "Once upon"
                                     << "Once upon \t\n \ra";
        QTest::newRow("wide spaces") << u"One\u00a0\u3000\u2003\u0085 "_qs << "a"
                                     << "One" << u"One\u00a0\u3000\u2003\u0085 a"_qs;
        QTest::newRow("not in the middle") << "a  b"
                                           << " c"
                                           << "a  b"
                                           << "a  b c";
        QTest::newRow("nothing before") << ""
                                        << "Once"
                                        << ""
                                        << "Once";
        QTest::newRow("only space before") << "  "
                                           << "Once"
                                           << ""
                                           << "  Once";
        QTest::newRow("no space, on purpose") << "Li"
                                              << "ly"
                                              << "Li"
                                              << "Lily";
        QTest::newRow("other last bytes") << u"né\u0105"_qs << " x" << u"né\u0105"_qs << u"né\u0105 x"_qs;
    }
    void split() {
        QFETCH(QString, context);
        QFETCH(QString, continuation);
        QFETCH(QString, left);
        QFETCH(QString, whole);
        const EvaluationFixture fixture(8);
        const std::string given = context.toStdString();
        const ContextEnd end = endOfContext(fixture.tokenizer, given);
        QCOMPARE(QString::fromUtf8(end.context.data(), static_cast<int>(end.context.size())), left);
        QCOMPARE(end.tokens, fixture.tokenizer.encode(left.toStdString()));
        std::vector<TokenId> tokens = fixture.tokenizer.encode(whole.toStdString());
        tokens.erase(tokens.begin(),
                     tokens.begin() + static_cast<std::ptrdiff_t>(std::min(tokens.size(), end.tokens.size())));
        QCOMPARE(continuationTokens(fixture.tokenizer, end, continuation.toStdString()), tokens);
    }

    void sums_data() {
        QTest::addColumn<int>("contextSize");
        QTest::newRow("fits") << 64;
        QTest::newRow("too long for some") << 12;
        QTest::newRow("too long for all") << 9;
    }
    void sums() {
        QFETCH(int, contextSize);
        EvaluationFixture fixture(static_cast<std::uint32_t>(contextSize));
        const MultipleChoiceItem item = {3, "Once upon a time, Lily saw a", {" dog", " big red ball.", " cat and"}, 2};
        const TaskResult result = evaluateTask(fixture.measured, std::span(&item, 1), nullptr);
        const ContextEnd end = endOfContext(fixture.tokenizer, item.context);
        std::vector<TokenId> context = {1};
        context.insert(context.end(), end.tokens.begin(), end.tokens.end());
        const ChoiceScore& score = result.scores.front();
        QCOMPARE(score.line, std::size_t{3});
        std::size_t dropped = 0;
        std::size_t fitting = 0;
        std::size_t fittingTokens = 0;
        for (std::size_t i = 0; i < item.choices.size(); ++i) {
            const std::vector<TokenId> choice = continuationTokens(fixture.tokenizer, end, item.choices[i]);
            const double expected = expectedSum(context, choice, fixture.measured.contextSize);
            QVERIFY(std::abs(score.logLikelihoods[i] - expected) < 1e-9);
            const std::size_t positions = context.size() + choice.size() - 1;
            if (positions > fixture.measured.contextSize) {
                dropped = std::max(dropped, positions - fixture.measured.contextSize);
            } else {
                ++fitting;
                fittingTokens += choice.size() - 1;
            }
        }
        QCOMPARE(score.droppedTokens, std::uint64_t{dropped});
        QCOMPARE(result.droppedTokens(), std::uint64_t{dropped});
        QCOMPARE(result.truncatedItems(), std::uint64_t{dropped > 0 ? 1U : 0U});
        QCOMPARE(fitting, std::size_t{contextSize == 64 ? 3U : contextSize == 12 ? 2U : 0U});
        if (fitting == item.choices.size()) {  // the context once, for all of them
            QCOMPARE(fixture.model.evaluated, context.size() + fittingTokens);
        }
    }

    void choosing_data() {
        QTest::addColumn<QStringList>("choices");
        QTest::addColumn<int>("chosen");
        QTest::addColumn<int>("chosenNorm");
        // Every letter is a token, and so is the space before it. x costs 2.4 nats, anything else 6.4.
        QTest::newRow("clear") << QStringList{" z", " x"} << 1 << 1;
        QTest::newRow("equals: the first") << QStringList{" z", " z", " z"} << 0 << 0;
        QTest::newRow("equals after a worse one") << QStringList{" zz", " x", " x"} << 1 << 1;
        QTest::newRow("shorter, but dearer by the byte") << QStringList{" z", " xxxxxxx"} << 0 << 1;
        QTest::newRow("the space before is no byte of it") << QStringList{" zx", "z"} << 1 << 1;
    }
    void choosing() {
        QFETCH(QStringList, choices);
        QFETCH(int, chosen);
        QFETCH(int, chosenNorm);
        EvaluationFixture fixture(64);
        fixture.model.compute = prefers(fixture.tokenizer.encode("zx").back());
        MultipleChoiceItem item = {1, "The", {}, 0};
        for (const QString& choice : choices) {
            item.choices.push_back(choice.toStdString());
        }
        const TaskResult result = evaluateTask(fixture.measured, std::span(&item, 1), nullptr);
        QCOMPARE(result.scores[0].chosen, static_cast<std::size_t>(chosen));
        QCOMPARE(result.scores[0].chosenByByte, static_cast<std::size_t>(chosenNorm));
    }

    void bytesNotCharacters() {
        EvaluationFixture fixture(64);
        fixture.model.compute = [](std::span<const TokenId>, std::span<float> logits) {
            std::fill(logits.begin(), logits.end(), 0.0F);
        };
        // Every token costs the same. The first has 4 tokens (a space and 3 bytes) over 3 bytes, 4 to a character;
        // the second 3 tokens over 2 bytes, 1.5 to a character.
        const MultipleChoiceItem item = {1, "a", {" \xE4\xBD\xA0", " qz"}, 0};
        const TaskResult result = evaluateTask(fixture.measured, std::span(&item, 1), nullptr);
        const std::vector<double>& sums = result.scores[0].logLikelihoods;
        QVERIFY(std::abs(sums[0] / sums[1] - 4.0 / 3) < 1e-12);
        QCOMPARE(result.scores[0].chosen, std::size_t{1});
        QCOMPARE(result.scores[0].chosenByByte, std::size_t{0});
        QCOMPARE(result.accuracy(), 0.0);
        QCOMPARE(result.accuracyByByte(), 1.0);
    }

    void shares() {
        TaskResult result;
        for (const std::size_t answer : {0, 0, 1, 1, 1}) {
            result.scores.push_back({.line = 1,
                                     .logLikelihoods = {-1, -2},
                                     .answer = answer,
                                     .chosen = 0,
                                     .chosenByByte = 1,
                                     .droppedTokens = answer * 3});
        }
        QCOMPARE(result.right(), std::uint64_t{2});
        QCOMPARE(result.accuracy(), 0.4);
        QCOMPARE(result.accuracyByByte(), 0.6);
        QCOMPARE(result.truncatedItems(), std::uint64_t{3});
        QCOMPARE(result.droppedTokens(), std::uint64_t{9});
        QCOMPARE(standardError(2, 5), std::sqrt(0.4 * 0.6 / 4));
        QCOMPARE(standardError(5, 5), 0.0);
        QVERIFY(std::isnan(standardError(1, 1)));
    }

    void progressAndSharedBeginnings() {
        EvaluationFixture fixture(64);
        const std::vector<MultipleChoiceItem> items = {{1, "Once upon a time there was", {" a", " b"}, 0},
                                                       {2, "Once upon a time there were", {" a", " b"}, 0}};
        std::vector<std::size_t> progress;
        std::vector<std::size_t> evaluated;
        (void)evaluateTask(fixture.measured, items, [&](std::size_t done) {
            progress.push_back(done);
            evaluated.push_back(fixture.model.evaluated);
        });
        QCOMPARE(progress, (std::vector<std::size_t>{1, 2}));
        QVERIFY(evaluated[1] < 2 * evaluated[0] - 4);  // what the contexts share was there
    }

    void nothingIsEvaluatedIfOneCannotBe() {
        EvaluationFixture fixture(8);
        std::vector<MultipleChoiceItem> items = {{1, "Once", {" a", " b"}, 0}, {2, "Li", {" a", " ly"}, 0}};
        items[1].choices[1] = "Once upon a time there was a little girl named Lily";
        Error error = errorOf([&] { (void)evaluateTask(fixture.measured, items, nullptr); });
        QCOMPARE(error.code(), ErrorCode::PromptTooLong);
        QVERIFY(QString(error.what()).startsWith("Line 2 of the task: choice 1 has"));
        QVERIFY(QString(error.what()).contains("holds 8"));

        // "Onc" is several tokens, "Once" a single one.
        items[1].context = "Onc";
        items[1].choices[1] = "e";
        error = errorOf([&] { (void)evaluateTask(fixture.measured, items, nullptr); });
        QCOMPARE(error.code(), ErrorCode::FileDamaged);
        QVERIFY(QString(error.what()).startsWith("Line 2 of the task: choice 1 has no token of its own"));
        QCOMPARE(fixture.model.calls, std::size_t{0});
    }
};

ALCOVE_TEST(TestMultipleChoice)
#include "test_multiple_choice.moc"
