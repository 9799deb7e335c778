// Names, shapes and config compared with each other: shapes decide, contradictions are named, sharing is found.
#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/checkpoint/checkpoint.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::test;

namespace {

using nlohmann::json;

// Takes a safetensors file apart, lets `change` at the header and the data, and puts it together again.
void changeSafetensors(const std::filesystem::path& path, const std::function<void(json&, std::string&)>& change) {
    const std::string bytes = readFile(path);
    std::size_t length = 0;
    for (std::size_t i = 8; i-- > 0;) {
        length = length << 8 | static_cast<unsigned char>(bytes[i]);
    }
    json header = json::parse(bytes.substr(8, length));
    std::string data = bytes.substr(8 + length);
    change(header, data);
    writeFile(path, makeSafetensors(header.dump(), data));
}

// Adds a tensor of the given shape to a safetensors file.
void addTensor(json& header, std::string& data, const char* name, const std::vector<std::uint64_t>& shape) {
    std::size_t size = 2;
    for (const std::uint64_t dimension : shape) {
        size *= dimension;
    }
    header[name] = {{"dtype", "F16"}, {"shape", shape}, {"data_offsets", {data.size(), data.size() + size}}};
    data.append(size, '\x11');
}

}  // namespace

class TestResolve : public QObject {
    Q_OBJECT

private slots:
    void letsShapesDecideOverTheConfig_data();
    void letsShapesDecideOverTheConfig();
    void ignoresTheKeyValueHeadsOfTheConfig();
    void namesMissingAndUnknownTensors_data();
    void namesMissingAndUnknownTensors();
    void takesRotaryTables();
    void refusesWrongShapes_data();
    void refusesWrongShapes();
    void tiesEmbeddings();
    void tellsMixedSharing();
};

void TestResolve::letsShapesDecideOverTheConfig_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("part");
    QTest::newRow("hidden_size") << R"("hidden_size": 32)"
                                 << R"("hidden_size": 64)"
                                 << "says hidden_size 64, but model.embed_tokens.weight has shape [512, 32]";
    QTest::newRow("vocab_size") << R"("vocab_size": 512)"
                                << R"("vocab_size": 32000)"
                                << "says vocab_size 32000, but model.embed_tokens.weight has shape [512, 32]";
    QTest::newRow("intermediate_size")
        << R"("intermediate_size": 48)"
        << R"("intermediate_size": 176)"
        << "says intermediate_size 176, but model.layers.0.mlp.gate_proj.weight has shape [48, 32]";
    QTest::newRow("fewer layers") << R"("num_hidden_layers": 3)"
                                  << R"("num_hidden_layers": 2)"
                                  << "says num_hidden_layers 2, but the weights hold layers 0 to 2";
    QTest::newRow("more layers") << R"("num_hidden_layers": 3)"
                                 << R"("num_hidden_layers": 22)"
                                 << "says num_hidden_layers 22, but the weights hold layers 0 to 2";
    QTest::newRow("heads that do not divide")
        << R"("num_attention_heads": 4)"
        << R"("num_attention_heads": 3)"
        << "says num_attention_heads 3, but model.layers.0.self_attn.q_proj.weight has shape [32, 32]";
    QTest::newRow("odd head_dim") << R"("num_attention_heads": 4)"
                                  << R"("num_attention_heads": 32)"
                                  << "says num_attention_heads 32, but model.layers.0.self_attn.q_proj.weight";
    QTest::newRow("head_dim") << R"("hidden_size": 32)"
                              << R"("hidden_size": 32, "head_dim": 16)"
                              << "says head_dim 16, but model.layers.0.self_attn.q_proj.weight has shape [32, 32]";
    QTest::newRow("end token") << R"("eos_token_id": [)"
                               << R"("eos_token_id": [512,)"
                               << "eos_token_id 512, but model.embed_tokens.weight has shape [512, 32]";
    QTest::newRow("begin token") << R"("bos_token_id": 1)"
                                 << R"("bos_token_id": 700)"
                                 << "bos_token_id or eos_token_id 700";
}

void TestResolve::letsShapesDecideOverTheConfig() {
    QFETCH(const QString, from);
    QFETCH(const QString, to);
    QFETCH(const QString, part);
    const ScratchFolder folder("single-name-bf16");
    folder.edit("config.json", from.toStdString(), to.toStdString());
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, part.toStdString());
}

void TestResolve::ignoresTheKeyValueHeadsOfTheConfig() {
    const ScratchFolder folder("single-name-bf16");
    for (const char* value : {"1", "3", "0", "null", "\"many\"", "4294967296"}) {
        json config = json::parse(readFile(folder / "config.json"));
        config["num_key_value_heads"] = json::parse(value);
        writeFile(folder / "config.json", config.dump());
        QCOMPARE(Checkpoint::open(folder.path()).config().kvHeadCount, 4U);
    }
}

void TestResolve::namesMissingAndUnknownTensors_data() {
    QTest::addColumn<QString>("rename");
    QTest::addColumn<QString>("to");
    QTest::addColumn<ErrorCode>("code");
    QTest::addColumn<QString>("part");
    for (const char* name : {"model.embed_tokens.weight", "model.norm.weight", "model.layers.1.self_attn.q_proj.weight",
                             "model.layers.0.self_attn.k_proj.weight", "model.layers.2.self_attn.v_proj.weight",
                             "model.layers.2.self_attn.o_proj.weight", "model.layers.1.input_layernorm.weight",
                             "model.layers.1.post_attention_layernorm.weight", "model.layers.0.mlp.gate_proj.weight",
                             "model.layers.0.mlp.up_proj.weight", "model.layers.0.mlp.down_proj.weight"}) {
        QTest::newRow(name) << name << "other" << ErrorCode::FileDamaged << QString("its weights lack ") + name;
    }
    QTest::newRow("lm_head") << "lm_head.weight"
                             << "other" << ErrorCode::FileDamaged << "lack lm_head.weight";
    QTest::newRow("added") << ""
                           << "model.layers.0.self_attn.q_norm.weight" << ErrorCode::Unsupported
                           << "it holds model.layers.0.self_attn.q_norm.weight, which is no part";
    QTest::newRow("bias") << ""
                          << "model.layers.0.self_attn.q_proj.bias" << ErrorCode::Unsupported
                          << "q_proj.bias, and Alcove runs only models without biases";
    QTest::newRow("absurd layer") << ""
                                  << "model.layers.4000000000.x" << ErrorCode::Unsupported
                                  << "it holds model.layers.4000000000.x";
    QTest::newRow("layer without number")
        << ""
        << "model.layers.x.y" << ErrorCode::Unsupported << "it holds model.layers.x.y";
}

void TestResolve::namesMissingAndUnknownTensors() {
    QFETCH(const QString, rename);
    QFETCH(const QString, to);
    QFETCH(const ErrorCode, code);
    QFETCH(const QString, part);
    const ScratchFolder folder("single-name-bf16");
    changeSafetensors(folder / "model.safetensors", [&](json& header, std::string& data) {
        if (rename.isEmpty()) {
            addTensor(header, data, to.toStdString().c_str(), {2});
        } else {
            header[to.toStdString()] = header.at(rename.toStdString());
            header.erase(rename.toStdString());
        }
    });
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), code, part.toStdString());
}

void TestResolve::takesRotaryTables() {
    const ScratchFolder folder("single-name-bf16");
    changeSafetensors(folder / "model.safetensors", [](json& header, std::string& data) {
        addTensor(header, data, "model.layers.0.self_attn.rotary_emb.inv_freq", {4});
        addTensor(header, data, "model.layers.2.self_attn.rotary_emb.inv_freq", {4});
    });
    const Checkpoint checkpoint = Checkpoint::open(folder.path());
    QCOMPARE(checkpoint.uniqueParameters(), std::uint64_t{49888});
    QVERIFY(checkpoint.dtypes() == std::vector<DType>{DType::BF16});
}

void TestResolve::refusesWrongShapes_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QList<int>>("shape");
    QTest::addColumn<QString>("part");
    QTest::newRow("vector embedding") << "model.embed_tokens.weight" << QList<int>{512 * 32} << "which is no matrix";
    QTest::newRow("empty embedding") << "model.embed_tokens.weight" << QList<int>{0, 32} << "which is no matrix";
    QTest::newRow("norm") << "model.norm.weight" << QList<int>{31} << "has shape [31] where [32] fits";
    QTest::newRow("matrix norm") << "model.norm.weight" << QList<int>{32, 1} << "has shape [32, 1] where [32] fits";
    QTest::newRow("query") << "model.layers.1.self_attn.q_proj.weight" << QList<int>{64, 32}
                           << "[64, 32] where [32, 32] fits";
    QTest::newRow("key") << "model.layers.0.self_attn.k_proj.weight" << QList<int>{24, 32}
                         << "says num_attention_heads 4, but model.layers.0.self_attn.k_proj.weight has shape [24, 32]";
    QTest::newRow("key not of whole heads")
        << "model.layers.0.self_attn.k_proj.weight" << QList<int>{12, 32} << "k_proj.weight has shape [12, 32]";
    QTest::newRow("more keys than queries")
        << "model.layers.0.self_attn.k_proj.weight" << QList<int>{64, 32} << "k_proj.weight has shape [64, 32]";
    QTest::newRow("key rows below a head")
        << "model.layers.0.self_attn.k_proj.weight" << QList<int>{4, 32} << "k_proj.weight has shape [4, 32]";
    QTest::newRow("value") << "model.layers.0.self_attn.v_proj.weight" << QList<int>{16, 32}
                           << "[16, 32] where [32, 32] fits";
    QTest::newRow("output") << "model.layers.0.self_attn.o_proj.weight" << QList<int>{32, 16}
                            << "[32, 16] where [32, 32] fits";
    QTest::newRow("gate") << "model.layers.0.mlp.gate_proj.weight" << QList<int>{48} << "which is no matrix";
    QTest::newRow("up") << "model.layers.0.mlp.up_proj.weight" << QList<int>{40, 32} << "[40, 32] where [48, 32] fits";
    QTest::newRow("down turned round") << "model.layers.0.mlp.down_proj.weight" << QList<int>{48, 32}
                                       << "[48, 32] where [32, 48] fits";
    QTest::newRow("head") << "lm_head.weight" << QList<int>{500, 32} << "[500, 32] where [512, 32] fits";
}

void TestResolve::refusesWrongShapes() {
    QFETCH(const QString, name);
    QFETCH(const QList<int>, shape);
    QFETCH(const QString, part);
    const ScratchFolder folder("single-name-bf16");
    // The right bytes of the tensor stay behind under a name that no one asks for; the wrong shape is found first.
    changeSafetensors(folder / "model.safetensors", [&](json& header, std::string& data) {
        header["left.over"] = header.at(name.toStdString());
        addTensor(header, data, name.toStdString().c_str(), {shape.begin(), shape.end()});
    });
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged, part.toStdString());
}

void TestResolve::tiesEmbeddings() {
    // lm_head beside an equal embedding, whatever the config says, is one matrix.
    const ScratchFolder sharded("sharded-f16");
    sharded.edit("config.json", R"("tie_word_embeddings": true)", R"("tie_word_embeddings": false)");
    QVERIFY(Checkpoint::open(sharded.path()).weights().tiedEmbedding);
    // No lm_head: tied, unless the config denies it.
    const ScratchFolder grouped("grouped-hd80-f16");
    grouped.edit("config.json", R"("tie_word_embeddings": true)", R"("tie_word_embeddings": null)");
    QVERIFY(Checkpoint::open(grouped.path()).weights().tiedEmbedding);
    grouped.edit("config.json", R"("tie_word_embeddings": null)", R"("tie_word_embeddings": false)");
    EXPECT_ERROR((void)Checkpoint::open(grouped.path()), ErrorCode::FileDamaged,
                 "lack lm_head.weight (config.json says tie_word_embeddings false)");
    // A different lm_head: not tied, and a config that says so is wrong.
    const ScratchFolder single("single-name-bf16");
    single.edit("config.json", R"("tie_word_embeddings": false)", R"("tie_word_embeddings": true)");
    EXPECT_ERROR((void)Checkpoint::open(single.path()), ErrorCode::FileDamaged,
                 "lm_head.weight differs from model.embed_tokens.weight");
}

void TestResolve::tellsMixedSharing() {
    // Layers 0 and 2 hold equal blocks; layer 1 gets one of its own.
    const ScratchFolder folder("single-name-bf16");
    changeSafetensors(folder / "model.safetensors", [](json& header, std::string& data) {
        for (const std::string projection : {"gate_proj", "up_proj", "down_proj"}) {
            const json first = header.at("model.layers.0.mlp." + projection + ".weight");
            const std::size_t begin = first["data_offsets"][0];
            const std::string bytes = data.substr(begin, 48 * 32 * 2);
            for (const std::string layer : {"1", "2"}) {
                json copy = first;
                copy["data_offsets"] = {data.size(), data.size() + bytes.size()};
                header["model.layers." + layer + ".mlp." + projection + ".weight"] = copy;
                data += bytes;
                data.back() = static_cast<char>(data.back() ^ (layer == "1" ? 1 : 0));  // the last bit decides
            }
        }
    });
    const Checkpoint checkpoint = Checkpoint::open(folder.path());
    QCOMPARE(checkpoint.sharing(), Sharing::Mixed);
    QCOMPARE(checkpoint.weights().feedForwards.size(), std::size_t{2});
    QCOMPARE(checkpoint.weights().layers[0].feedForward, std::size_t{0});
    QCOMPARE(checkpoint.weights().layers[1].feedForward, std::size_t{1});
    QCOMPARE(checkpoint.weights().layers[2].feedForward, std::size_t{0});
    QCOMPARE(checkpoint.uniqueParameters(), std::uint64_t{49888 + 4608});
    QCOMPARE(checkpoint.storedParameters(), std::uint64_t{49888 + 2 * 4608});
    // With two different blocks, a layer without one is a gap.
    changeSafetensors(folder / "model.safetensors", [](json& header, std::string&) {
        header["left.over"] = header.at("model.layers.2.mlp.up_proj.weight");
        header.erase("model.layers.2.mlp.up_proj.weight");
    });
    EXPECT_ERROR((void)Checkpoint::open(folder.path()), ErrorCode::FileDamaged,
                 "lack model.layers.2.mlp.up_proj.weight");
}

ALCOVE_TEST(TestResolve)
#include "test_resolve.moc"
