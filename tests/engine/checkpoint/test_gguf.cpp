// Valid GGUF files are read, and those that contradict themselves are refused.
#include <functional>
#include <limits>

#include <QTest>

#include "engine/checkpoint/checkpoint.h"
#include "engine/checkpoint/gguf_model.h"
#include "engine/conversion/gguf_header.h"
#include "engine/text/tokenizer.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/allocation_count.h"
#include "tests/rig/sparse_gguf.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::test::ScratchFolder;
using alcove::test::writeFile;

namespace {

constexpr std::uint64_t kHidden = 8;
constexpr std::uint64_t kVocab = 4;

// A model of one layer with heads of 4, in F32; every value of a matrix's row is the row's number.
struct Maker {
    GgufHeader header;
    std::string data;

    explicit Maker(std::string_view architecture = "llama", std::string_view vocabulary = "llama") {
        header.text("general.architecture", architecture);
        header.number("llama.attention.head_count", 2);
        header.number("llama.context_length", 16);
        header.text("tokenizer.ggml.model", vocabulary);
        header.texts("tokenizer.ggml.tokens", std::vector<std::string>{"<unk>", "<s>", "</s>", "a"});
        header.reals("tokenizer.ggml.scores", std::vector<float>{0, 0, 0, -1});
    }

    void tensor(std::string_view name, std::vector<std::uint64_t> shape) {
        header.tensor(name, DType::F32, shape);
        const std::uint64_t rows = shape.size() == 1 ? 1 : shape[0];
        for (std::uint64_t row = 0; row < rows; ++row) {
            for (std::uint64_t i = 0; i < shape.back(); ++i) {
                const auto value = static_cast<float>(row);
                data.append(reinterpret_cast<const char*>(&value), sizeof value);
            }
        }
        data.resize(ggufPadded(data.size()), '\0');
    }

    Maker& tensors() {
        tensor("token_embd.weight", {kVocab, kHidden});
        tensor("output_norm.weight", {kHidden});
        for (const char* name : {"attn_norm", "ffn_norm"}) {
            tensor(std::string("blk.0.") + name + ".weight", {kHidden});
        }
        for (const char* name : {"attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down"}) {
            tensor(std::string("blk.0.") + name + ".weight", {kHidden, kHidden});
        }
        return *this;
    }

    [[nodiscard]] std::string bytes() const { return header.bytes() + data; }
};

std::vector<float> firstColumn(const TensorView& tensor) {
    std::vector<float> result(tensor.shape[0]);
    const std::size_t rowBytes = tensor.bytes.size() / tensor.shape[0];
    for (std::size_t row = 0; row < result.size(); ++row) {
        std::memcpy(&result[row], tensor.bytes.data() + row * rowBytes, sizeof(float));
    }
    return result;
}

}  // namespace

class TestGguf : public QObject {
    Q_OBJECT

private slots:
    void putsRotaryRowsBack();
    void leavesItsOwnRowsAlone();
    void refusesVariants_data();
    void refusesVariants();
    void findsDamage_data();
    void findsDamage();
    void checksEachKey();
    void checksTheVocabulary();
    void everyCutIsAnError();
    void aFolderStandsForItsOnlyFile();
    void refusesOtherVocabularies();
    void aSparseFileCostsLittle();
    void takesNoMoreMemoryThanThereIs();
};

void TestGguf::putsRotaryRowsBack() {
    const ScratchFolder folder;
    writeFile(folder / "m.gguf", Maker().tensors().bytes());
    const Checkpoint checkpoint = Checkpoint::open(folder / "m.gguf");
    const LayerWeights& layer = checkpoint.weights().layers[0];
    // Pairs (0, 1) and (2, 3) of a head of four become (0, 2) and (1, 3).
    const std::vector<float> straight = {0, 2, 1, 3, 4, 6, 5, 7};
    QCOMPARE(firstColumn(layer.query), straight);
    QCOMPARE(firstColumn(layer.key), straight);
    QCOMPARE(firstColumn(layer.value), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
    QVERIFY(checkpoint.weights().tiedEmbedding);
    QCOMPARE(checkpoint.name(), std::string("m"));
    QCOMPARE(checkpoint.config().headDim, 4U);
}

void TestGguf::leavesItsOwnRowsAlone() {
    const ScratchFolder folder;
    Maker maker;
    maker.header.text(alcove_key::kRopeLayout, kHalfRope);
    writeFile(folder / "m.gguf", maker.tensors().bytes());
    const Checkpoint checkpoint = Checkpoint::open(folder / "m.gguf");
    QCOMPARE(firstColumn(checkpoint.weights().layers[0].query), (std::vector<float>{0, 1, 2, 3, 4, 5, 6, 7}));
}

void TestGguf::refusesVariants_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("scaling") << "llama.rope.scaling.type"
                             << "yarn"
                             << "scales rotary positions";
    QTest::newRow("experts") << "llama.expert_count"
                             << "8"
                             << "mixture of experts";
    QTest::newRow("parts") << "split.count"
                           << "3"
                           << "one of several parts";
    QTest::newRow("partial rotation") << "llama.attention.key_length"
                                      << "8"
                                      << "whole heads";
    QTest::newRow("granite") << "llama.logit_scale"
                             << "2"
                             << "no plain LLaMA";
    QTest::newRow("layout") << "alcove.rope_layout"
                            << "other"
                            << "alcove.rope_layout";
}

void TestGguf::refusesVariants() {
    QFETCH(const QString, key);
    QFETCH(const QString, value);
    QFETCH(const QString, sentence);
    const ScratchFolder folder;
    Maker maker;
    maker.header.number("llama.rope.dimension_count", 4);
    if (const unsigned number = value.toUInt(); number != 0) {
        maker.header.number(key.toStdString(), number);
    } else {
        maker.header.text(key.toStdString(), value.toStdString());
    }
    writeFile(folder / "m.gguf", maker.tensors().bytes());
    EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), ErrorCode::Unsupported, sentence.toStdString());
}

void TestGguf::findsDamage_data() {
    QTest::addColumn<QByteArray>("from");
    QTest::addColumn<QByteArray>("to");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("sentence");
    const auto word = [](quint64 value, std::size_t bytes) {
        return QByteArray::fromStdString(alcove::test::littleEndian(value, bytes));
    };
    const QByteArray query = "blk.0.attn_q.weight";
    const QByteArray head = query + word(2, 4) + word(8, 8) + word(8, 8);
    QTest::newRow("magic") << QByteArray("GGUF") << QByteArray("GGUP") << ErrorCode::FileDamaged
                           << "does not begin as a GGUF file";
    QTest::newRow("version") << QByteArray("GGUF") + word(3, 4) << QByteArray("GGUF") + word(1, 4)
                             << ErrorCode::Unsupported << "of GGUF version 1";
    QTest::newRow("big-endian") << QByteArray("GGUF") + word(3, 4) << QByteArray("GGUF\0\0\0\3", 8)
                                << ErrorCode::Unsupported << "big-endian";
    QTest::newRow("tensor count") << QByteArray("GGUF") + word(3, 4) + word(11, 8)
                                  << QByteArray("GGUF") + word(3, 4) + word(quint64(1) << 60, 8)
                                  << ErrorCode::FileDamaged << "claims more entries";
    QTest::newRow("text length") << word(5, 8) + "llama" << word(~quint64(0), 8) + "llama" << ErrorCode::FileDamaged
                                 << "claims more bytes than the file has";
    QTest::newRow("list length") << word(8, 4) + word(4, 8) + word(5, 8)
                                 << word(8, 4) + word(~quint64(0), 8) + word(5, 8) << ErrorCode::FileDamaged
                                 << "tokenizer.ggml.tokens claims 18446744073709551615";
    QTest::newRow("twice") << QByteArray("blk.0.attn_k") << QByteArray("blk.0.attn_q") << ErrorCode::FileDamaged
                           << "holds blk.0.attn_q.weight twice";
    QTest::newRow("dimensions") << query + word(2, 4) << query + word(9, 4) << ErrorCode::FileDamaged
                                << "has 9 dimensions";
    QTest::newRow("size overflows") << head
                                    << query + word(2, 4) + word(quint64(1) << 40, 8) + word(quint64(1) << 40, 8)
                                    << ErrorCode::FileDamaged << "does not lie within the file";
    QTest::newRow("type") << head + word(0, 4) << head + word(3, 4) << ErrorCode::Unsupported << "ggml type 3";
    QTest::newRow("half a block") << head + word(0, 4) << head + word(8, 4) << ErrorCode::FileDamaged
                                  << "no whole number of Q8_0 blocks";
    QTest::newRow("overlap") << head + word(0, 4) + word(224, 8) << head + word(0, 4) + word(0, 8)
                             << ErrorCode::FileDamaged << "tensors overlap";
    QTest::newRow("unaligned") << head + word(0, 4) + word(224, 8) << head + word(0, 4) + word(225, 8)
                               << ErrorCode::FileDamaged << "does not begin at a multiple";
    QTest::newRow("behind the end") << head + word(0, 4) + word(224, 8) << head + word(0, 4) + word(quint64(1) << 50, 8)
                                    << ErrorCode::FileDamaged << "does not lie within the file";
    QTest::newRow("bias") << query << QByteArray("blk.0.attn_qqq.bias") << ErrorCode::Unsupported << "without biases";
}

void TestGguf::findsDamage() {
    QFETCH(const QByteArray, from);
    QFETCH(const QByteArray, to);
    QFETCH(const ErrorCode, code);
    QFETCH(const QString, sentence);
    QByteArray bytes = QByteArray::fromStdString(Maker().tensors().bytes());
    const qsizetype place = bytes.indexOf(from);
    QVERIFY(place >= 0);
    bytes.replace(place, from.size(), to);
    const ScratchFolder folder;
    writeFile(folder / "m.gguf", bytes.toStdString());
    EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), code, sentence.toStdString());
}

void TestGguf::checksEachKey() {
    struct Case {
        const char* name;
        std::function<void(GgufHeader&)> change;
        ErrorCode code;
        const char* sentence;
    };
    const std::vector<Case> cases = {
        {"looks ahead", [](GgufHeader& to) { to.flag("llama.attention.causal", false); }, ErrorCode::Unsupported,
         "not causal"},
        {"linear scaling",
         [](GgufHeader& to) {
             to.text("llama.rope.scaling.type", "linear");
             to.real("llama.rope.scaling.factor", 2);
         },
         ErrorCode::Unsupported, "scales rotary positions"},
        {"old name of linear scaling", [](GgufHeader& to) { to.real("llama.rope.scale_linear", 2); },
         ErrorCode::Unsupported, "scales rotary positions"},
        {"class", [](GgufHeader& to) { to.text(alcove_key::kArchitecture, "GptModel"); }, ErrorCode::Unsupported,
         "its architecture is \"GptModel\""},
        {"no layers", [](GgufHeader& to) { to.number("llama.block_count", 0); }, ErrorCode::FileDamaged,
         "llama.block_count is 0"},
        {"too many layers", [](GgufHeader& to) { to.number("llama.block_count", 1U << 30U); }, ErrorCode::FileDamaged,
         "llama.block_count is 1073741824"},
        {"epsilon", [](GgufHeader& to) { to.real("llama.attention.layer_norm_rms_epsilon", 1); },
         ErrorCode::FileDamaged, "epsilon is not a number in its usual range"},
        {"epsilon that is no number",
         [](GgufHeader& to) {
             to.real("llama.attention.layer_norm_rms_epsilon", std::numeric_limits<float>::quiet_NaN());
         },
         ErrorCode::FileDamaged, "epsilon is not a number in its usual range"},
        {"frequency", [](GgufHeader& to) { to.real("llama.rope.freq_base", 0); }, ErrorCode::FileDamaged,
         "freq_base is not a number in its usual range"},
        {"first token", [](GgufHeader& to) { to.number("tokenizer.ggml.bos_token_id", 1U << 30U); },
         ErrorCode::FileDamaged, "bos_token_id is 1073741824, not a token id"},
        {"end token",
         [](GgufHeader& to) {
             to.numbers(alcove_key::kEndTokens, std::vector<std::uint32_t>{2, 1U << 30U});
         },
         ErrorCode::FileDamaged, "not a token id"},
        {"block of a layer that there is not",
         [](GgufHeader& to) { to.numbers(alcove_key::kFeedForwardOfLayer, std::vector<std::uint32_t>{1}); },
         ErrorCode::FileDamaged, "names a layer that there is not"},
        {"block of a layer before the first",
         [](GgufHeader& to) { to.signedNumbers(alcove_key::kFeedForwardOfLayer, std::vector<std::int32_t>{-1}); },
         ErrorCode::FileDamaged, "names a layer that there is not"},
        {"blocks of too many layers",
         [](GgufHeader& to) {
             to.numbers(alcove_key::kFeedForwardOfLayer, std::vector<std::uint32_t>(kMaxLayerCount + 1, 0));
         },
         ErrorCode::FileDamaged, "is too long"},
        {"alignment of 0", [](GgufHeader& to) { to.number("general.alignment", 0); }, ErrorCode::FileDamaged,
         "its alignment is 0"},
        {"alignment of 24", [](GgufHeader& to) { to.number("general.alignment", 24); }, ErrorCode::FileDamaged,
         "its alignment is 24"},
        {"huge alignment", [](GgufHeader& to) { to.number("general.alignment", 1U << 30U); }, ErrorCode::FileDamaged,
         "its alignment is 1073741824"},
        {"key without a name", [](GgufHeader& to) { to.number("", 1); }, ErrorCode::FileDamaged,
         "a key of its metadata is empty or too long"},
        {"name of a key", [](GgufHeader& to) { to.number(std::string(65536, 'k'), 1); }, ErrorCode::FileDamaged,
         "a key of its metadata is empty or too long"},
        {"key given twice", [](GgufHeader& to) { to.number("llama.context_length", 16); }, ErrorCode::FileDamaged,
         "it gives llama.context_length twice"},
        {"tensor without a name",
         [](GgufHeader& to) { to.tensor("", DType::F32, std::vector<std::uint64_t>{kHidden}); }, ErrorCode::FileDamaged,
         "a tensor's name is empty or too long"},
        {"name of a tensor",
         [](GgufHeader& to) { to.tensor(std::string(256, 't'), DType::F32, std::vector<std::uint64_t>{kHidden}); },
         ErrorCode::FileDamaged, "a tensor's name is empty or too long"},
    };
    for (const Case& each : cases) {
        const ScratchFolder folder;
        Maker maker;
        each.change(maker.header);
        writeFile(folder / "m.gguf", maker.tensors().bytes());
        const std::string wrong =
            alcove::test::mismatch([&] { (void)Checkpoint::open(folder / "m.gguf"); }, each.code, each.sentence);
        QVERIFY2(wrong.empty(), (std::string(each.name) + ": " + wrong).c_str());
    }
    const ScratchFolder folder;
    GgufHeader bare;
    bare.text("general.architecture", "llama");
    bare.number("llama.attention.head_count", 2);
    writeFile(folder / "m.gguf", bare.bytes());
    EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), ErrorCode::FileDamaged,
                 "does not give llama.context_length");
}

void TestGguf::checksTheVocabulary() {
    struct Case {
        const char* name;
        std::vector<std::string> texts;
        std::vector<float> scores;
        std::vector<std::int32_t> kinds;  // empty: the file has none
        const char* sentence;
    };
    const std::vector<Case> cases = {
        {"no tokens", {}, {}, {}, "lacks the tokens"},
        {"fewer scores", {"<unk>", "a"}, {0}, {}, "gives 2 tokens, but another number of scores"},
        {"more kinds", {"<unk>", "a"}, {0, 0}, {2, 1, 1}, "gives 2 tokens, but another number of scores or kinds"},
        {"no text", {"<unk>", ""}, {0, 0}, {}, "token 1 of its vocabulary is empty"},
        {"kind of 0", {"<unk>", "a"}, {0, 0}, {2, 0}, "token 1 is of an unknown kind"},
        {"kind of 7", {"<unk>", "a"}, {0, 0}, {2, 7}, "token 1 is of an unknown kind"},
    };
    const auto refusal = [](const std::function<void(GgufHeader&)>& fill, const char* sentence) {
        const ScratchFolder folder;
        GgufHeader header;
        header.text("general.architecture", "llama");
        header.text("tokenizer.ggml.model", "llama");
        fill(header);
        writeFile(folder / "m.gguf", header.bytes());
        return alcove::test::mismatch([&] { (void)Tokenizer::open(folder / "m.gguf", 100); }, ErrorCode::FileDamaged,
                                      sentence);
    };
    for (const Case& each : cases) {
        const std::string wrong = refusal(
            [&each](GgufHeader& header) {
                header.texts("tokenizer.ggml.tokens", each.texts);
                header.reals("tokenizer.ggml.scores", each.scores);
                if (!each.kinds.empty()) {
                    header.signedNumbers("tokenizer.ggml.token_type", each.kinds);
                }
            },
            each.sentence);
        QVERIFY2(wrong.empty(), (std::string(each.name) + ": " + wrong).c_str());
    }
    const std::vector<std::string> texts = {"<unk>", "a"};
    const std::vector<float> reals = {0, 0};
    const std::vector<std::int32_t> numbers = {0, 0};
    const std::vector<std::function<void(GgufHeader&)>> incomplete = {
        [&](GgufHeader& header) { header.texts("tokenizer.ggml.tokens", texts); },
        [&](GgufHeader& header) { header.reals("tokenizer.ggml.scores", reals); },
        [&](GgufHeader& header) {
            header.signedNumbers("tokenizer.ggml.tokens", numbers);
            header.reals("tokenizer.ggml.scores", reals);
        },
        [&](GgufHeader& header) {
            header.texts("tokenizer.ggml.tokens", texts);
            header.signedNumbers("tokenizer.ggml.scores", numbers);
        },
    };
    for (const auto& fill : incomplete) {
        const std::string wrong = refusal(fill, "lacks the tokens of its vocabulary or their scores");
        QVERIFY2(wrong.empty(), wrong.c_str());
    }
}

void TestGguf::everyCutIsAnError() {
    const std::string bytes = Maker().tensors().bytes();
    const ScratchFolder folder;
    for (std::size_t length = 0; length < bytes.size(); length += length < 2048 ? 1 : 61) {
        writeFile(folder / "m.gguf", std::string_view(bytes).substr(0, length));
        EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), ErrorCode::FileDamaged, "m.gguf");
    }
}

void TestGguf::aFolderStandsForItsOnlyFile() {
    const ScratchFolder folder;
    writeFile(folder / "a.gguf", Maker().tensors().bytes());
    QCOMPARE(Checkpoint::open(folder.path()).location().filename().string(), std::string("a.gguf"));
    writeFile(folder / "b.gguf", "");
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::InvalidRequest, "2 GGUF files");
}

void TestGguf::refusesOtherVocabularies() {
    const ScratchFolder folder;
    writeFile(folder / "m.gguf", Maker("llama", "gpt2").tensors().bytes());
    EXPECT_ERROR((void)Tokenizer::open(folder / "m.gguf", 4), ErrorCode::Unsupported, "\"gpt2\"");
    writeFile(folder / "m.gguf", Maker("qwen2").tensors().bytes());
    EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), ErrorCode::Unsupported, "\"qwen2\"");
}

// Counted in bytes that are allocated: what the file claims, it does not hold.
void TestGguf::aSparseFileCostsLittle() {
    const ScratchFolder folder;
    alcove::tests::writeSparseGguf(folder / "m.gguf", 1 << 21);
    const std::uint64_t before = alcove::tests::allocatedBytesOfThisThread();
    EXPECT_ERROR((void)Tokenizer::open(folder / "m.gguf", 1 << 22), ErrorCode::FileDamaged, "token 0");
    QVERIFY(alcove::tests::allocatedBytesOfThisThread() - before < (1 << 20));
    alcove::tests::writeSparseGguf(folder / "m.gguf", 1 << 22);
    EXPECT_ERROR((void)Tokenizer::open(folder / "m.gguf", 1 << 22), ErrorCode::FileDamaged, "claims 4194304 values");
    Maker maker;
    maker.header.text("general.description", std::string(65 << 20, 'x'));
    writeFile(folder / "m.gguf", maker.tensors().bytes());
    EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), ErrorCode::FileDamaged, "header is larger than");
}

// Rows that have to be reordered are copied. Of 16 heads of 4096 values, and embeddings of 131072, the matrices of
// queries take 32 GiB a layer, which are holes.
void TestGguf::takesNoMoreMemoryThanThereIs() {
    constexpr std::uint64_t kRows = 16 * 4096;
    constexpr std::uint64_t kColumns = 1 << 17;
    constexpr std::uint64_t kLayers = 64;  // 2 TiB
    const ScratchFolder folder;
    Maker maker;
    for (std::uint64_t layer = 0; layer < kLayers; ++layer) {
        maker.header.tensor("blk." + std::to_string(layer) + ".attn_q.weight", DType::F32,
                            std::vector<std::uint64_t>{kRows, kColumns});
    }
    writeFile(folder / "m.gguf", maker.header.bytes());
    std::error_code failure;
    std::filesystem::resize_file(folder / "m.gguf", maker.header.bytes().size() + maker.header.dataBytes(), failure);
    if (failure) {
        QSKIP("This file system holds no file of that size");
    }
    const std::uint64_t before = alcove::tests::allocatedBytesOfThisThread();
    EXPECT_ERROR((void)Checkpoint::open(folder / "m.gguf"), ErrorCode::OutOfMemory, "of memory");
    QVERIFY(alcove::tests::allocatedBytesOfThisThread() - before < (1 << 20));
}

ALCOVE_TEST(TestGguf)
#include "test_gguf.moc"
