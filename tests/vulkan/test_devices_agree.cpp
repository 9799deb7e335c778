// The processor and a Vulkan device compute the same: every fixture, as it is stored and quantised, in prompts and
// token by token.
#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "engine/conversion/model_writer.h"
#include "engine/cpu/cpu_forward_pass.h"
#include "engine/devices/device_list.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"
#include "tests/reference/reference.h"
#include "tests/rig/sample.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::engine;

namespace {

// Of a single row, where each of the two may be off by the bound, and in opposite directions: (1 + 1)².
constexpr double kBothWays = 4;

constexpr std::size_t kPrompt = 24;
constexpr std::size_t kSteps = 6;

void verifyClose(std::span<const float> got, std::span<const float> expected, double bound, const char* what) {
    const double error = reference::normalisedError(got, std::vector<double>(expected.begin(), expected.end()));
    QVERIFY2(error <= bound, qPrintable(QStringLiteral("%1: %2").arg(what).arg(error)));
}

// Logits after every one of `tokens`, row by row.
std::vector<float> rowsOf(ForwardPass& pass, std::span<const TokenId> tokens, std::size_t vocab, std::size_t chunk) {
    std::vector<float> logits(tokens.size() * vocab);
    for (std::size_t at = 0; at < tokens.size();) {
        const std::size_t n = std::min({tokens.size() - at, chunk, std::size_t{pass.chunkSize()}});
        pass.evaluate(tokens.subspan(at, n), static_cast<std::uint32_t>(at),
                      std::span(logits).subspan(at * vocab, n * vocab));
        at += n;
    }
    return logits;
}

std::vector<TokenId> tokensOf(const QString& folder) {
    QFile file(folder + "/expected.json");
    std::vector<TokenId> tokens;
    if (file.open(QIODevice::ReadOnly)) {
        const QJsonObject expected = QJsonDocument::fromJson(file.readAll()).object();
        for (const char* key : {"tokens", "greedy_next_24"}) {
            for (const QJsonValue& token : expected[QLatin1String(key)].toArray()) {
                tokens.push_back(token.toInt());
            }
        }
    }
    return tokens;
}

}  // namespace

class TestDevicesAgree : public QObject {
    Q_OBJECT

private slots:
    void onEveryFixture_data();
    void onEveryFixture();
};

void TestDevicesAgree::onEveryFixture_data() {
    QTest::addColumn<QString>("folder");
    QTest::addColumn<int>("dtype");
    const QDir fixtures(QStringLiteral(ALCOVE_FIXTURES));
    tests::Sample sample(6);
    for (const QString& name : fixtures.entryList(QDir::Dirs | QDir::NoDotAndDotDot)) {
        // stories260K is the smoke test of slow drivers.
        if (fixtures.exists(name + QStringLiteral("/expected.json")) && (name == "stories260K" || sample.takes())) {
            QTest::addRow("%s", qPrintable(name)) << fixtures.filePath(name) << -1;
        }
    }
    // Of the large ones, with rows of whole blocks.
    for (const char* name : {"grouped-hd80-f16", "mobillama-tiny", "shared-hd64-bf16", "stories260K"}) {
        for (const DType dtype : {DType::Q8_0, DType::Q4_0}) {
            if (sample.takes()) {
                QTest::addRow("%s, %s", name, dtypeName(dtype))
                    << fixtures.filePath(QLatin1String(name)) << static_cast<int>(dtype);
            }
        }
    }
}

void TestDevicesAgree::onEveryFixture() {
    QFETCH(QString, folder);
    QFETCH(int, dtype);
    const QTemporaryDir made;
    std::filesystem::path path = folder.toStdString();
    if (dtype >= 0) {
        const Checkpoint stored = Checkpoint::open(path);
        const Tokenizer tokenizer = Tokenizer::open(stored.location(), stored.config().vocabSize);
        path = made.path().toStdString() + "/model.gguf";
        ModelWriteOptions options;
        options.dtype = static_cast<DType>(dtype);
        static_cast<void>(writeModel(stored, tokenizer, selectTemplate(stored.location()), path, options));
    }
    const Checkpoint checkpoint = Checkpoint::open(path);
    const ModelConfig& config = checkpoint.config();
    const std::vector<TokenId> all = tokensOf(folder);
    QVERIFY(all.size() > kPrompt);
    const auto processor = makeCpuForwardPass(config, checkpoint.weights(), {.contextSize = config.contextLength});
    const auto device = makeVulkanForwardPass(listDevices().front(), config, checkpoint.weights(),
                                              {.contextSize = config.contextLength});
    const double bound = dtype < 0 ? reference::kLogitsBound : reference::kByteLogitsBound;
    // At once, and one by one.
    for (const std::size_t chunk : {kPrompt, std::size_t{1}}) {
        const std::span<const TokenId> tokens = std::span(all).first(chunk == 1 ? kSteps : kPrompt);
        const std::vector<float> expected = rowsOf(*processor, tokens, config.vocabSize, chunk);
        const std::vector<float> got = rowsOf(*device, tokens, config.vocabSize, chunk);
        verifyClose(got, expected, bound, "all rows");
        for (std::size_t row = 0; row < tokens.size(); ++row) {
            const std::size_t at = row * config.vocabSize;
            verifyClose(std::span(got).subspan(at, config.vocabSize), std::span(expected).subspan(at, config.vocabSize),
                        kBothWays * bound, qPrintable(QStringLiteral("row %1").arg(row)));
        }
    }
}

ALCOVE_TEST(TestDevicesAgree)
#include "test_devices_agree.moc"
