// Drafts found in the text so far: the same reply in fewer steps, and decoding that allocates nothing.
#include <algorithm>
#include <array>

#include <QTest>

#include "tests/engine/generation/generation_fixture.h"
#include "tests/rig/allocation_count.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using Fixture = alcove::tests::GenerationFixture;

class TestSpeculation : public QObject {
    Q_OBJECT
private slots:
    void speculationGivesTheSameInFewerSteps() {
        // Repeats itself, with a change now and then.
        std::string text;
        for (int i = 0; i < 12; ++i) {
            text += "the cat sat on mat " + std::to_string(i / 3) + ", ";
        }
        std::array<GenerationResult, 2> results;
        std::array<std::size_t, 2> calls{};
        std::array<std::vector<TokenId>, 2> caches;
        for (const bool speculation : {false, true}) {
            Fixture fixture("plain");
            fixture.model.say(fixture.bytesOf(text));
            Request request;
            request.rawPrompt = "x";
            request.speculation = speculation;
            results[speculation] = fixture.run(request);
            QCOMPARE(fixture.text, text);
            calls[speculation] = fixture.model.calls;
            caches[speculation] = fixture.model.cache;
        }
        QCOMPARE(results[1].tokens, results[0].tokens);
        QCOMPARE(results[1].reason, StopReason::EndOfText);
        QCOMPARE(results[1].contextUsed, results[0].contextUsed);
        QCOMPARE(results[0].draftedTokens, 0U);
        QVERIFY(2 * calls[1] < calls[0]);
        QCOMPARE(calls[0] - calls[1], std::size_t{results[1].acceptedTokens});
        QVERIFY(std::ranges::equal(std::span(caches[1]).first(results[1].contextUsed), caches[0]));
    }

    void speculationEndsAtTheSamePlaces() {
        const std::string text = "abcdabcdabcdabcdabcdabcdabcdabcd";
        for (std::uint32_t maxTokens = 1; maxTokens < 30; ++maxTokens) {
            Fixture fixture("plain");
            fixture.model.say(fixture.bytesOf(text));
            const GenerationResult result = fixture.raw("x", maxTokens);
            QCOMPARE(result.reason, StopReason::MaxTokens);
            QCOMPARE(fixture.text, text.substr(0, maxTokens));
        }
        for (std::uint32_t contextSize = 6; contextSize < 26; ++contextSize) {
            Fixture fixture("plain", contextSize);
            fixture.model.say(fixture.bytesOf(text));
            const GenerationResult result = fixture.raw("");
            QCOMPARE(result.reason, StopReason::ContextFull);
            QCOMPARE(result.tokens.size(), std::size_t{contextSize});
            QCOMPARE(result.contextUsed, contextSize);
        }
        // A stop string in the middle of what one step handed out: the cache counts up to there.
        Fixture fixture("plain");
        fixture.model.say(fixture.bytesOf("abcdeabcdeabcdeabcde"));
        const GenerationResult result = fixture.raw("x", 0, {"ea", "cdeabcdeab"});
        QCOMPARE(result.reason, StopReason::StopString);
        QCOMPARE(result.contextUsed, result.promptTokens + result.tokens.size() - 1);
        const GenerationResult again = fixture.raw("x", 1);
        QCOMPARE(again.reusedTokens, again.promptTokens - 1);
    }

    void speculationGivesUpOnWhatDoesNotRepeat() {
        // Pairs come again, but never followed by the same.
        std::vector<TokenId> script;
        for (TokenId i = 0; i < 150; ++i) {
            script.insert(script.end(), {300, 301, 10 + i});
        }
        Fixture fixture("plain");
        fixture.model.say(script);
        const GenerationResult result = fixture.raw("x");
        QCOMPARE(result.tokens, script);
        QVERIFY(result.draftedTokens < 20 * kMaxDraft);
    }

    void decodingAllocatesNothing() {
        Fixture fixture("plain");
        const std::string text = "the cat sat on a mat. the cat sat on a mat. the dog sat on a log. ";
        fixture.model.say(fixture.bytesOf(text));
        Request request;
        request.rawPrompt = "x";
        request.sampling.temperature = 0;
        std::vector<std::size_t> allocations;
        allocations.reserve(1000);
        fixture.loop.generate(
            request,
            [&allocations](const GenerationProgress&) {
                allocations.push_back(alcove::tests::allocationsOfThisThread());
            },
            fixture.stop);
        QVERIFY(allocations.size() >= text.size());
        // The first steps make room in what is reused from then on.
        QCOMPARE(allocations.back() - allocations[8], std::size_t{0});
    }
};

ALCOVE_TEST(TestSpeculation)
#include "test_speculation.moc"
