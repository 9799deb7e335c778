// Checkpoints that are as they should be: what Checkpoint::open says of each fixture.
#include <filesystem>

#include <QTest>

#include "engine/checkpoint/checkpoint.h"

using namespace alcove::engine;

namespace {

std::filesystem::path fixture(const char* name) {
    return std::filesystem::path(ALCOVE_FIXTURES) / name;
}

}  // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

private slots:
    void opensATrainedModel();
};

void TestCheckpoint::opensATrainedModel() {
    const Checkpoint checkpoint = Checkpoint::open(fixture("stories260K"));
    QCOMPARE(checkpoint.name(), std::string("stories260K"));
    QCOMPARE(checkpoint.format(), std::string("safetensors"));
    QCOMPARE(checkpoint.sharing(), Sharing::None);
    const ModelConfig& config = checkpoint.config();
    QCOMPARE(config.architecture, std::string("LlamaForCausalLM"));
    QCOMPARE(config.hiddenSize, 64U);
    QCOMPARE(config.ffnSize, 172U);
    QCOMPARE(config.layerCount, 5U);
    QCOMPARE(config.headCount, 8U);
    QCOMPARE(config.kvHeadCount, 4U);
    QCOMPARE(config.headDim, 8U);
    QCOMPARE(config.vocabSize, 512U);
    QCOMPARE(config.contextLength, 512U);
    QVERIFY(checkpoint.weights().tiedEmbedding);
    QCOMPARE(checkpoint.weights().head.bytes.data(), checkpoint.weights().embedding.bytes.data());
    QCOMPARE(checkpoint.weights().feedForwards.size(), std::size_t{5});
    QCOMPARE(checkpoint.uniqueParameters(), std::uint64_t{260032});
    QCOMPARE(checkpoint.storedParameters(), std::uint64_t{260032});
    QCOMPARE(checkpoint.uniqueBytes(), std::uint64_t{4 * 260032});
    QCOMPARE(checkpoint.fileBytes(), std::uint64_t{1045368});
    QVERIFY(checkpoint.dtypes() == std::vector<DType>{DType::F32});
}

QTEST_APPLESS_MAIN(TestCheckpoint)
#include "test_checkpoint.moc"
