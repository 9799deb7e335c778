// Intact checkpoints: what Checkpoint::open reports about each fixture.
#include <filesystem>
#include <fstream>

#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

std::filesystem::path fixture(const char* name) {
    return std::filesystem::path(ALCOVE_FIXTURES) / name;
}

// How much of a mapped file this process holds in memory.
int residentKilobytes(const std::filesystem::path& file) {
    std::ifstream maps("/proc/self/smaps");
    bool ofFile = false;
    int sum = 0;
    for (std::string line; std::getline(maps, line);) {
        if (line.find('-') < line.find(' ')) {  // the first line of a mapping: its addresses and its file
            ofFile = line.ends_with(file.string());
        } else if (ofFile && line.starts_with("Rss:")) {
            sum += std::stoi(line.substr(4));
        }
    }
    return sum;
}

struct Expected {
    const char* format;
    Sharing sharing;
    std::uint32_t hidden, ffn, layers, heads, kvHeads, headDim;
    bool tied;
    std::uint64_t uniqueParameters, storedParameters, uniqueBytes;
    std::vector<DType> dtypes;
};

}  // namespace

class TestCheckpoint : public QObject {
    Q_OBJECT

private slots:
    void understandsFixtures_data();
    void understandsFixtures();
    void keepsOneCopyOfTheBlock_data();
    void keepsOneCopyOfTheBlock();
    void readsConstants();
    void takesTheFolderOrAnyFileInIt();
    void staysValidWhenMoved();
    void givesMemoryBack();
};

void TestCheckpoint::understandsFixtures_data() {
    QTest::addColumn<Expected>("expected");
    QTest::newRow("stories260K") << Expected{"safetensors", Sharing::None, 64,     172,        5,           8, 4, 8,
                                             true,          260032,        260032, 4 * 260032, {DType::F32}};
    // Each shard holds one copy of the block, under the names of two layers.
    QTest::newRow("mobillama-tiny") << Expected{"torch archive, 2 shards",
                                                Sharing::EqualContent,
                                                64,
                                                176,
                                                4,
                                                8,
                                                8,
                                                8,
                                                false,
                                                165440,
                                                199232,
                                                2 * 165440,
                                                {DType::F16}};
    QTest::newRow("shared-hd64-bf16") << Expected{
        "torch archive", Sharing::SameStorage, 128, 172, 2, 2, 2, 64, false, 328832, 328832, 2 * 328832, {DType::BF16}};
    QTest::newRow("grouped-hd80-f16") << Expected{
        "safetensors", Sharing::None, 160, 64, 2, 2, 1, 80, true, 297760, 297760, 2 * 297760, {DType::F16}};
    QTest::newRow("copied-f32") << Expected{"torch archive, 2 shards",
                                            Sharing::EqualContent,
                                            32,
                                            48,
                                            3,
                                            4,
                                            4,
                                            8,
                                            false,
                                            49888,
                                            59104,
                                            4 * 49888,
                                            {DType::F32}};
    QTest::newRow("single-name-bf16") << Expected{
        "safetensors", Sharing::SingleName, 32, 48, 3, 4, 4, 8, false, 49888, 49888, 2 * 49888, {DType::BF16}};
    QTest::newRow("sharded-f16") << Expected{
        "safetensors, 2 shards", Sharing::None, 32, 44, 3, 4, 2, 16, true, 47712, 64096, 2 * 47712, {DType::F16}};
    // Norms are F32: five of 32 values, each two bytes longer.
    QTest::newRow("parameters-f16") << Expected{
        "torch archive",        Sharing::EqualContent,   32, 48, 2, 4, 4, 8, false, 45728, 50336,
        2 * 45728 + 2 * 5 * 32, {DType::F32, DType::F16}};
}

void TestCheckpoint::understandsFixtures() {
    QFETCH(const Expected, expected);
    const std::filesystem::path folder = fixture(QTest::currentDataTag());
    const Checkpoint checkpoint = Checkpoint::open(folder);
    QCOMPARE(checkpoint.location(), folder);
    QCOMPARE(checkpoint.name(), std::string(QTest::currentDataTag()));
    QCOMPARE(checkpoint.format(), std::string(expected.format));
    QCOMPARE(checkpoint.sharing(), expected.sharing);
    const ModelConfig& config = checkpoint.config();
    QCOMPARE(config.hiddenSize, expected.hidden);
    QCOMPARE(config.ffnSize, expected.ffn);
    QCOMPARE(config.layerCount, expected.layers);
    QCOMPARE(config.headCount, expected.heads);
    QCOMPARE(config.kvHeadCount, expected.kvHeads);
    QCOMPARE(config.headDim, expected.headDim);
    QCOMPARE(config.vocabSize, 512U);
    QCOMPARE(checkpoint.weights().tiedEmbedding, expected.tied);
    QCOMPARE(checkpoint.uniqueParameters(), expected.uniqueParameters);
    QCOMPARE(checkpoint.storedParameters(), expected.storedParameters);
    QCOMPARE(checkpoint.uniqueBytes(), expected.uniqueBytes);
    QVERIFY(checkpoint.dtypes() == expected.dtypes);
    QVERIFY(checkpoint.fileBytes() > expected.storedParameters * 2);
    QCOMPARE(checkpoint.weights().layers.size(), std::size_t{expected.layers});

    const ModelWeights& weights = checkpoint.weights();
    const std::uint64_t hidden = expected.hidden;
    const std::uint64_t ffn = expected.ffn;
    using Shape = std::vector<std::uint64_t>;
    QCOMPARE(weights.embedding.shape, (Shape{512, hidden}));
    QCOMPARE(weights.head.shape, (Shape{512, hidden}));
    for (const LayerWeights& layer : weights.layers) {
        QCOMPARE(layer.query.shape, (Shape{std::uint64_t{expected.heads} * expected.headDim, hidden}));
        QCOMPARE(layer.key.shape, (Shape{std::uint64_t{expected.kvHeads} * expected.headDim, hidden}));
        const FeedForwardWeights& block = weights.feedForwards.at(layer.feedForward);
        QCOMPARE(block.gate.shape, (Shape{ffn, hidden}));
        QCOMPARE(block.down.shape, (Shape{hidden, ffn}));
        QCOMPARE(block.down.bytes.size(), hidden * ffn * dtypeSize(block.down.dtype));
    }
}

void TestCheckpoint::keepsOneCopyOfTheBlock_data() {
    QTest::addColumn<std::size_t>("blocks");
    QTest::newRow("mobillama-tiny") << std::size_t{1};
    QTest::newRow("shared-hd64-bf16") << std::size_t{1};
    QTest::newRow("copied-f32") << std::size_t{1};
    QTest::newRow("single-name-bf16") << std::size_t{1};
    QTest::newRow("parameters-f16") << std::size_t{1};
    QTest::newRow("stories260K") << std::size_t{5};
    QTest::newRow("sharded-f16") << std::size_t{3};
}

void TestCheckpoint::keepsOneCopyOfTheBlock() {
    QFETCH(const std::size_t, blocks);
    const Checkpoint checkpoint = Checkpoint::open(fixture(QTest::currentDataTag()));
    QCOMPARE(checkpoint.weights().feedForwards.size(), blocks);
    for (std::size_t i = 0; i < checkpoint.weights().layers.size(); ++i) {
        QCOMPARE(checkpoint.weights().layers[i].feedForward, blocks == 1 ? 0 : i);
    }
}

void TestCheckpoint::readsConstants() {
    const Checkpoint single = Checkpoint::open(fixture("single-name-bf16"));
    QCOMPARE(single.config().architecture, std::string("MobiLlamaForCausalLM"));
    QCOMPARE(single.config().contextLength, 256U);
    QCOMPARE(single.config().rmsNormEpsilon, 1e-5F);
    QCOMPARE(single.config().ropeTheta, 10000.0F);
    QCOMPARE(single.config().bosToken, 1);
    QCOMPARE(single.config().eosTokens, (std::vector<TokenId>{2, 5}));
    const Checkpoint stories = Checkpoint::open(fixture("stories260K"));
    QCOMPARE(stories.config().architecture, std::string("LlamaForCausalLM"));
    QCOMPARE(stories.config().contextLength, 512U);
    QCOMPARE(stories.config().eosTokens, (std::vector<TokenId>{2}));
    QCOMPARE(stories.fileBytes(), std::uint64_t{1045368});
    QCOMPARE(stories.weights().head.bytes.data(), stories.weights().embedding.bytes.data());
}

void TestCheckpoint::takesTheFolderOrAnyFileInIt() {
    const std::filesystem::path folder = fixture("stories260K");
    for (const std::filesystem::path& path :
         {folder, folder / "", folder / "model.safetensors", folder / "config.json", folder / ".." / "stories260K"}) {
        const Checkpoint checkpoint = Checkpoint::open(path);
        QCOMPARE(checkpoint.location(), folder);
        QCOMPARE(checkpoint.name(), std::string("stories260K"));
    }
}

void TestCheckpoint::staysValidWhenMoved() {
    Checkpoint first = Checkpoint::open(fixture("stories260K"));
    const std::byte* bytes = first.weights().embedding.bytes.data();
    const std::byte value = *bytes;
    Checkpoint second = Checkpoint::open(fixture("mobillama-tiny"));
    second = std::move(first);
    QCOMPARE(second.name(), std::string("stories260K"));
    QCOMPARE(second.weights().embedding.bytes.data(), bytes);
    QCOMPARE(*bytes, value);
}

void TestCheckpoint::givesMemoryBack() {
    const std::filesystem::path folder = fixture("stories260K");
    const Checkpoint checkpoint = Checkpoint::open(folder);
    const std::span<const std::byte> bytes = checkpoint.weights().embedding.bytes;
    const std::vector<std::byte> before(bytes.begin(), bytes.end());
    QVERIFY(residentKilobytes(folder / "model.safetensors") > 0);
    checkpoint.releasePages();
    QCOMPARE(residentKilobytes(folder / "model.safetensors"), 0);
    QVERIFY(std::equal(bytes.begin(), bytes.end(), before.begin()));
}

ALCOVE_TEST(TestCheckpoint)
#include "test_checkpoint.moc"
