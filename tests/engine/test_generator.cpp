// The whole engine on a Vulkan device, with real checkpoints.
#include <cmath>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "engine/generator.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

const std::string kFixtures = ALCOVE_FIXTURES;

// The known output of stories260K: greedy from <s> alone.
const std::string kStory =
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park. One day, she saw a "
    "big, red ball. She wanted to play with it, but it was too high.\n"
    "Lily's mom said, \"Lily, let's go to the park.\" Lily was sad and didn't know what to do.";

std::unique_ptr<Generator> opened(const std::string& name, const std::string& device = "vulkan") {
    OpenOptions options;
    options.checkpoint = kFixtures + "/" + name;
    options.device = device;
    return Generator::open(options);
}

SamplingParameters greedy() {
    SamplingParameters parameters;
    parameters.temperature = 0;
    parameters.repetitionPenalty = 1;
    return parameters;
}

struct Told {
    GenerationResult result;
    std::string text;
};

Told tell(Generator& generator, Request request) {
    Told told;
    const std::atomic<bool> stop = false;
    told.result = generator.generate(
        request, [&told](const GenerationProgress& progress) { told.text += progress.text; }, stop);
    return told;
}

Request rawGreedy(const std::string& prompt, std::uint32_t maxTokens) {
    Request request;
    request.rawPrompt = prompt;
    request.sampling = greedy();
    request.maxTokens = maxTokens;
    return request;
}

QJsonObject expected() {
    QFile file(QString::fromStdString(kFixtures + "/mobillama-tiny/expected.json"));
    return file.open(QIODevice::ReadOnly) ? QJsonDocument::fromJson(file.readAll()).object() : QJsonObject();
}

std::vector<TokenId> tokensOf(const QJsonValue& array) {
    std::vector<TokenId> result;
    for (const QJsonValue& token : array.toArray()) {
        result.push_back(token.toInt());
    }
    return result;
}

TokenId likeliest(const std::vector<float>& logits) {
    return static_cast<TokenId>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

}  // namespace

class TestGenerator : public QObject {
    Q_OBJECT
private slots:
    void theProcessorTellsTheSameStory() {
        const auto generator = opened("stories260K", "cpu");
        QVERIFY(generator->device().kind == DeviceKind::Processor);
        const std::string text = tell(*generator, rawGreedy("", 100)).text;
        QVERIFY2(!text.empty() && kStory.starts_with(text.substr(0, kStory.size())), text.c_str());
    }
    void storiesWordForWord() {
        const std::unique_ptr<Generator> generator = opened("stories260K");
        QCOMPARE(generator->chatTemplate(), std::string("plain"));
        const Told told = tell(*generator, rawGreedy("", 120));
        QVERIFY2(told.text.starts_with(kStory), told.text.c_str());
        QCOMPARE(told.result.reason, StopReason::MaxTokens);
        QCOMPARE(told.result.promptTokens, 1U);
        QCOMPARE(told.text, generator->tokenizer().decode(told.result.tokens));
    }

    // The same story must come out wherever the prompt ends and the model goes on, and whatever the cache held.
    void storyGoesOnFromAnyOfItsWords() {
        const std::unique_ptr<Generator> generator = opened("stories260K");
        const std::vector<TokenId> whole = tell(*generator, rawGreedy("", 60)).result.tokens;
        const std::string text = generator->tokenizer().decode(whole);
        for (const char* word : {" time", " Lily. She", " big, red"}) {
            const std::string prompt = text.substr(0, text.find(word) + std::string(word).size());
            const std::vector<TokenId> encoded = generator->tokenizer().encode(prompt);
            QVERIFY(std::equal(encoded.begin(), encoded.end(), whole.begin()));
            const auto rest = static_cast<std::uint32_t>(whole.size() - encoded.size());
            const Told warm = tell(*generator, rawGreedy(prompt, rest));
            QCOMPARE(warm.result.tokens,
                     std::vector<TokenId>(whole.begin() + static_cast<std::ptrdiff_t>(encoded.size()), whole.end()));
            QCOMPARE(warm.result.reusedTokens, warm.result.promptTokens - 1);
            QCOMPARE(prompt + warm.text, text);
        }
        const std::unique_ptr<Generator> fresh = opened("stories260K");
        const Told cold = tell(*fresh, rawGreedy(text.substr(0, text.find(" big, red") + 9), 10));
        QCOMPARE(cold.result.reusedTokens, 0U);
        QVERIFY(text.find(cold.text) != std::string::npos);
    }

    void mobillamaTinyMatchesTheReference() {
        const std::unique_ptr<Generator> generator = opened("mobillama-tiny");
        QVERIFY(generator->checkpoint().weights().feedForwards.size() == 1);
        const QJsonObject reference = expected();
        std::vector<TokenId> tokens = tokensOf(reference["tokens"]);
        const std::vector<float> logits = generator->logits(tokens);
        const QJsonArray wanted = reference["logits_last"].toArray();
        QCOMPARE(static_cast<qsizetype>(logits.size()), wanted.size());
        double difference = 0;
        double size = 0;
        for (std::size_t i = 0; i < logits.size(); ++i) {
            const double value = wanted[static_cast<qsizetype>(i)].toDouble();
            difference += std::pow(logits[i] - value, 2);
            size += value * value;
        }
        // Keys and values are kept in 16 bits.
        QVERIFY2(difference / size <= 1e-5, qPrintable(QString::number(difference / size)));

        const std::vector<TokenId> following = tokensOf(reference["greedy_next_24"]);
        QCOMPARE(following.size(), std::size_t{24});
        for (const TokenId next : following) {
            QCOMPARE(likeliest(generator->logits(tokens)), next);
            tokens.push_back(next);
        }
    }

    // The reference's 24 tokens again, one evaluate() each: decode against prefill.
    void mobillamaTinyDecodes() {
        const std::unique_ptr<Generator> generator = opened("mobillama-tiny");
        const QJsonObject reference = expected();
        const std::vector<TokenId> tokens = tokensOf(reference["tokens"]);
        ForwardPass& model = generator->forwardPass();
        std::vector<float> logits(generator->checkpoint().config().vocabSize);
        model.evaluate(tokens, 0, logits);
        auto position = static_cast<std::uint32_t>(tokens.size());
        for (const TokenId next : tokensOf(reference["greedy_next_24"])) {
            QCOMPARE(likeliest(logits), next);
            model.evaluate(std::span(&next, 1), position++, logits);
        }
    }

    void seedsRepeatReplies() {
        const std::unique_ptr<Generator> generator = opened("stories260K");
        Request request;
        request.messages = {{Role::User, "Lily wanted"}};
        request.maxTokens = 30;
        request.sampling.temperature = 1;
        const auto reply = [&](std::uint64_t seed) {
            request.sampling.seed = seed;
            return tell(*generator, request).text;
        };
        const std::string first = reply(1);
        QVERIFY(reply(2) != first);
        QCOMPARE(reply(1), first);
    }

    void contextSizeIsTheSmallerOne() {
        OpenOptions options;
        options.checkpoint = kFixtures + "/stories260K";
        options.contextSize = 40;
        const std::unique_ptr<Generator> small = Generator::open(options);
        QCOMPARE(small->forwardPass().contextSize(), 40U);
        const Told told = tell(*small, rawGreedy("", 0));
        QCOMPARE(told.result.reason, StopReason::ContextFull);
        QCOMPARE(told.result.tokens.size(), std::size_t{40});
        QVERIFY(kStory.starts_with(told.text));
        options.contextSize = 100000;
        QCOMPARE(Generator::open(options)->forwardPass().contextSize(), 512U);
    }

    void progressGrowsToOne() {
        OpenOptions options;
        options.checkpoint = kFixtures + "/mobillama-tiny";
        std::vector<double> shares;
        options.progress = [&shares](double share) { shares.push_back(share); };
        (void)Generator::open(options);
        QVERIFY(shares.size() > 4);
        QCOMPARE(shares.front(), 0.0);
        QCOMPARE(shares.back(), 1.0);
        QVERIFY(std::is_sorted(shares.begin(), shares.end()));
    }

    void openingCanBeCancelled() {
        std::atomic<bool> cancel = false;
        OpenOptions options;
        options.checkpoint = kFixtures + "/stories260K";
        options.cancel = cancel;
        options.progress = [&cancel](double share) { cancel = share > 0.1; };
        try {
            (void)Generator::open(options);
            QFAIL("it was opened");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::Cancelled);
        }
    }

    void errorsPassThrough_data() {
        QTest::addColumn<QString>("breakIt");
        QTest::addColumn<int>("code");
        QTest::newRow("no tokenizer") << "rm tokenizer.model" << int(ErrorCode::FileMissing);
        QTest::newRow("no weights") << "rm model.safetensors" << int(ErrorCode::FileMissing);
        QTest::newRow("wrong alcove.json")
            << "alcove.json {\"chat_template\": \"nope\"}" << int(ErrorCode::FileDamaged);
        QTest::newRow("damaged tokenizer") << "tokenizer.model nonsense" << int(ErrorCode::FileDamaged);
        QTest::newRow("no such device") << "device nonsense" << int(ErrorCode::DeviceNotFound);
        QTest::newRow("no such template") << "template nonsense" << int(ErrorCode::InvalidRequest);
    }
    void errorsPassThrough() {
        QFETCH(QString, breakIt);
        QFETCH(int, code);
        QTemporaryDir folder;
        const QDir source(QString::fromStdString(kFixtures + "/stories260K"));
        for (const QString& name : source.entryList(QDir::Files)) {
            QVERIFY(QFile::copy(source.filePath(name), folder.filePath(name)));
        }
        OpenOptions options;
        options.checkpoint = folder.path().toStdString();
        const QString what = breakIt.section(' ', 0, 0);
        const QString value = breakIt.section(' ', 1);
        if (what == "rm") {
            QVERIFY(QFile::remove(folder.filePath(value)));
        } else if (what == "device") {
            options.device = value.toStdString();
        } else if (what == "template") {
            options.chatTemplate = value.toStdString();
        } else {
            QFile file(folder.filePath(what));
            QVERIFY(file.remove() || !file.exists());
            QVERIFY(file.open(QIODevice::WriteOnly));
            file.write(value.toUtf8());
        }
        try {
            (void)Generator::open(options);
            QFAIL("it was opened");
        } catch (const Error& error) {
            QCOMPARE(int(error.code()), code);
            QVERIFY(QString(error.what()).endsWith('.') || QString(error.what()).contains("\n"));
        }
    }

    void chatTemplateIsChosenByName() {
        OpenOptions options;
        options.checkpoint = kFixtures + "/stories260K";
        options.chatTemplate = "mobillama-chat";
        const std::unique_ptr<Generator> generator = Generator::open(options);
        QCOMPARE(generator->chatTemplate(), std::string("mobillama-chat"));
        Request request;
        request.messages = {{Role::User, "Hi"}};
        request.maxTokens = 5;
        QVERIFY(tell(*generator, request).result.promptTokens > 60);
    }
};

ALCOVE_TEST(TestGenerator)
#include "test_generator.moc"
