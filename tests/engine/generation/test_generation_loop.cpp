#include <QTest>

#include "engine/base/error.h"
#include "engine/generation/context_fit.h"
#include "tests/engine/generation/generation_stage.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::kVocab;
using Stage = alcove::tests::GenerationStage;

namespace {

std::vector<TokenId> withBos(std::vector<TokenId> tokens) {
    tokens.insert(tokens.begin(), 1);
    return tokens;
}

}  // namespace

class TestGenerationLoop : public QObject {
    Q_OBJECT
private slots:
    void chatReplyIsTrimmedAndEndsAtStopString() {
        Stage stage;
        stage.model.say(stage.bytesOf(" Hello \xE4\xBD\xA0!\n###zz"));
        const GenerationResult result = stage.ask({{Role::User, "Hi"}});
        QCOMPARE(stage.text, std::string("Hello \xE4\xBD\xA0!"));
        QCOMPARE(result.reason, StopReason::StopString);
        QCOMPARE(result.tokens, stage.bytesOf(" Hello \xE4\xBD\xA0!\n###"));
        const std::string prompt =
            renderPrompt(templateNamed("mobillama-chat"), std::vector<Message>{{Role::User, "Hi"}}, 0, false);
        QCOMPARE(result.promptTokens, stage.tokenizer.encode(prompt).size() + 1);
        QCOMPARE(result.reusedTokens, 0U);
        // All but the last generated token, which nothing was asked of, lie in the cache.
        QCOMPARE(result.contextUsed, result.promptTokens + result.tokens.size() - 1);
        QVERIFY(stage.model.cache.size() >= result.contextUsed);
    }

    void endTokenEnds() {
        Stage stage;
        stage.model.say(stage.bytesOf("ok  "));
        const GenerationResult result = stage.ask({{Role::User, "Hi"}});
        QCOMPARE(result.reason, StopReason::EndOfText);
        QCOMPARE(stage.text, std::string("ok"));
        QCOMPARE(result.tokens, stage.bytesOf("ok  "));
        QCOMPARE(result.contextUsed, result.promptTokens + 4);
    }

    void plainRepliesAreExact() {
        Stage stage("plain");
        stage.model.say(stage.bytesOf(" upon \n"));
        stage.ask({{Role::User, "Once"}});
        QCOMPARE(stage.text, std::string(" upon \n"));
        QCOMPARE(stage.model.cache.front(), 1);
    }

    void rawPromptIsExact() {
        Stage stage;
        stage.model.say(stage.bytesOf(" ### a \n"));
        const GenerationResult result = stage.raw("Once upon");
        QCOMPARE(stage.text, std::string(" ### a \n"));  // the template's stop strings are not for raw prompts
        const std::vector<TokenId> prompt = withBos(stage.tokenizer.encode("Once upon"));
        QCOMPARE(std::vector<TokenId>(stage.model.cache.begin(),
                                      stage.model.cache.begin() + static_cast<std::ptrdiff_t>(prompt.size())),
                 prompt);
        QCOMPARE(result.promptTokens, prompt.size());
    }

    void emptyRawPromptDropsTheDummySpace() {
        Stage stage;
        stage.model.say({403, 407});
        const GenerationResult result = stage.raw("");
        QCOMPARE(stage.text, stage.tokenizer.decode({403, 407}));
        QVERIFY(stage.text.starts_with("Once "));
        QCOMPARE(result.promptTokens, 1U);
    }

    void ownStopStrings() {
        Stage stage;
        stage.model.say(stage.bytesOf("abcdef"));
        QCOMPARE(stage.raw("x", 0, {"de", ""}).reason, StopReason::StopString);
        QCOMPARE(stage.text, std::string("abc"));
    }

    void maxTokensEnds() {
        Stage stage;
        stage.model.say(stage.bytesOf("a##b"));
        const GenerationResult result = stage.ask({{Role::User, "Hi"}}, 3);
        QCOMPARE(result.reason, StopReason::MaxTokens);
        QCOMPARE(result.tokens.size(), std::size_t{3});
        QCOMPARE(stage.text, std::string("a##"));  // what was held back is no stop string after all
        stage.model.say(stage.bytesOf("a\xF0\x9F"));
        QCOMPARE(stage.ask({{Role::User, "Hi"}}, 3).reason, StopReason::MaxTokens);
        QCOMPARE(stage.text, "a" + std::string(kReplacementCharacter));
    }

    void contextFullEnds() {
        Stage stage("plain", 8, 3);
        stage.model.say(stage.bytesOf("abcdefghijkl"));
        const GenerationResult result = stage.raw("");
        QCOMPARE(result.reason, StopReason::ContextFull);
        QCOMPARE(stage.text, std::string("abcdefgh"));  // one at each position, and one that needs none
        QCOMPARE(result.contextUsed, 8U);
        QCOMPARE(stage.model.cache.size(), std::size_t{8});
    }

    void promptOfTheWholeContext() {
        Stage stage("plain", 8, 3);
        stage.model.say(stage.bytesOf("ab"));
        const GenerationResult result = stage.raw("\n\n\n\n\n\n");  // dummy space, six breaks and <s>
        QCOMPARE(result.promptTokens, 8U);
        QCOMPARE(result.reason, StopReason::ContextFull);
        QCOMPARE(stage.text, std::string("a"));
        try {
            stage.raw("\n\n\n\n\n\n\n");
            QFAIL("a prompt beyond the context was taken");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::PromptTooLong);
            QVERIFY(QString(error.what()).contains("9 tokens"));
            QVERIFY(QString(error.what()).contains("holds 8"));
        }
    }

    void secondTurnEvaluatesOnlyWhatIsNew() {
        Stage stage;
        stage.model.say(stage.tokenizer.encode("Hello"));  // as it will be encoded again: a word with its space
        const GenerationResult first = stage.ask({{Role::User, "Hi"}});
        const std::size_t before = stage.model.evaluated;
        stage.model.say(stage.bytesOf("yes"));
        const std::vector<Message> messages = {{Role::User, "Hi"}, {Role::Assistant, "Hello"}, {Role::User, "More"}};
        const GenerationResult second = stage.ask(messages);
        QCOMPARE(second.reusedTokens, first.contextUsed);
        QCOMPARE(stage.model.evaluated - before, second.promptTokens - second.reusedTokens + 3U);
        // The cache holds what a fresh evaluation would hold.
        Stage fresh;
        fresh.model.say(fresh.bytesOf("yes"));
        fresh.ask(messages);
        QCOMPARE(stage.model.cache, fresh.model.cache);
        QCOMPARE(stage.text, fresh.text);
    }

    void sameRequestEvaluatesOneToken() {
        Stage stage;
        stage.model.say(stage.bytesOf("a"));
        stage.ask({{Role::User, "Hi"}}, 1);
        const std::size_t before = stage.model.evaluated;
        stage.model.say(stage.bytesOf("a"));
        const GenerationResult again = stage.ask({{Role::User, "Hi"}}, 1);
        QCOMPARE(stage.model.evaluated - before, std::size_t{1});
        QCOMPARE(again.reusedTokens, again.promptTokens - 1);
        QCOMPARE(stage.text, std::string("a"));
    }

    void otherConversationReusesTheSystemLine() {
        Stage stage;
        stage.ask({{Role::User, "Hi"}});
        const GenerationResult other = stage.ask({{Role::User, "Quite another thing"}});
        QVERIFY(other.reusedTokens > 50);
        QVERIFY(other.reusedTokens < other.promptTokens);
    }

    void prefillGoesInChunks() {
        Stage stage("plain", 512, 5);
        std::vector<std::size_t> sizes;
        stage.model.beforeEvaluate = [&sizes](std::size_t tokens) { sizes.push_back(tokens); };
        stage.model.say(stage.bytesOf("a"));
        stage.raw("\n\n\n\n\n\n\n\n\n\n", 1);                     // with <s> and the dummy space: 12 tokens
        QCOMPARE(sizes, (std::vector<std::size_t>{5, 5, 1, 1}));  // the last is the first step of decoding
        QCOMPARE(stage.progress.size(), std::size_t{4});
        QCOMPARE(stage.progress[0].promptTokensDone, 5U);
        QCOMPARE(stage.progress[1].promptTokensDone, 10U);
        QCOMPARE(stage.progress[2].promptTokensDone, 11U);
        QCOMPARE(stage.progress[3].promptTokensDone, 12U);
        QCOMPARE(stage.progress[3].promptTokens, 12U);
    }

    void stopDuringPrefillActsWithinOneSubmission() {
        Stage stage("plain", 512, 5);
        stage.model.beforeEvaluate = [&stage](std::size_t) { stage.stop = stage.model.calls == 1; };
        const GenerationResult result = stage.raw("\n\n\n\n\n\n\n\n\n\n");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(stage.model.calls, std::size_t{2});
        QVERIFY(result.tokens.empty());
        QCOMPARE(result.contextUsed, 10U);
        // What was evaluated before counts for the next request.
        stage.stop = false;
        stage.model.beforeEvaluate = nullptr;
        QCOMPARE(stage.raw("\n\n\n\n\n\n\n\n\n\n").reusedTokens, 10U);
    }

    void stopDuringDecodeActsWithinOneSubmission() {
        Stage stage;
        stage.model.say(stage.bytesOf("abcdefghij"));
        std::size_t callsAtStop = 0;
        stage.onProgress = [&](const GenerationProgress& now) {
            if (now.generatedTokens == 4) {
                stage.stop = true;
                callsAtStop = stage.model.calls;
            }
        };
        GenerationResult result = stage.raw("x");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(stage.text, std::string("abcd"));
        QCOMPARE(stage.model.calls, callsAtStop);

        // Set while the device is at work: nothing more than that one submission.
        stage.stop = false;
        stage.onProgress = nullptr;
        stage.model.say(stage.bytesOf("abcdefghij"));
        std::size_t submissions = 0;
        stage.model.beforeEvaluate = [&](std::size_t) { stage.stop = ++submissions == 3; };
        result = stage.raw("x");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(submissions, std::size_t{3});
        QCOMPARE(stage.text, std::string("ab"));
    }

    void stopBeforeAnything() {
        Stage stage;
        stage.stop = true;
        const GenerationResult result = stage.raw("x");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(stage.model.calls, std::size_t{0});
    }

    void oldestTurnsLeaveWhole() {
        Stage stage("mobillama-chat", 256);
        const auto promptTokens = [&stage](const std::vector<Message>& messages, std::size_t first) {
            return stage.tokenizer.encode(renderPrompt(templateNamed("mobillama-chat"), messages, first, false))
                       .size() +
                   1;
        };
        std::vector<Message> messages;
        for (int turn = 0; turn < 12; ++turn) {
            messages.push_back({Role::User, "Tell me a story about number " + std::to_string(turn)});
            const GenerationResult result = stage.ask(messages, 1);
            const std::size_t first = result.firstMessageInContext;
            QVERIFY(messages[first].role == Role::User);
            QCOMPARE(result.promptTokens, promptTokens(messages, first));
            QVERIFY(result.promptTokens + replyRoom(256, 1) <= 256);
            if (first > 0) {  // no more left than had to: with one turn more it would not fit
                QVERIFY(promptTokens(messages, first - 2) + replyRoom(256, 1) > 256);
            }
            messages.push_back({Role::Assistant, "Once upon a time there was a little girl."});
        }
        messages.push_back({Role::User, "The end?"});
        const GenerationResult result = stage.ask(messages, 1);
        QVERIFY(result.firstMessageInContext > 0);
        const std::string prompt =
            stage.tokenizer.decode(std::vector<TokenId>(stage.model.cache.begin() + 1, stage.model.cache.end()));
        QVERIFY(prompt.starts_with("A chat between a curious human"));
        QVERIFY(prompt.ends_with("\n### Human: The end?\n### Assistant:"));
    }

    void ownSystemLineStaysWhenTurnsLeave() {
        Stage stage("mobillama-chat", 128);
        std::vector<Message> messages = {{Role::System, "Speak like a pirate."}};
        for (int turn = 0; turn < 8; ++turn) {
            messages.push_back({Role::User, "Tell me a story about number " + std::to_string(turn)});
            messages.push_back({Role::Assistant, "Once upon a time there was a girl."});
        }
        messages.push_back({Role::User, "The end?"});
        const GenerationResult result = stage.ask(messages, 1);
        QVERIFY(result.firstMessageInContext > 1);
        const std::string prompt =
            stage.tokenizer.decode(std::vector<TokenId>(stage.model.cache.begin() + 1, stage.model.cache.end()));
        QVERIFY(prompt.starts_with("Speak like a pirate.\n### Human: "));
    }

    void lastMessageTooLong() {
        Stage stage("plain", 256);
        const auto asked = [&stage](int breaks) {
            return stage.ask({{Role::User, "old"}, {Role::Assistant, "old"}, {Role::User, std::string(breaks, '\n')}});
        };
        // The least reply still fits beside 224 tokens: <s>, the dummy space and 222 breaks.
        GenerationResult result = asked(222);
        QCOMPARE(result.firstMessageInContext, std::size_t{2});
        QCOMPARE(result.promptTokens, 224U);
        try {
            asked(223);
            QFAIL("a message that leaves no room was taken");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::PromptTooLong);
            QVERIFY(QString(error.what()).contains("225 tokens"));
            QVERIFY(QString(error.what()).contains("holds 256"));
            QVERIFY(QString(error.what()).contains("about 1 token."));
        }
        QCOMPARE(stage.model.cache.size(), std::size_t{result.contextUsed});  // nothing was touched
    }

    void replyRoomHasBounds() {
        QCOMPARE(replyRoom(2048, 0), 512U);
        QCOMPARE(replyRoom(8192, 0), 512U);
        QCOMPARE(replyRoom(256, 0), 64U);
        QCOMPARE(replyRoom(256, 10), 10U);
        QCOMPARE(replyRoom(2, 0), 1U);
    }

    void damagedInputIsMended() {
        Stage stage("plain");
        stage.raw("a\xFF");
        QCOMPARE(stage.model.cache, withBos(stage.tokenizer.encode("a" + std::string(kReplacementCharacter))));
    }

    void notFiniteLogitsForgetTheCache() {
        Stage stage;
        stage.model.broken = true;
        QVERIFY_EXCEPTION_THROWN(stage.raw("Once"), Error);
        stage.model.broken = false;
        QCOMPARE(stage.raw("Once").reusedTokens, 0U);
    }

    void failureInTheMiddleKeepsTheCacheTrue() {
        Stage stage("plain", 512, 5);
        stage.model.beforeEvaluate = [&stage](std::size_t) {
            if (stage.model.calls == 1) {
                throw Error(ErrorCode::DeviceLost, Sentence::verbatim("gone"));
            }
        };
        QVERIFY_EXCEPTION_THROWN(stage.raw("\n\n\n\n\n\n\n\n\n\n"), Error);
        stage.model.beforeEvaluate = nullptr;
        QCOMPARE(stage.raw("\n\n\n\n\n\n\n\n\n\n").reusedTokens, 5U);
    }

    void logitsOfTokens() {
        Stage stage("plain", 16, 3);
        stage.model.say({7});
        const std::vector<float> logits = stage.loop.logits(std::vector<TokenId>{1, 5, 6, 7});
        QCOMPARE(logits.size(), std::size_t{kVocab});
        QCOMPARE(std::max_element(logits.begin(), logits.end()) - logits.begin(), std::ptrdiff_t{7});
        QCOMPARE(stage.model.cache, (std::vector<TokenId>{1, 5, 6, 7}));
        QCOMPARE(stage.model.calls, std::size_t{2});
        for (const std::vector<TokenId>& wrong : {std::vector<TokenId>{}, {512}, {-1}, std::vector<TokenId>(17, 1)}) {
            QVERIFY_EXCEPTION_THROWN((void)stage.loop.logits(wrong), Error);
        }
    }

    void wrongBeginToken() {
        Stage stage;
        QVERIFY_EXCEPTION_THROWN(GenerationLoop({.forwardPass = stage.model,
                                                 .tokenizer = stage.tokenizer,
                                                 .chatTemplate = templateNamed("plain"),
                                                 .vocabSize = kVocab,
                                                 .bosToken = 512}),
                                 Error);
    }
};

ALCOVE_TEST(TestGenerationLoop)
#include "test_generation_loop.moc"
