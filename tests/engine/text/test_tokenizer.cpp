#include <limits>

#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/text/tokenizer.h"
#include "engine/text/utf8.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

using alcove::tests::write;

namespace {

const QString kFixtures = ALCOVE_FIXTURES;
constexpr std::uint32_t kVocab = 512;

QByteArray modelBytes() {
    QFile file(kFixtures + "/stories260K/tokenizer.model");
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

Tokenizer stories() {
    return Tokenizer::open((kFixtures + "/stories260K").toStdString(), kVocab);
}

// The error that opening a folder with this tokenizer.model (and this added_tokens.json) leads to; nothing if none.
std::optional<ErrorCode> failure(const QByteArray& model, const QByteArray& added = {}, std::uint32_t vocab = kVocab) {
    QTemporaryDir folder;
    write(folder.filePath("tokenizer.model"), model);
    if (!added.isEmpty()) {
        write(folder.filePath("added_tokens.json"), added);
    }
    try {
        const Tokenizer tokenizer = Tokenizer::open(folder.path().toStdString(), vocab);
        // What opens must be usable, whatever is in it.
        for (const TokenId token : tokenizer.encode("Once upon a time, \n### Human: \xE4\xBD\xA0 </s>")) {
            (void)tokenizer.tokenBytes(token);
        }
        (void)tokenizer.decode({0, 1, 2, 3, 300, 511, 512, -1});
    } catch (const Error& error) {
        return error.code();
    }
    return std::nullopt;
}

}  // namespace

class TestTokenizer : public QObject {
    Q_OBJECT
private slots:
    void equalsSentencePiece() {
        const Tokenizer tokenizer = stories();
        QCOMPARE(tokenizer.size(), kVocab);
        QFile file(kFixtures + "/tokenizer/encodings.json");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonArray rows = QJsonDocument::fromJson(file.readAll()).array();
        QVERIFY(rows.size() > 15);
        for (const QJsonValue& row : rows) {
            const std::string text = row["text"].toString().toStdString();
            std::vector<TokenId> expected;
            for (const QJsonValue& id : row["ids"].toArray()) {
                expected.push_back(id.toInt());
            }
            const std::vector<TokenId> ids = tokenizer.encode(text);
            QCOMPARE(ids, expected);
            QCOMPARE(QString::fromStdString(tokenizer.decode(ids)), row["decoded"].toString());
            // The bytes of the tokens, put together, are the text with its dummy space.
            std::string bytes;
            for (const TokenId id : ids) {
                bytes += tokenizer.tokenBytes(id);
            }
            const std::string decoded = row["decoded"].toString().toStdString();
            QCOMPARE(bytes, ids.empty() ? std::string() : " " + decoded);
        }
    }

    void controlTokensInTextStayText() {
        const Tokenizer tokenizer = stories();
        for (const char* text : {"</s>", "<s>", "<unk>", "a</s>b", "<s></s>"}) {
            const std::vector<TokenId> ids = tokenizer.encode(text);
            for (const TokenId control : {0, 1, 2}) {
                QVERIFY2(std::find(ids.begin(), ids.end(), control) == ids.end(), text);
            }
            QCOMPARE(tokenizer.decode(ids), std::string(text));
        }
    }

    void damagedTextIsMendedFirst() {
        const Tokenizer tokenizer = stories();
        const std::string damaged = "a\xFF\xE4\xBD z";
        QCOMPARE(tokenizer.encode(damaged), tokenizer.encode(repairUtf8(damaged)));
        QCOMPARE(tokenizer.decode(tokenizer.encode(damaged)), repairUtf8(damaged));
    }

    void piecesAndBytes() {
        const Tokenizer tokenizer = stories();
        QCOMPARE(tokenizer.piece(1), std::string("<s>"));
        QCOMPARE(tokenizer.tokenBytes(1), std::string());
        QCOMPARE(tokenizer.tokenBytes(2), std::string());
        QCOMPARE(tokenizer.piece(13), std::string("<0x0A>"));
        QCOMPARE(tokenizer.tokenBytes(13), std::string("\n"));
        QCOMPARE(tokenizer.tokenBytes(3), std::string(1, '\0'));
        QCOMPARE(tokenizer.piece(403), std::string("\xE2\x96\x81Once"));
        QCOMPARE(tokenizer.tokenBytes(403), std::string(" Once"));
        QCOMPARE(tokenizer.tokenBytes(512), std::string());
        QCOMPARE(tokenizer.piece(512), std::string());
        QCOMPARE(tokenizer.tokenBytes(-1), std::string());
        QCOMPARE(tokenizer.piece(std::numeric_limits<TokenId>::min()), std::string());
    }

    void missingAndMismatched() {
        QTemporaryDir empty;
        try {
            (void)Tokenizer::open(empty.path().toStdString(), kVocab);
            QFAIL("a missing tokenizer.model was opened");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::FileMissing);
            QVERIFY(QString(error.what()).contains("tokenizer.model"));
        }
        QVERIFY(!failure(modelBytes()));
        QVERIFY(!failure(modelBytes(), {}, 600));
        QCOMPARE(failure(modelBytes(), {}, 511), ErrorCode::TokenizerMismatch);
    }

    void addedTokens() {
        QVERIFY(!failure(modelBytes(), R"({"<s>": 1, "</s>": 2, "<unk>": 0})"));
        QVERIFY(!failure(modelBytes(), R"({"[PAD]": 512})", 513));
        QCOMPARE(failure(modelBytes(), R"({"[PAD]": 512})"), ErrorCode::TokenizerMismatch);
        QCOMPARE(failure(modelBytes(), R"({"[PAD]": -1})"), ErrorCode::TokenizerMismatch);
        QCOMPARE(failure(modelBytes(), R"({"[PAD]": "1"})"), ErrorCode::TokenizerMismatch);
        QCOMPARE(failure(modelBytes(), R"(["[PAD]"])"), ErrorCode::FileDamaged);
        QCOMPARE(failure(modelBytes(), R"({"[PAD]": )"), ErrorCode::FileDamaged);

        // Brackets that a parser, or who writes a value into a sentence, would follow down the stack.
        const QByteArray brackets(500'000, '[');
        QCOMPARE(failure(modelBytes(), brackets), ErrorCode::FileDamaged);
        QCOMPARE(failure(modelBytes(), "{\"[PAD]\": " + brackets), ErrorCode::FileDamaged);
        QCOMPARE(failure(modelBytes(), "{\"[PAD]\": " + brackets + QByteArray(500'000, ']') + "}"),
                 ErrorCode::FileDamaged);
        QCOMPARE(failure(modelBytes(), R"({"[PAD]": [[1]]})"), ErrorCode::TokenizerMismatch);

        QTemporaryDir folder;
        write(folder.filePath("tokenizer.model"), modelBytes());
        write(folder.filePath("added_tokens.json"), "{\"" + QByteArray(4000, 'x') + "\": 512}");
        try {
            (void)Tokenizer::open(folder.path().toStdString(), 512);
            QFAIL("a token beyond the embedding was taken");
        } catch (const Error& error) {
            QVERIFY(std::string_view(error.what()).size() < 500);  // names are cut
        }
        write(folder.filePath("added_tokens.json"), R"({"[PAD]": 512})");
        const Tokenizer tokenizer = Tokenizer::open(folder.path().toStdString(), 513);
        QCOMPARE(tokenizer.piece(512), std::string("[PAD]"));
        QCOMPARE(tokenizer.tokenBytes(512), std::string());
    }

    void cutOffAnywhere() {
        const QByteArray whole = modelBytes();
        QCOMPARE(failure(QByteArray()), ErrorCode::FileDamaged);
        // Cuts between fields leave a well-formed but incomplete model: no error is owed there but that of the
        // missing settings, which say that it is BPE and has byte pieces.
        for (qsizetype length = 1; length < whole.size() - 30; length += 61) {
            const std::optional<ErrorCode> code = failure(whole.left(length));
            QVERIFY2(code == ErrorCode::FileDamaged || code == ErrorCode::Unsupported,
                     qPrintable(QString::number(length)));
        }
    }

    void everyByteFlipped() {
        // Nothing here may crash, hang or read outside (the sanitizers watch); a flip inside a piece's letters
        // makes another valid vocabulary.
        const QByteArray whole = modelBytes();
        int refused = 0;
        for (qsizetype i = 0; i < whole.size(); i += 7) {
            QByteArray damaged = whole;
            damaged[i] = static_cast<char>(damaged[i] ^ (1 << (i % 8)));
            refused += failure(damaged) ? 1 : 0;
        }
        QVERIFY(refused > 300);
    }

    void hostileModels_data() {
        QTest::addColumn<QByteArray>("model");
        const QByteArray whole = modelBytes();
        QTest::newRow("text") << QByteArray("this is not a tokenizer");
        QTest::newRow("html") << QByteArray("<!DOCTYPE html><html></html>");
        QTest::newRow("zeros") << QByteArray(4096, '\0');
        QTest::newRow("ones") << QByteArray(4096, '\xFF');
        QTest::newRow("lying length") << QByteArray("\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F");
        QTest::newRow("endless varint") << QByteArray("\x0A") + QByteArray(20, '\x80');
        QTest::newRow("empty piece") << QByteArray("\x0A\x02\x0A\x00", 4) + whole;
        QTest::newRow("second <unk>") << QByteArray("\x0A\x08\x0A\x04\x3C\x75\x6B\x3E\x18\x02") + whole;
        QTest::newRow("piece of unknown kind") << QByteArray("\x0A\x05\x0A\x01q\x18\x09") + whole;
        QTest::newRow("false byte") << QByteArray("\x0A\x08\x0A\x04<0x>\x18\x06") + whole;
        QTest::newRow("one-letter control") << QByteArray("\x0A\x05\x0A\x01\x07\x18\x03") + whole;
        QTest::newRow("score not a number") << QByteArray("\x0A\x08\x0A\x01\x07\x15\x00\x00\xC0\x7F", 10) + whole;
        QTest::newRow("piece twice") << whole + whole.left(17);
        QTest::newRow("unigram") << whole + QByteArray("\x12\x02\x18\x01");
        QTest::newRow("no byte fallback") << whole + QByteArray("\x12\x03\x98\x02\x00", 5);
        QTest::newRow("normalisation table") << whole + QByteArray("\x1A\x06\x12\x04\xFF\xFF\xFF\x7F");
        QTest::newRow("denormalisation table") << whole + QByteArray("\x2A\x06\x12\x04\xFF\xFF\xFF\x7F");
    }
    void hostileModels() {
        QFETCH(QByteArray, model);
        const std::optional<ErrorCode> code = failure(model, {}, 5000);
        QVERIFY(code == ErrorCode::FileDamaged || code == ErrorCode::Unsupported);
    }

    void oversized() {
        QTemporaryDir folder;
        QFile file(folder.filePath("tokenizer.model"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        QVERIFY(file.resize(qint64{1} << 40));  // sparse: takes no room
        file.close();
        try {
            (void)Tokenizer::open(folder.path().toStdString(), kVocab);
            QFAIL("a tokenizer of a terabyte was opened");
        } catch (const Error& error) {
            QCOMPARE(error.code(), ErrorCode::FileDamaged);
        }
    }
};

ALCOVE_TEST(TestTokenizer)
#include "test_tokenizer.moc"
