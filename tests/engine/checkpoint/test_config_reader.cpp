// config.json: ranges, defaults, and the variants that must be refused because they would give wrong text.
#include <QTest>

#include "engine/checkpoint/config_reader.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using namespace alcove::test;

namespace {

// A whole config with one key replaced or added.
std::string configWith(const std::string& key, const std::string& value) {
    std::vector<std::pair<std::string, std::string>> fields = {
        {"architectures", R"(["LlamaForCausalLM"])"},
        {"model_type", R"("llama")"},
        {"num_attention_heads", "8"},
        {"max_position_embeddings", "256"},
    };
    std::string text = "{";
    bool replaced = false;
    for (auto& [name, old] : fields) {
        replaced = replaced || name == key;
        text += "\"" + name + "\":" + (name == key ? value : old) + ",";
    }
    if (!replaced) {
        text += "\"" + key + "\":" + value + ",";
    }
    text.back() = '}';
    return text;
}

}  // namespace

class TestConfigReader : public QObject {
    Q_OBJECT

private slots:
    void refuses_data();
    void refuses();
    void takesDefaults();
    void gathersEndTokens_data();
    void gathersEndTokens();
    void refusesADamagedGenerationConfig();
};

void TestConfigReader::refuses_data() {
    QTest::addColumn<QString>("key");
    QTest::addColumn<QString>("value");
    QTest::addColumn<ErrorCode>("code");
    const auto row = [](const char* key, const char* value, ErrorCode code) {
        QTest::addRow("%s %s", key, value) << QString(key) << QString(value) << code;
    };
    for (const char* key : {"hidden_size", "intermediate_size", "num_hidden_layers", "num_attention_heads",
                            "vocab_size", "max_position_embeddings", "head_dim"}) {
        for (const char* value : {"0", "-1", "1.5", "\"64\"", "true", "[64]", "4294967296", "4294967360",
                                  "18446744073709551616", "1e300"}) {
            row(key, value, ErrorCode::FileDamaged);
        }
    }
    row("num_attention_heads", "null", ErrorCode::FileDamaged);
    row("max_position_embeddings", "null", ErrorCode::FileDamaged);
    for (const char* value : {"0", "-10000", "1e39", "\"10000\"", "[]"}) {
        row("rope_theta", value, ErrorCode::FileDamaged);
    }
    for (const char* value : {"0", "-1e-5", "1", "1e-40", "\"1e-5\""}) {
        row("rms_norm_eps", value, ErrorCode::FileDamaged);
    }
    for (const char* value : {"-1", "1.5", "\"</s>\"", "[2,-1]", "[[2]]", "99999999999"}) {
        row("bos_token_id", value, ErrorCode::FileDamaged);
        row("eos_token_id", value, ErrorCode::FileDamaged);
    }
    row("tie_word_embeddings", "1", ErrorCode::FileDamaged);
    row("attention_bias", "\"yes\"", ErrorCode::FileDamaged);
    row("architectures", "[]", ErrorCode::FileDamaged);
    row("architectures", "\"LlamaForCausalLM\"", ErrorCode::FileDamaged);
    row("architectures", "[3]", ErrorCode::FileDamaged);

    row("architectures", "[\"GPT2LMHeadModel\"]", ErrorCode::Unsupported);
    row("model_type", "\"mistral\"", ErrorCode::Unsupported);
    row("model_type", "3", ErrorCode::Unsupported);
    row("rope_scaling", "{\"type\":\"linear\",\"factor\":2.0}", ErrorCode::Unsupported);
    row("rope_parameters", "{\"rope_theta\":10000.0}", ErrorCode::Unsupported);
    row("hidden_act", "\"gelu\"", ErrorCode::Unsupported);
    row("attention_bias", "true", ErrorCode::Unsupported);
    row("mlp_bias", "true", ErrorCode::Unsupported);
}

void TestConfigReader::refuses() {
    QFETCH(const QString, key);
    QFETCH(const QString, value);
    QFETCH(const ErrorCode, code);
    const ScratchFolder folder;
    writeFile(folder / "config.json", configWith(key.toStdString(), value.toStdString()));
    EXPECT_ERROR((void)readConfig(folder.path()), code, key.toStdString());
}

void TestConfigReader::takesDefaults() {
    const ScratchFolder folder;
    writeFile(folder / "config.json", configWith("model_type", "\"llama\""));
    const DeclaredConfig config = readConfig(folder.path());
    QCOMPARE(config.architecture, std::string("LlamaForCausalLM"));
    QCOMPARE(config.headCount, 8U);
    QCOMPARE(config.contextLength, 256U);
    QCOMPARE(config.rmsNormEpsilon, 1e-6F);
    QCOMPARE(config.ropeTheta, 10000.0F);
    QCOMPARE(config.bosToken, 1);
    QCOMPARE(config.eosTokens, (std::vector<TokenId>{2}));
    QVERIFY(!config.hiddenSize && !config.ffnSize && !config.layerCount && !config.headDim && !config.vocabSize);
    QVERIFY(!config.tiedEmbedding);

    writeFile(folder / "config.json", configWith("architectures", "null"));
    QCOMPARE(readConfig(folder.path()).architecture, std::string("LlamaForCausalLM"));
}

void TestConfigReader::gathersEndTokens_data() {
    QTest::addColumn<QString>("config");
    QTest::addColumn<QString>("generation");
    QTest::addColumn<QList<int>>("tokens");
    QTest::newRow("number") << "7"
                            << "" << QList<int>{7};
    QTest::newRow("list") << "[7, 2, 7]"
                          << "" << QList<int>{7, 2};
    QTest::newRow("null") << "null"
                          << "" << QList<int>{2};
    QTest::newRow("empty list") << "[]"
                                << "" << QList<int>{2};
    QTest::newRow("more in generation_config.json") << "2"
                                                    << R"({"eos_token_id": [2, 9]})" << QList<int>{2, 9};
    QTest::newRow("only in generation_config.json") << "null"
                                                    << R"({"eos_token_id": 9})" << QList<int>{9};
    QTest::newRow("generation_config.json without any") << "4"
                                                        << "{}" << QList<int>{4};
}

void TestConfigReader::gathersEndTokens() {
    QFETCH(const QString, config);
    QFETCH(const QString, generation);
    QFETCH(const QList<int>, tokens);
    const ScratchFolder folder;
    writeFile(folder / "config.json", configWith("eos_token_id", config.toStdString()));
    if (!generation.isEmpty()) {
        writeFile(folder / "generation_config.json", generation.toStdString());
    }
    QCOMPARE(readConfig(folder.path()).eosTokens, std::vector<TokenId>(tokens.begin(), tokens.end()));
}

void TestConfigReader::refusesADamagedGenerationConfig() {
    const ScratchFolder folder;
    writeFile(folder / "config.json", configWith("vocab_size", "512"));
    writeFile(folder / "generation_config.json", "{\"eos_token_id\": ");
    EXPECT_ERROR((void)readConfig(folder.path()), ErrorCode::FileDamaged, "generation_config.json is damaged");
}

ALCOVE_TEST(TestConfigReader)
#include "test_config_reader.moc"
