// What is written as GGUF is read back as the same model, and nothing is left of what failed.
#include <filesystem>

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTest>

#include "engine/checkpoint/fine_quantization.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/checkpoint/quantization.h"
#include "engine/conversion/jinja_template.h"
#include "engine/conversion/model_writer.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/reference/reference.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::engine;
using alcove::test::ScratchFolder;

namespace {

const std::filesystem::path kFixtures = ALCOVE_FIXTURES;

void write(const std::filesystem::path& source, const std::filesystem::path& file, const ModelWriteOptions& options) {
    const Checkpoint checkpoint = Checkpoint::open(source);
    const Tokenizer tokenizer = Tokenizer::open(checkpoint.location(), checkpoint.config().vocabSize);
    const std::uint64_t bytes = writeModel(checkpoint, tokenizer, {"mobillama-chat", true}, file, options);
    QCOMPARE(std::filesystem::file_size(file), bytes);
}

// The values of `tensor` converted to `dtype` and back.
std::vector<double> through(const TensorView& tensor, DType dtype) {
    const bool norm = tensor.shape.size() == 1;
    const bool whole = tensor.shape.back() % dtypeTraits(dtype).blockElements == 0;
    const DType stored = norm ? DType::F32 : whole ? dtype : DType::F16;
    const std::vector<double> exact = reference::decoded(tensor).values;
    std::vector<float> values(exact.begin(), exact.end());
    std::vector<std::byte> blocks(storedBytes(stored, values.size()));
    quantizeFinely(stored, values, blocks);
    return reference::decoded({"", stored, tensor.shape, blocks}).values;
}

void compareModels(const ModelWeights& got, const ModelWeights& source, DType dtype) {
    const auto compare = [&](const TensorView& a, const TensorView& b) {
        QVERIFY2(reference::decoded(a).values == through(b, dtype), b.name.c_str());
    };
    QCOMPARE(got.layers.size(), source.layers.size());
    QCOMPARE(got.feedForwards.size(), source.feedForwards.size());
    QCOMPARE(got.tiedEmbedding, source.tiedEmbedding);
    compare(got.embedding, source.embedding);
    compare(got.head, source.head);
    compare(got.finalNorm, source.finalNorm);
    for (std::size_t i = 0; i < got.layers.size(); ++i) {
        QCOMPARE(got.layers[i].feedForward, source.layers[i].feedForward);
        for (const auto tensor : {&LayerWeights::attentionNorm, &LayerWeights::query, &LayerWeights::key,
                                  &LayerWeights::value, &LayerWeights::output, &LayerWeights::feedForwardNorm}) {
            compare(got.layers[i].*tensor, source.layers[i].*tensor);
        }
    }
    for (std::size_t i = 0; i < got.feedForwards.size(); ++i) {
        for (const auto tensor : {&FeedForwardWeights::gate, &FeedForwardWeights::up, &FeedForwardWeights::down}) {
            compare(got.feedForwards[i].*tensor, source.feedForwards[i].*tensor);
        }
    }
}

}  // namespace

class TestModelWriter : public QObject {
    Q_OBJECT

private slots:
    void readsBackWhatItWrote_data();
    void readsBackWhatItWrote();
    void keepsTheSharedBlockOnce();
    void tellsOthersItsChatTemplate();
    void givesLlamaCppItsOrder();
    void encodesAsTheOriginal();
    void stoppingLeavesNothing();
};

void TestModelWriter::readsBackWhatItWrote_data() {
    QTest::addColumn<QString>("fixture");
    QTest::addColumn<DType>("dtype");
    QTest::addColumn<bool>("forLlama");
    for (const char* fixture : {"mobillama-tiny", "stories260K", "grouped-hd80-f16", "shared-hd64-bf16"}) {
        for (const DType dtype : {DType::F32, DType::F16, DType::Q8_0, DType::Q4_0}) {
            for (const bool forLlama : {false, true}) {
                QTest::addRow("%s %s %s", fixture, dtypeName(dtype), forLlama ? "llama.cpp" : "Alcove")
                    << fixture << dtype << forLlama;
            }
        }
    }
}

void TestModelWriter::readsBackWhatItWrote() {
    QFETCH(const QString, fixture);
    QFETCH(const DType, dtype);
    QFETCH(const bool, forLlama);
    const ScratchFolder folder;
    const std::filesystem::path source = kFixtures / fixture.toStdString();
    ModelWriteOptions options;
    options.reader = forLlama ? GgufReader::LlamaCpp : GgufReader::Alcove;
    options.dtype = dtype;
    write(source, folder / "m.gguf", options);
    const Checkpoint original = Checkpoint::open(source);
    const Checkpoint checkpoint = Checkpoint::open(folder / "m.gguf");
    compareModels(checkpoint.weights(), original.weights(), dtype);
    const ModelConfig& a = checkpoint.config();
    const ModelConfig& b = original.config();
    QCOMPARE(a.architecture, b.architecture);
    QCOMPARE(a.contextLength, b.contextLength);
    QCOMPARE(a.headCount, b.headCount);
    QCOMPARE(a.kvHeadCount, b.kvHeadCount);
    QCOMPARE(a.rmsNormEpsilon, b.rmsNormEpsilon);
    QCOMPARE(a.ropeTheta, b.ropeTheta);
    QCOMPARE(a.bosToken, b.bosToken);
    QCOMPARE(a.eosTokens, b.eosTokens);
    const TemplateSelection selection = selectTemplate(checkpoint.location());
    QCOMPARE(selection.name, std::string("mobillama-chat"));
    QVERIFY(selection.workedExample);
}

void TestModelWriter::keepsTheSharedBlockOnce() {
    const ScratchFolder folder;
    write(kFixtures / "mobillama-tiny", folder / "own.gguf", {});
    ModelWriteOptions options;
    options.reader = GgufReader::LlamaCpp;
    write(kFixtures / "mobillama-tiny", folder / "llama.gguf", options);
    const auto blocks = [&](const char* name) {
        const MappedFile file(folder / name);
        const GgufFile gguf(file);
        return std::count_if(gguf.tensors().begin(), gguf.tensors().end(),
                             [](const TensorView& view) { return view.name.find("ffn_up") != std::string::npos; });
    };
    QCOMPARE(blocks("own.gguf"), 1);
    QCOMPARE(blocks("llama.gguf"), 4);
}

void TestModelWriter::tellsOthersItsChatTemplate() {
    const ScratchFolder folder;
    ModelWriteOptions options;
    options.reader = GgufReader::LlamaCpp;
    write(kFixtures / "mobillama-tiny", folder / "m.gguf", options);
    const MappedFile file(folder / "m.gguf");
    const GgufFile gguf(file);
    const std::string expected = jinjaTemplate(templateNamed("mobillama-chat"), true);
    QVERIFY(expected.find("{% for message in messages %}") != std::string::npos);
    QVERIFY(gguf.text("tokenizer.chat_template") == expected);
}

void TestModelWriter::givesLlamaCppItsOrder() {
    const ScratchFolder folder;
    ModelWriteOptions options;
    options.reader = GgufReader::LlamaCpp;
    options.dtype = DType::F32;
    write(kFixtures / "stories260K", folder / "m.gguf", options);
    const Checkpoint original = Checkpoint::open(kFixtures / "stories260K");
    const std::uint64_t hd = original.config().headDim;
    const MappedFile file(folder / "m.gguf");
    const GgufFile gguf(file);
    const auto query = std::find_if(gguf.tensors().begin(), gguf.tensors().end(),
                                    [](const TensorView& view) { return view.name == "blk.0.attn_q.weight"; });
    QVERIFY(query != gguf.tensors().end());
    const reference::Table got = reference::decoded(*query);
    const reference::Table source = reference::decoded(original.weights().layers[0].query);
    for (std::size_t head = 0; head < got.rows; head += hd) {
        for (std::size_t i = 0; i < hd / 2; ++i) {  // pair i is what the halves have at i
            QVERIFY(std::ranges::equal(got.row(head + 2 * i), source.row(head + i)));
            QVERIFY(std::ranges::equal(got.row(head + 2 * i + 1), source.row(head + hd / 2 + i)));
        }
    }
    QCOMPARE(*gguf.text("general.architecture"), std::string_view("llama"));
}

void TestModelWriter::encodesAsTheOriginal() {
    const ScratchFolder folder;
    const Tokenizer original = Tokenizer::open(kFixtures / "stories260K", 512);
    write(kFixtures / "stories260K", folder / "m.gguf", {});
    const Tokenizer tokenizer = Tokenizer::open(folder / "m.gguf", 512);
    QCOMPARE(tokenizer.size(), original.size());
    std::vector<std::string> texts = {"", " ", "  two  spaces ", "\n\n", "</s> <s><unk>", "a\xFF"};
    for (const auto& file : {"measures/text.txt", "tokenizer/encodings.json"}) {
        texts.push_back(test::readFile(kFixtures / file));
    }
    for (const std::string& text : texts) {
        QCOMPARE(tokenizer.encode(text), original.encode(text));
        QCOMPARE(tokenizer.decode(tokenizer.encode(text)), original.decode(original.encode(text)));
    }
    for (TokenId token = 0; token < 512; ++token) {
        QCOMPARE(tokenizer.piece(token), original.piece(token));
        QCOMPARE(tokenizer.tokenBytes(token), original.tokenBytes(token));
    }
}

void TestModelWriter::stoppingLeavesNothing() {
    const ScratchFolder folder;
    std::atomic<bool> cancel = false;
    ModelWriteOptions options;
    options.cancel = cancel;
    options.progress = [&](std::uint64_t done, std::uint64_t total) { cancel = cancel || done > total / 2; };
    EXPECT_ERROR(write(kFixtures / "stories260K", folder / "m.gguf", options), ErrorCode::Cancelled, "cancelled");
    QVERIFY(std::filesystem::is_empty(folder.path()));
}

ALCOVE_TEST(TestModelWriter)
#include "test_model_writer.moc"
