// Losing the device at every possible moment changes no reply, and a second loss is reported.
#include <QTest>

#include "engine/base/error.h"
#include "engine/generation/generation_loop.h"
#include "engine/model/resilient_forward_pass.h"
#include "tests/fakes/idle_forward_pass.h"
#include "tests/fakes/scripted_forward_pass.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::fakes::ScriptedForwardPass;

namespace {

constexpr std::uint32_t kVocab = 512;
constexpr std::uint32_t kContext = 256;
constexpr std::size_t kNever = 1'000'000;

// Calls until the device is lost, counted over all forward passes of a test, and whether the work of the lost call is
// done before that is found out.
struct Losses {
    std::vector<std::size_t> calls;  // numbers of the calls that fail, from 1
    bool late = false;
    std::size_t made = 0;
    std::function<void()> atLoss = [] {};
};

// A model whose logits depend on all tokens it was given, on a device that is lost where `losses` says.
class LosingForwardPass final : public alcove::fakes::IdleForwardPass {
public:
    LosingForwardPass(Losses& losses, std::uint32_t chunkSize)
        : IdleForwardPass(kContext, chunkSize), m_losses(&losses), m_model(kVocab, kContext, chunkSize) {
        m_model.compute = [](std::span<const TokenId> sequence, std::span<float> logits) {
            std::uint32_t mix = 2166136261U;
            // Some of the past alone decides, so that the text repeats itself and drafts succeed.
            for (const TokenId token : sequence.last(std::min<std::size_t>(sequence.size(), 2))) {
                mix = (mix ^ static_cast<std::uint32_t>(token)) * 16777619U;
            }
            for (std::size_t i = 0; i < logits.size(); ++i) {
                mix = mix * 1664525U + 1013904223U;
                const bool common = i >= 3 + 'a' && i < 3 + 'g';
                logits[i] = static_cast<float>(mix >> 24U) / 64.0F + (common ? 20.0F : 0.0F);
            }
        };
    }

    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override {
        run([&] { m_model.evaluate(tokens, position, logits); });
    }
    void beginDecoding(const DecodeRun& decodeRun) override {
        run([&] { m_model.beginDecoding(decodeRun); });
    }
    std::span<const TokenId> nextTokens(std::span<const TokenId> draft) override {
        std::span<const TokenId> tokens;
        run([&] { tokens = m_model.nextTokens(draft); });
        return tokens;
    }
    void endDecoding() override {
        run([&] { m_model.endDecoding(); });
    }

private:
    template <class Work>
    void run(const Work& work) {
        ++m_losses->made;
        const bool lost = std::ranges::find(m_losses->calls, m_losses->made) != m_losses->calls.end();
        if (!lost || m_losses->late) {
            work();
        }
        if (lost) {
            m_losses->atLoss();
            throw Error(ErrorCode::DeviceLost, Sentence::verbatim("The device stopped answering."));
        }
    }

    Losses* m_losses;
    ScriptedForwardPass m_model;
};

struct RecoveryFixture {
    explicit RecoveryFixture(Losses wanted, bool withFallback = false)
        : losses(std::move(wanted)),
          tokenizer(Tokenizer::open(ALCOVE_FIXTURES "/stories260K", kVocab)),
          pass(
              std::make_unique<LosingForwardPass>(losses, 16), kVocab,
              [this, withFallback](const Recovery& recovery) -> std::unique_ptr<ForwardPass> {
                  asked.push_back(recovery.losses);
                  if (failsToOpen || recovery.losses > 2) {
                      throw Error(ErrorCode::NoVulkan, Sentence::verbatim("There is no driver any more."));
                  }
                  if (recovery.losses == 2 && !withFallback) {
                      return nullptr;
                  }
                  // Smaller chunks than the one before.
                  return std::make_unique<LosingForwardPass>(losses, 8 / recovery.losses);
              },
              [this](const Sentence& sentence) { notices.push_back(sentence.english()); }),
          loop({.forwardPass = pass,
                .tokenizer = tokenizer,
                .chatTemplate = templateNamed("mobillama-chat"),
                .vocabSize = kVocab}) {}

    GenerationResult run(float temperature, bool speculation) {
        Request request;
        request.rawPrompt = "abcabcabc, once there was a tree. abcabcabc, once there was another tree, too. abcabc";
        request.sampling = {.temperature = temperature, .repetitionPenalty = 1, .seed = 7};
        request.maxTokens = 30;
        request.speculation = speculation;
        text.clear();
        return loop.generate(
            request, [this](const GenerationProgress& now) { text += now.text; }, stop);
    }

    Losses losses;
    bool failsToOpen = false;
    std::vector<std::uint32_t> asked;
    std::vector<std::string> notices;
    Tokenizer tokenizer;
    ResilientForwardPass pass;
    GenerationLoop loop;
    std::string text;
    std::atomic<bool> stop = false;
};

template <class Action>
Error errorOf(Action action) {
    try {
        action();
    } catch (const Error& error) {
        return error;
    }
    return Error(ErrorCode::InvalidRequest, Sentence::verbatim("nothing was thrown"));
}

}  // namespace

class TestResilientForwardPass : public QObject {
    Q_OBJECT

private slots:
    void repliesStayTheSame_data();
    void repliesStayTheSame();
    void aSecondLossMovesOn_data() { repliesStayTheSame_data(); }
    void aSecondLossMovesOn();
    void aSecondLossIsSaid();
    void failingToOpenCounts();
    void rowsStayTheSame();
    void isNotOpenedAgainForAReplyThatIsStopped();
};

// A person who stops a reply of a device that does not answer need not wait until it is open again.
void TestResilientForwardPass::isNotOpenedAgainForAReplyThatIsStopped() {
    RecoveryFixture undisturbed({});
    const GenerationResult expected = undisturbed.run(0, true);
    const std::size_t calls = undisturbed.losses.made;
    for (std::size_t call = 1; call <= calls; ++call) {
        RecoveryFixture fixture({.calls = {call}});
        fixture.losses.atLoss = [&fixture] { fixture.stop = true; };
        const GenerationResult stopped = fixture.run(0, true);
        QVERIFY(stopped.reason == (call == calls ? expected.reason : StopReason::Cancelled));
        QVERIFY(fixture.asked.empty() && fixture.notices.empty());
        QVERIFY(undisturbed.text.starts_with(fixture.text));
        // The next one needs it, and the cache is what the loop thinks it is.
        fixture.stop = false;
        QVERIFY(fixture.run(0, true).tokens == expected.tokens);
        QCOMPARE(fixture.text, undisturbed.text);
        QCOMPARE(fixture.asked, std::vector<std::uint32_t>{1});
    }
}

void TestResilientForwardPass::repliesStayTheSame_data() {
    QTest::addColumn<float>("temperature");
    QTest::addColumn<bool>("speculation");
    QTest::addColumn<bool>("late");
    for (const bool late : {false, true}) {
        for (const bool speculation : {false, true}) {
            for (const float temperature : {0.0F, 1.0F}) {
                QTest::addRow("%s, %s, %s", temperature > 0 ? "drawn" : "greedy", speculation ? "guessing" : "plain",
                              late ? "late" : "early")
                    << temperature << speculation << late;
            }
        }
    }
}

void TestResilientForwardPass::repliesStayTheSame() {
    QFETCH(float, temperature);
    QFETCH(bool, speculation);
    QFETCH(bool, late);
    RecoveryFixture undisturbed({});
    const GenerationResult expected = undisturbed.run(temperature, speculation);
    QCOMPARE(expected.tokens.size(), std::size_t{30});
    QVERIFY(speculation ? expected.acceptedTokens > 0 : expected.draftedTokens == 0);
    const std::size_t calls = undisturbed.losses.made;
    const GenerationResult again = undisturbed.run(temperature, speculation);
    QVERIFY(undisturbed.notices.empty() && undisturbed.asked.empty());
    for (std::size_t call = 1; call <= calls; ++call) {
        RecoveryFixture fixture({.calls = {call}, .late = late});
        const GenerationResult result = fixture.run(temperature, speculation);
        QVERIFY2(result.tokens == expected.tokens, qPrintable(QString::number(call)));
        QCOMPARE(fixture.text, undisturbed.text);
        QCOMPARE(result.draftedTokens, expected.draftedTokens);
        // The cache holds what it should: the next reply is the same, too. A device lost at the very end is only
        // now opened again.
        QVERIFY(fixture.run(temperature, speculation).tokens == again.tokens);
        QCOMPARE(fixture.asked, std::vector<std::uint32_t>{1});
        QCOMPARE(fixture.notices.size(), std::size_t{1});
        QVERIFY(fixture.notices[0].find("The reply continues") != std::string::npos);
    }
}

void TestResilientForwardPass::aSecondLossMovesOn() {
    QFETCH(float, temperature);
    QFETCH(bool, speculation);
    QFETCH(bool, late);
    RecoveryFixture undisturbed({});
    const GenerationResult expected = undisturbed.run(temperature, speculation);
    for (std::size_t call = 1; call < undisturbed.losses.made; ++call) {
        for (const std::size_t later : {1U, 2U, 7U, 15U}) {
            RecoveryFixture fixture({.calls = {call, call + later}, .late = late}, true);
            QVERIFY(fixture.run(temperature, speculation).tokens == expected.tokens);
            QCOMPARE(fixture.text, undisturbed.text);
            if (fixture.losses.made > call + later) {
                QCOMPARE(fixture.asked, (std::vector<std::uint32_t>{1, 2}));
                QVERIFY(fixture.notices.back().find("twice") != std::string::npos);
            }
        }
    }
}

void TestResilientForwardPass::aSecondLossIsSaid() {
    RecoveryFixture undisturbed({});
    static_cast<void>(undisturbed.run(0, false));
    const std::size_t calls = undisturbed.losses.made;
    RecoveryFixture fixture({.calls = {calls - 12, calls + 5}});
    const Error error = errorOf([&] { static_cast<void>(fixture.run(0, false)); });
    QVERIFY(error.code() == ErrorCode::DeviceLost);
    QVERIFY2(std::string(error.what()).find("failed twice") != std::string::npos, error.what());
    QVERIFY(!fixture.text.empty() && undisturbed.text.starts_with(fixture.text));
    QCOMPARE(fixture.pass.contextSize(), kContext);
    QVERIFY(fixture.pass.chunkSize() > 0);
    // And again, without another try.
    QVERIFY(errorOf([&] { static_cast<void>(fixture.run(0, false)); }).code() == ErrorCode::DeviceLost);
    QCOMPARE(fixture.asked, (std::vector<std::uint32_t>{1, 2}));
}

void TestResilientForwardPass::failingToOpenCounts() {
    RecoveryFixture fixture({.calls = {3}}, true);
    fixture.failsToOpen = true;
    const Error error = errorOf([&] { static_cast<void>(fixture.run(0, false)); });
    QVERIFY(error.code() == ErrorCode::DeviceLost);
    QVERIFY2(std::string(error.what()).find("failed again") != std::string::npos, error.what());
    QVERIFY2(std::string(error.what()).find("no driver") != std::string::npos, error.what());
    QCOMPARE(fixture.asked, (std::vector<std::uint32_t>{1, 2}));
    QVERIFY(fixture.notices.empty());
}

// Rows of logits come out whole where the new forward pass takes smaller chunks.
void TestResilientForwardPass::rowsStayTheSame() {
    const std::vector<TokenId> context = {1, 100, 101, 102};
    const std::vector<std::vector<TokenId>> continuations = {{100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110},
                                                             {101}};
    RecoveryFixture undisturbed({});
    const auto expected = undisturbed.loop.logLikelihoods(context, continuations, undisturbed.stop);
    for (std::size_t call = 1; call <= undisturbed.losses.made; ++call) {
        RecoveryFixture fixture({.calls = {call, call == 1 ? kNever : call + 2}}, true);
        QVERIFY(fixture.loop.logLikelihoods(context, continuations, fixture.stop) == expected);
    }
}

ALCOVE_TEST(TestResilientForwardPass)
#include "test_resilient_forward_pass.moc"
