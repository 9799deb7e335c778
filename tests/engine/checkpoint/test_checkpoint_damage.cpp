// Files that are missing, misplaced or damaged: always an Error with a sentence, never anything else.
#include <random>
#include <sys/stat.h>

#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/checkpoint/checkpoint.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::test;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// Reads every byte that an opened checkpoint offers, so that a view outside its mapping would show.
std::uint64_t touch(const Checkpoint& checkpoint) {
    std::uint64_t sum = 0;
    const auto add = [&sum](const TensorView& tensor) {
        for (const std::byte byte : tensor.bytes) {
            sum += std::to_integer<std::uint64_t>(byte);
        }
    };
    const ModelWeights& weights = checkpoint.weights();
    add(weights.embedding);
    add(weights.head);
    add(weights.finalNorm);
    for (const LayerWeights& layer : weights.layers) {
        for (const TensorView* tensor :
             {&layer.attentionNorm, &layer.query, &layer.key, &layer.value, &layer.output, &layer.feedForwardNorm,
              &weights.feedForwards.at(layer.feedForward).gate, &weights.feedForwards.at(layer.feedForward).up,
              &weights.feedForwards.at(layer.feedForward).down}) {
            add(*tensor);
        }
    }
    return sum;
}

}  // namespace

class TestCheckpointDamage : public QObject {
    Q_OBJECT

private slots:
    void saysWhatIsMissing();
    void saysWhatCannotBeRead();
    void refusesUnsafeShardNames_data();
    void refusesUnsafeShardNames();
    void holdsTheIndexAgainstTheShards();
    void ignoresOtherFiles();
    void prefersSafetensors();
    void needsTheWholeFile_data();
    void needsTheWholeFile();
    void survivesFlippedBits_data();
    void survivesFlippedBits();
};

void TestCheckpointDamage::saysWhatIsMissing() {
    EXPECT_ERROR((void)Checkpoint::open("/nowhere/at/all"), ErrorCode::FileMissing, "/nowhere/at/all is not there");
    const ScratchFolder empty;
    EXPECT_ERROR((void)Checkpoint::open(empty.path()), ErrorCode::FileMissing,
                 "has no config.json, so it is not a checkpoint folder");
    const ScratchFolder folder("copied-f32");
    fs::remove(folder / "pytorch_model-00002-of-00002.bin");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileMissing,
                 "lacks pytorch_model-00002-of-00002.bin, which");
    fs::remove(folder / "pytorch_model.bin.index.json");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileMissing, "has no weights");
    // A link whose target is gone, as in a cleaned download cache.
    fs::create_symlink("gone", folder / "pytorch_model.bin");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileMissing, "pytorch_model.bin is not there");
}

void TestCheckpointDamage::saysWhatCannotBeRead() {
    const ScratchFolder folder("single-name-bf16");
    writeFile(folder / "model.safetensors", "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "Git LFS pointer");
    writeFile(folder / "model.safetensors", "");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "too short");
    fs::remove(folder / "model.safetensors");
    fs::create_directory(folder / "model.safetensors");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileUnreadable, "not a regular file");
    fs::remove(folder / "model.safetensors");
    QCOMPARE(::mkfifo((folder / "model.safetensors").c_str(), 0600), 0);
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileUnreadable, "not a regular file");
    writeFile(folder / "config.json", std::string(2 << 20, ' '));
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "has at most 1048576");
}

void TestCheckpointDamage::refusesUnsafeShardNames_data() {
    QTest::addColumn<QString>("name");
    for (const char* name :
         {"../pytorch_model-00001-of-00002.bin", "/etc/passwd", "sub/model.bin", "..", ".", "", ".bin", ".hidden.bin",
          "a\\\\b.bin", "model.safetensors", "config.json", "nul\\u0000.bin"}) {
        QTest::newRow(name) << QString(name);
    }
}

void TestCheckpointDamage::refusesUnsafeShardNames() {
    QFETCH(const QString, name);
    const ScratchFolder folder("copied-f32");
    writeFile(folder / "pytorch_model.bin.index.json",
              R"({"weight_map":{"model.norm.weight":")" + name.toStdString() + "\"}}");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "it places model.norm.weight in");
}

void TestCheckpointDamage::holdsTheIndexAgainstTheShards() {
    const ScratchFolder folder("sharded-f16");
    const char* index = "model.safetensors.index.json";
    const std::string good = readFile(folder / index);
    for (const char* bad : {"{}", R"({"weight_map":[]})", R"({"weight_map":{}})"}) {
        writeFile(folder / index, bad);
        EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "no weight_map");
    }
    writeFile(folder / index, R"({"weight_map":{"model.norm.weight":3}})");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "model.norm.weight in 3");
    json moved = json::parse(good);
    moved["weight_map"]["model.norm.weight"] = "model-00001-of-00002.safetensors";
    writeFile(folder / index, moved.dump());
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged,
                 "00001-of-00002.safetensors is damaged: it lacks model.norm.weight");
    json added = json::parse(good);
    added["weight_map"]["model.extra"] = "model-00002-of-00002.safetensors";
    writeFile(folder / index, added.dump());
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "it lacks model.extra");
    writeFile(folder / index, good);
    fs::copy_file(folder / "model-00001-of-00002.safetensors", folder / "model-00002-of-00002.safetensors",
                  fs::copy_options::overwrite_existing);
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, "is also in");
}

void TestCheckpointDamage::ignoresOtherFiles() {
    const ScratchFolder folder("copied-f32");
    for (const char* name : {"training_args.bin", "trainer_state.json", "tokenizer.json", "modelling_mobillama.py",
                             "optimizer.bin", "pytorch_model-00003-of-00003.bin"}) {
        writeFile(folder / name, "not weights");
    }
    QCOMPARE(Checkpoint::open(folder.path()).format(), std::string("torch archive, 2 shards"));
}

void TestCheckpointDamage::prefersSafetensors() {
    const ScratchFolder folder("single-name-bf16");
    writeFile(folder / "pytorch_model.bin", "not even looked at");
    QCOMPARE(Checkpoint::open(folder.path()).format(), std::string("safetensors"));
}

void TestCheckpointDamage::needsTheWholeFile_data() {
    QTest::addColumn<QString>("file");
    QTest::newRow("single-name-bf16") << "model.safetensors";
    QTest::newRow("parameters-f16") << "pytorch_model.bin";
    QTest::newRow("copied-f32") << "pytorch_model-00002-of-00002.bin";
    QTest::newRow("sharded-f16") << "model-00001-of-00002.safetensors";
}

void TestCheckpointDamage::needsTheWholeFile() {
    QFETCH(const QString, file);
    const ScratchFolder folder(QTest::currentDataTag());
    const fs::path path = folder.path() / file.toStdString();
    const std::size_t size = fs::file_size(path);
    std::vector<std::size_t> lengths;
    for (std::size_t i = 0; i < 100; ++i) {
        lengths.push_back(size - 1 - i);
        lengths.push_back(size * i / 100);
        lengths.push_back(100 - i);
    }
    std::sort(lengths.begin(), lengths.end(), std::greater<>());
    for (const std::size_t length : lengths) {
        fs::resize_file(path, length);
        EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, file.toStdString());
    }
}

void TestCheckpointDamage::survivesFlippedBits_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<bool>("structureAtEnd");  // where the bytes lie that describe the others
    QTest::newRow("single-name-bf16") << "model.safetensors" << false;
    QTest::newRow("parameters-f16") << "pytorch_model.bin" << true;
    QTest::newRow("sharded-f16") << "model.safetensors.index.json" << false;
    QTest::newRow("mobillama-tiny") << "config.json" << false;
}

void TestCheckpointDamage::survivesFlippedBits() {
    QFETCH(const QString, file);
    QFETCH(const bool, structureAtEnd);
    const ScratchFolder folder(QTest::currentDataTag());
    const fs::path path = folder.path() / file.toStdString();
    const std::string good = readFile(path);
    const std::size_t window = std::min<std::size_t>(good.size(), 6000);
    std::mt19937 random(20240216);
    int refused = 0;
    constexpr int kRounds = 600;
    for (int round = 0; round < kRounds; ++round) {
        std::string bytes = good;
        for (auto flips = 1 + random() % 3; flips > 0; --flips) {
            const bool atEnd = structureAtEnd && random() % 2 == 0;
            const std::size_t offset = (atEnd ? good.size() - window : 0) + random() % window;
            bytes[offset] = static_cast<char>(bytes[offset] ^ (1 << random() % 8));
        }
        writeFile(path, bytes);
        const std::optional<Failure> failure = failureOf([&] { (void)touch(Checkpoint::open(folder.path())); });
        refused += failure ? 1 : 0;
        if (failure) {
            QVERIFY2(failure->sentence.ends_with('.'), failure->sentence.c_str());
        }
    }
    // Most changes of the structure must be detected: a reader that accepts nearly all of them checks nothing.
    QVERIFY2(refused > kRounds / 3, std::to_string(refused).c_str());
}

ALCOVE_TEST(TestCheckpointDamage)
#include "test_checkpoint_damage.moc"
