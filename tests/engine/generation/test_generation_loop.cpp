#include <QTest>

#include "engine/base/error.h"
#include "engine/generation/context_fit.h"
#include "tests/engine/generation/generation_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::kVocab;
using Fixture = alcove::tests::GenerationFixture;

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
        Fixture fixture;
        fixture.model.say(fixture.bytesOf(" Hello \xE4\xBD\xA0!\n### Human:zz"));
        const GenerationResult result = fixture.ask({{Role::User, "Hi"}});
        QCOMPARE(fixture.text, std::string("Hello \xE4\xBD\xA0!"));
        QCOMPARE(result.reason, StopReason::StopString);
        QCOMPARE(result.tokens, fixture.bytesOf(" Hello \xE4\xBD\xA0!\n### Human:"));
        const std::string prompt =
            renderPrompt(templateNamed("mobillama-chat"), std::vector<Message>{{Role::User, "Hi"}}, 0, false);
        QCOMPARE(result.promptTokens, fixture.tokenizer.encode(prompt).size() + 1);
        QCOMPARE(result.reusedTokens, 0U);
        // All but the last generated token, which nothing was asked of, lie in the cache.
        QCOMPARE(result.contextUsed, result.promptTokens + result.tokens.size() - 1);
        QVERIFY(fixture.model.cache.size() >= result.contextUsed);
    }

    // From any of its tokens on, a reply becomes what it would have been: characters and stop strings that were cut
    // apart included.
    void aReplyGoesOnFromAnyToken() {
        const std::string text = " Hello \xE4\xBD\xA0! ## x\n### Human:zz";
        Fixture whole;
        whole.model.say(whole.bytesOf(text));
        std::vector<std::string> texts{""};  // after each token
        whole.onProgress = [&](const GenerationProgress& now) {
            if (now.token) {
                texts.push_back(texts.back() + std::string(now.text));
            }
        };
        const GenerationResult undisturbed = whole.ask({{Role::User, "Hi"}});
        QCOMPARE(texts.size(), undisturbed.tokens.size() + 1);
        for (std::size_t begun = 1; begun < undisturbed.tokens.size(); ++begun) {
            Fixture fixture;
            Request request;
            request.messages = {{Role::User, "Hi"}};
            request.begunTokens.assign(undisturbed.tokens.begin(),
                                       undisturbed.tokens.begin() + static_cast<std::ptrdiff_t>(begun));
            fixture.model.say(fixture.bytesOf(text.substr(begun)));
            const GenerationResult result = fixture.run(request);
            QCOMPARE(result.tokens, undisturbed.tokens);
            QCOMPARE(result.begunTokens, begun);
            QCOMPARE(result.reason, undisturbed.reason);
            QCOMPARE(result.contextUsed, undisturbed.contextUsed);
            QCOMPARE(texts[begun] + fixture.text, whole.text);
            QCOMPARE(fixture.progress.back().generatedTokens, undisturbed.tokens.size() - begun);
        }
    }

    void aReplyThatGoesOnKeepsToItsLimit() {
        Fixture fixture;
        Request request;
        request.messages = {{Role::User, "Hi"}};
        request.maxTokens = 4;
        request.begunTokens = fixture.bytesOf("ab");
        fixture.model.say(fixture.bytesOf("cdefghij"));
        GenerationResult result = fixture.run(request);
        QCOMPARE(result.tokens, fixture.bytesOf("abcd"));
        QCOMPARE(result.reason, StopReason::MaxTokens);
        request.begunTokens = result.tokens;  // as many again
        fixture.model.say(fixture.bytesOf("efghij"));
        result = fixture.run(request);
        QCOMPARE(result.tokens, fixture.bytesOf("abcdefgh"));
    }

    void aReplyGoesOnFromItsText() {
        Fixture fixture;
        Request request;
        request.messages = {{Role::User, "Hi"}};
        request.begunText = "Once";
        fixture.model.say(fixture.bytesOf(" upon "));
        const GenerationResult result = fixture.run(request);
        QCOMPARE(fixture.text, std::string(" upon"));
        QCOMPARE(result.tokens, fixture.bytesOf(" upon "));
        QCOMPARE(result.begunTokens, std::size_t{0});
        const std::string prompt = renderPrompt(templateNamed("mobillama-chat"), request.messages, 0, false) + "Once";
        QCOMPARE(result.promptTokens, fixture.tokenizer.encode(prompt).size() + 1);
    }

    // A reply that has filled the context goes on when the oldest turns have left it, and then keeps to those.
    void aReplyThatFilledTheContextGoesOn() {
        const std::vector<Message> messages = {{Role::User, "One"},
                                               {Role::Assistant, "1"},
                                               {Role::User, "Two"},
                                               {Role::Assistant, "2"},
                                               {Role::User, "Go"}};
        Fixture fixture("mobillama-chat", 256);
        Request request;
        request.messages = messages;
        fixture.model.say(fixture.bytesOf(std::string(400, 'a')));
        const GenerationResult full = fixture.run(request);
        QCOMPARE(full.reason, StopReason::ContextFull);
        QCOMPARE(full.firstMessageInContext, std::size_t{0});
        request.begunTokens = full.tokens;
        fixture.model.say(fixture.bytesOf(std::string(400, 'b')));
        request.maxTokens = static_cast<std::uint32_t>(full.tokens.size()) + 5;
        const GenerationResult more = fixture.run(request);
        QVERIFY(more.firstMessageInContext > 0);
        QCOMPARE(more.tokens.size(), full.tokens.size() + 5);
        request.begunTokens = more.tokens;
        request.firstMessage = more.firstMessageInContext;
        request.maxTokens += 5;
        fixture.model.say(fixture.bytesOf(std::string(400, 'c')));
        const GenerationResult again = fixture.run(request);
        QCOMPARE(again.firstMessageInContext, more.firstMessageInContext);
        // Where only the question is left and there is no room, it says so.
        request.messages = {messages.back()};
        request.firstMessage = 0;
        request.begunTokens.assign(256, 5);
        QVERIFY_THROWS_EXCEPTION(Error, fixture.run(request));
        request.begunTokens.assign(1, static_cast<TokenId>(kVocab));
        QVERIFY_THROWS_EXCEPTION(Error, fixture.run(request));
    }

    void headingsDoNotEndAReply() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf("### Human history\n#### 1\n### Assistants\n###\n### Assistant:zz"));
        const GenerationResult result = fixture.ask({{Role::User, "Hi"}});
        QCOMPARE(fixture.text, std::string("### Human history\n#### 1\n### Assistants\n###"));
        QCOMPARE(result.reason, StopReason::StopString);
    }

    void endTokenEnds() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf("ok  "));
        const GenerationResult result = fixture.ask({{Role::User, "Hi"}});
        QCOMPARE(result.reason, StopReason::EndOfText);
        QCOMPARE(fixture.text, std::string("ok"));
        QCOMPARE(result.tokens, fixture.bytesOf("ok  "));
        QCOMPARE(result.contextUsed, result.promptTokens + 4);
    }

    void plainRepliesAreExact() {
        Fixture fixture("plain");
        fixture.model.say(fixture.bytesOf(" upon \n"));
        fixture.ask({{Role::User, "Once"}});
        QCOMPARE(fixture.text, std::string(" upon \n"));
        QCOMPARE(fixture.model.cache.front(), 1);
    }

    void rawPromptIsExact() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf(" ### Human: a \n"));
        const GenerationResult result = fixture.raw("Once upon");
        QCOMPARE(fixture.text, std::string(" ### Human: a \n"));  // the template's stop strings are not for raw prompts
        const std::vector<TokenId> prompt = withBos(fixture.tokenizer.encode("Once upon"));
        QCOMPARE(std::vector<TokenId>(fixture.model.cache.begin(),
                                      fixture.model.cache.begin() + static_cast<std::ptrdiff_t>(prompt.size())),
                 prompt);
        QCOMPARE(result.promptTokens, prompt.size());
    }

    void emptyRawPromptDropsTheDummySpace() {
        Fixture fixture;
        fixture.model.say({403, 407});
        const GenerationResult result = fixture.raw("");
        QCOMPARE(fixture.text, fixture.tokenizer.decode({403, 407}));
        QVERIFY(fixture.text.starts_with("Once "));
        QCOMPARE(result.promptTokens, 1U);
    }

    void ownStopStrings() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf("abcdef"));
        QCOMPARE(fixture.raw("x", 0, {"de", ""}).reason, StopReason::StopString);
        QCOMPARE(fixture.text, std::string("abc"));
    }

    void maxTokensEnds() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf("a##b"));
        const GenerationResult result = fixture.ask({{Role::User, "Hi"}}, 3);
        QCOMPARE(result.reason, StopReason::MaxTokens);
        QCOMPARE(result.tokens.size(), std::size_t{3});
        QCOMPARE(fixture.text, std::string("a##"));  // what was held back is no stop string after all
        fixture.model.say(fixture.bytesOf("a\xF0\x9F"));
        QCOMPARE(fixture.ask({{Role::User, "Hi"}}, 3).reason, StopReason::MaxTokens);
        QCOMPARE(fixture.text, "a" + std::string(kReplacementCharacter));
    }

    void contextFullEnds() {
        Fixture fixture("plain", 8, 3);
        fixture.model.say(fixture.bytesOf("abcdefghijkl"));
        const GenerationResult result = fixture.raw("");
        QCOMPARE(result.reason, StopReason::ContextFull);
        QCOMPARE(fixture.text, std::string("abcdefgh"));  // one at each position, and one that needs none
        QCOMPARE(result.contextUsed, 8U);
        QCOMPARE(fixture.model.cache.size(), std::size_t{8});
    }

    void promptOfTheWholeContext() {
        Fixture fixture("plain", 8, 3);
        fixture.model.say(fixture.bytesOf("ab"));
        const GenerationResult result = fixture.raw("\n\n\n\n\n\n");  // dummy space, six breaks and <s>
        QCOMPARE(result.promptTokens, 8U);
        QCOMPARE(result.reason, StopReason::ContextFull);
        QCOMPARE(fixture.text, std::string("a"));
        try {
            fixture.raw("\n\n\n\n\n\n\n");
            QFAIL("a prompt beyond the context was taken");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::PromptTooLong);
            QVERIFY(QString(error.what()).contains("9 tokens"));
            QVERIFY(QString(error.what()).contains("holds 8"));
        }
    }

    void secondTurnEvaluatesOnlyWhatIsNew() {
        Fixture fixture;
        fixture.model.say(fixture.tokenizer.encode("Hello"));  // as it will be encoded again: a word with its space
        const GenerationResult first = fixture.ask({{Role::User, "Hi"}});
        const std::size_t before = fixture.model.evaluated;
        fixture.model.say(fixture.bytesOf("yes"));
        const std::vector<Message> messages = {{Role::User, "Hi"}, {Role::Assistant, "Hello"}, {Role::User, "More"}};
        const GenerationResult second = fixture.ask(messages);
        QCOMPARE(second.reusedTokens, first.contextUsed);
        QCOMPARE(fixture.model.evaluated - before, second.promptTokens - second.reusedTokens + 3U);
        // The cache holds what a fresh evaluation would hold.
        Fixture fresh;
        fresh.model.say(fresh.bytesOf("yes"));
        fresh.ask(messages);
        QCOMPARE(fixture.model.cache, fresh.model.cache);
        QCOMPARE(fixture.text, fresh.text);
    }

    void sameRequestEvaluatesOneToken() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf("a"));
        fixture.ask({{Role::User, "Hi"}}, 1);
        const std::size_t before = fixture.model.evaluated;
        fixture.model.say(fixture.bytesOf("a"));
        const GenerationResult again = fixture.ask({{Role::User, "Hi"}}, 1);
        QCOMPARE(fixture.model.evaluated - before, std::size_t{1});
        QCOMPARE(again.reusedTokens, again.promptTokens - 1);
        QCOMPARE(fixture.text, std::string("a"));
    }

    void otherConversationReusesTheSystemLine() {
        Fixture fixture;
        fixture.ask({{Role::User, "Hi"}});
        const GenerationResult other = fixture.ask({{Role::User, "Quite another thing"}});
        QVERIFY(other.reusedTokens > 50);
        QVERIFY(other.reusedTokens < other.promptTokens);
    }

    void prefillGoesInChunks() {
        Fixture fixture("plain", 512, 5);
        std::vector<std::size_t> sizes;
        fixture.model.beforeEvaluate = [&sizes](std::size_t tokens) { sizes.push_back(tokens); };
        fixture.model.say(fixture.bytesOf("a"));
        fixture.raw("\n\n\n\n\n\n\n\n\n\n", 1);                   // with <s> and the dummy space: 12 tokens
        QCOMPARE(sizes, (std::vector<std::size_t>{5, 5, 1, 1}));  // the last is the first step of decoding
        QCOMPARE(fixture.progress.size(), std::size_t{4});
        QCOMPARE(fixture.progress[0].promptTokensDone, 5U);
        QCOMPARE(fixture.progress[1].promptTokensDone, 10U);
        QCOMPARE(fixture.progress[2].promptTokensDone, 11U);
        QCOMPARE(fixture.progress[3].promptTokensDone, 12U);
        QCOMPARE(fixture.progress[3].promptTokens, 12U);
    }

    void stopDuringPrefillActsWithinOneSubmission() {
        Fixture fixture("plain", 512, 5);
        fixture.model.beforeEvaluate = [&fixture](std::size_t) { fixture.stop = fixture.model.calls == 1; };
        const GenerationResult result = fixture.raw("\n\n\n\n\n\n\n\n\n\n");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(fixture.model.calls, std::size_t{2});
        QVERIFY(result.tokens.empty());
        QCOMPARE(result.contextUsed, 10U);
        // What was evaluated before counts for the next request.
        fixture.stop = false;
        fixture.model.beforeEvaluate = nullptr;
        QCOMPARE(fixture.raw("\n\n\n\n\n\n\n\n\n\n").reusedTokens, 10U);
    }

    void stopDuringDecodeActsWithinOneSubmission() {
        Fixture fixture;
        fixture.model.say(fixture.bytesOf("abcdefghij"));
        std::size_t callsAtStop = 0;
        fixture.onProgress = [&](const GenerationProgress& now) {
            if (now.generatedTokens == 4) {
                fixture.stop = true;
                callsAtStop = fixture.model.calls;
            }
        };
        GenerationResult result = fixture.raw("x");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(fixture.text, std::string("abcd"));
        QCOMPARE(fixture.model.calls, callsAtStop);

        // Set while the device is at work: nothing more than that one submission.
        fixture.stop = false;
        fixture.onProgress = nullptr;
        fixture.model.say(fixture.bytesOf("abcdefghij"));
        std::size_t submissions = 0;
        fixture.model.beforeEvaluate = [&](std::size_t) { fixture.stop = ++submissions == 3; };
        result = fixture.raw("x");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(submissions, std::size_t{3});
        QCOMPARE(fixture.text, std::string("ab"));
    }

    void stopBeforeAnything() {
        Fixture fixture;
        fixture.stop = true;
        const GenerationResult result = fixture.raw("x");
        QCOMPARE(result.reason, StopReason::Cancelled);
        QCOMPARE(fixture.model.calls, std::size_t{0});
    }

    void oldestTurnsLeaveWhole() {
        Fixture fixture("mobillama-chat", 256);
        const auto promptTokens = [&fixture](const std::vector<Message>& messages, std::size_t first) {
            return fixture.tokenizer.encode(renderPrompt(templateNamed("mobillama-chat"), messages, first, false))
                       .size() +
                   1;
        };
        std::vector<Message> messages;
        for (int turn = 0; turn < 12; ++turn) {
            messages.push_back({Role::User, "Tell me a story about number " + std::to_string(turn)});
            const GenerationResult result = fixture.ask(messages, 1);
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
        const GenerationResult result = fixture.ask(messages, 1);
        QVERIFY(result.firstMessageInContext > 0);
        const std::string prompt =
            fixture.tokenizer.decode(std::vector<TokenId>(fixture.model.cache.begin() + 1, fixture.model.cache.end()));
        QVERIFY(prompt.starts_with("A chat between a curious human"));
        QVERIFY(prompt.ends_with("\n### Human: The end?\n### Assistant:"));
    }

    void ownSystemLineStaysWhenTurnsLeave() {
        Fixture fixture("mobillama-chat", 128);
        std::vector<Message> messages = {{Role::System, "Speak like a pirate."}};
        for (int turn = 0; turn < 8; ++turn) {
            messages.push_back({Role::User, "Tell me a story about number " + std::to_string(turn)});
            messages.push_back({Role::Assistant, "Once upon a time there was a girl."});
        }
        messages.push_back({Role::User, "The end?"});
        const GenerationResult result = fixture.ask(messages, 1);
        QVERIFY(result.firstMessageInContext > 1);
        const std::string prompt =
            fixture.tokenizer.decode(std::vector<TokenId>(fixture.model.cache.begin() + 1, fixture.model.cache.end()));
        QVERIFY(prompt.starts_with("Speak like a pirate.\n### Human: "));
    }

    void lastMessageTooLong() {
        Fixture fixture("plain", 256);
        const auto asked = [&fixture](int breaks) {
            return fixture.ask(
                {{Role::User, "old"}, {Role::Assistant, "old"}, {Role::User, std::string(breaks, '\n')}});
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
        QCOMPARE(fixture.model.cache.size(), std::size_t{result.contextUsed});  // nothing was touched
    }

    // What it tells before a message is sent is what asking comes to.
    void shortestPromptTellsWhatFits() {
        Fixture fixture("plain", 256);
        for (const int breaks : {1, 222, 223}) {
            const std::vector<Message> messages = {
                {Role::User, "old"}, {Role::Assistant, "old"}, {Role::User, std::string(breaks, '\n')}};
            const PromptSize size = fixture.loop.shortestPrompt(messages, 0);
            QCOMPARE(size.tokens, static_cast<std::size_t>(breaks) + 2);
            QCOMPARE(size.most, std::size_t{224});
        }
        QCOMPARE(fixture.loop.shortestPrompt(std::vector<Message>{{Role::User, "x"}}, 8).most, std::size_t{248});
    }

    void replyRoomHasBounds() {
        QCOMPARE(replyRoom(2048, 0), 512U);
        QCOMPARE(replyRoom(8192, 0), 512U);
        QCOMPARE(replyRoom(256, 0), 64U);
        QCOMPARE(replyRoom(256, 10), 10U);
        QCOMPARE(replyRoom(2, 0), 1U);
    }

    void damagedInputIsMended() {
        Fixture fixture("plain");
        fixture.raw("a\xFF");
        QCOMPARE(fixture.model.cache, withBos(fixture.tokenizer.encode("a" + std::string(kReplacementCharacter))));
    }

    void notFiniteLogitsForgetTheCache() {
        Fixture fixture;
        fixture.model.broken = true;
        QVERIFY_EXCEPTION_THROWN(fixture.raw("Once"), Error);
        fixture.model.broken = false;
        QCOMPARE(fixture.raw("Once").reusedTokens, 0U);
    }

    void failureInTheMiddleKeepsTheCacheTrue() {
        Fixture fixture("plain", 512, 5);
        fixture.model.beforeEvaluate = [&fixture](std::size_t) {
            if (fixture.model.calls == 1) {
                throw Error(ErrorCode::DeviceLost, Sentence::verbatim("gone"));
            }
        };
        QVERIFY_EXCEPTION_THROWN(fixture.raw("\n\n\n\n\n\n\n\n\n\n"), Error);
        fixture.model.beforeEvaluate = nullptr;
        QCOMPARE(fixture.raw("\n\n\n\n\n\n\n\n\n\n").reusedTokens, 5U);
    }

    void logitsOfTokens() {
        Fixture fixture("plain", 16, 3);
        fixture.model.say({7});
        const std::vector<float> logits = fixture.loop.logits(std::vector<TokenId>{1, 5, 6, 7});
        QCOMPARE(logits.size(), std::size_t{kVocab});
        QCOMPARE(std::max_element(logits.begin(), logits.end()) - logits.begin(), std::ptrdiff_t{7});
        QCOMPARE(fixture.model.cache, (std::vector<TokenId>{1, 5, 6, 7}));
        QCOMPARE(fixture.model.calls, std::size_t{2});
        for (const std::vector<TokenId>& wrong : {std::vector<TokenId>{}, {512}, {-1}, std::vector<TokenId>(17, 1)}) {
            QVERIFY_EXCEPTION_THROWN((void)fixture.loop.logits(wrong), Error);
        }
    }

    void wrongBeginToken() {
        Fixture fixture;
        QVERIFY_EXCEPTION_THROWN(GenerationLoop({.forwardPass = fixture.model,
                                                 .tokenizer = fixture.tokenizer,
                                                 .chatTemplate = templateNamed("plain"),
                                                 .vocabSize = kVocab,
                                                 .bosToken = 512}),
                                 Error);
    }
};

ALCOVE_TEST(TestGenerationLoop)
#include "test_generation_loop.moc"
