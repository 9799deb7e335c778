// How far quantised copies of real models stray from their originals on text, on the graphics driver and on the
// processor; and that this is measured rightly.
#include <algorithm>
#include <array>
#include <cmath>

#include <QFile>
#include <QJsonDocument>
#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/conversion/model_writer.h"
#include "engine/evaluation/divergence.h"
#include "engine/generator.h"
#include "tests/fakes/idle_forward_pass.h"
#include "tests/rig/sample.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::engine;

namespace {

// Expects one of four tokens after whatever it reads, with logits of its own.
class FixedPass final : public fakes::IdleForwardPass {
public:
    explicit FixedPass(std::array<float, 4> logits) : IdleForwardPass(8, 3), m_logits(logits) {}
    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override {
        QCOMPARE(logits.size(), tokens.size() * m_logits.size());
        if (position == 0) {
            ++windows;
            QCOMPARE(tokens.front(), 1);
        }
        for (std::size_t i = 0; i < logits.size(); ++i) {
            logits[i] = m_logits[i % m_logits.size()];
        }
    }

    int windows = 0;

private:
    std::array<float, 4> m_logits;
};

const std::vector<TokenId> kGivenTokens = {2, 3, 0, 2, 3, 0, 2, 3, 0, 2, 3};

DivergenceResult measured(ForwardPass& original, ForwardPass& other, bool stopped = false) {
    const std::atomic<bool> stop = stopped;
    return measureDivergence(original, other, kGivenTokens, 1, 4, 8, {}, stop);
}

}  // namespace

class TestDivergence : public QObject {
    Q_OBJECT

private slots:
    void isThatOfTheDefinition();
    void quantisedCopies_data();
    void quantisedCopies();
};

void TestDivergence::isThatOfTheDefinition() {
    const auto logits = [](double a, double b, double c, double d, double shift) {
        return std::array{static_cast<float>(std::log(a) + shift), static_cast<float>(std::log(b) + shift),
                          static_cast<float>(std::log(c) + shift), static_cast<float>(std::log(d) + shift)};
    };
    FixedPass original(logits(0.5, 0.25, 0.125, 0.125, 0));
    FixedPass other(logits(0.25, 0.5, 0.125, 0.125, 3));  // a constant added to all changes no distribution
    const DivergenceResult result = measured(original, other);
    QCOMPARE(result.tokens, std::uint64_t{kGivenTokens.size()});
    QVERIFY(std::abs(result.kullbackLeibler - 0.25 * std::log(2.0)) < 1e-6);
    QVERIFY(std::abs(result.worst - result.kullbackLeibler) < 1e-6);
    QCOMPARE(result.sameTop, 0.0);
    QCOMPARE(original.windows, 2);
    const DivergenceResult same = measured(original, original);
    QVERIFY(same.kullbackLeibler < 1e-12 && same.normalisedError == 0);
    QCOMPARE(same.sameTop, 1.0);
    QVERIFY_EXCEPTION_THROWN(static_cast<void>(measured(original, other, true)), Error);
}

void TestDivergence::quantisedCopies_data() {
    QTest::addColumn<QString>("model");
    QTest::addColumn<int>("dtype");
    QTest::addColumn<QByteArray>("device");
    QTest::addColumn<double>("divergence");
    QTest::addColumn<double>("sameTop");
    const QString stories = QStringLiteral(ALCOVE_FIXTURES "/stories260K");
    const QString starter = QStringLiteral(ALCOVE_STARTER);
    // Of Q8_0 what large models keep to. Of Q4_0, small models have less to spare: each of their few values counts.
    tests::Sample sample(6);
    for (const char* device : {"vulkan", "cpu"}) {
        const auto add = [device, &sample](const char* name, const QString& model, DType dtype, double divergence,
                                           double top) {
            if (!tests::onSlowDriver() && !sample.takes()) {
                return;
            }
            QTest::addRow("%s %s %s", name, dtypeName(dtype), device)
                << model << static_cast<int>(dtype) << QByteArray(device) << divergence << top;
        };
        add("stories260K", stories, DType::Q8_0, 0.005, 0.97);
        add("stories260K", stories, DType::Q4_0, 0.17, 0.75);
        if (tests::onSlowDriver()) {
            break;
        }
        add("starter", starter, DType::Q8_0, 0.005, 0.97);
        add("starter", starter, DType::Q4_0, 0.27, 0.7);
    }
}

// Text of the kind that the model was made for, some hundred tokens.
std::string textFor(const QString& model) {
    QByteArray text;
    if (model == QStringLiteral(ALCOVE_STARTER)) {
        QFile file(QStringLiteral(ALCOVE_HELDOUT "/development.jsonl"));
        if (file.open(QIODevice::ReadOnly)) {
            while (!file.atEnd()) {
                text += QJsonDocument::fromJson(file.readLine())[u"question"].toString().toUtf8() + "\n";
            }
        }
    } else if (QFile file(QStringLiteral(ALCOVE_FIXTURES "/measures/text.txt")); file.open(QIODevice::ReadOnly)) {
        text = file.readAll();
    }
    const qsizetype letters = tests::onSlowDriver() ? 500 : 1000;
    return text.first(std::min(text.size(), letters)).toStdString();
}

void TestDivergence::quantisedCopies() {
    QFETCH(QString, model);
    QFETCH(int, dtype);
    QFETCH(QByteArray, device);
    QFETCH(double, divergence);
    QFETCH(double, sameTop);
    const std::string text = textFor(model);
    const QTemporaryDir folder;
    OpenOptions options;
    options.checkpoint = model.toStdString();
    options.device = device.toStdString();
    const std::unique_ptr<Generator> original = Generator::open(options);
    options.checkpoint = folder.filePath(QStringLiteral("copy.gguf")).toStdString();
    ModelWriteOptions write;
    write.dtype = static_cast<DType>(dtype);
    writeModel(original->checkpoint(), original->tokenizer(), selectTemplate(original->checkpoint().location()),
               options.checkpoint, write);
    const std::unique_ptr<Generator> copy = Generator::open(options);
    const ModelConfig& config = original->checkpoint().config();
    const std::atomic<bool> stop = false;
    const DivergenceResult result =
        measureDivergence(original->forwardPass(), copy->forwardPass(), original->tokenizer().encode(text),
                          config.bosToken, config.vocabSize, 256, {}, stop);
    QVERIFY(result.tokens > 200);
    const QByteArray figures =
        "KL " + QByteArray::number(result.kullbackLeibler) + ", same top token " + QByteArray::number(result.sameTop);
    qInfo("%s", figures.constData());
    QVERIFY2(result.kullbackLeibler > 0 && result.kullbackLeibler <= divergence, figures.constData());
    QVERIFY2(result.sameTop >= sameTop, figures.constData());
}

ALCOVE_TEST(TestDivergence)
#include "test_divergence.moc"
