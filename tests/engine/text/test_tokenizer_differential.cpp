// The tokenizer against SentencePiece itself, on random text: every sample vocabulary, and what becomes of it in a GGUF
// file.
#include <random>
#include <set>

#include <QDirIterator>
#include <QTemporaryDir>
#include <QTest>
#include <sentencepiece_processor.h>

#include "engine/checkpoint/checkpoint.h"
#include "engine/conversion/model_writer.h"
#include "engine/text/tokenizer.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

constexpr int kTexts = 1000;

void append(std::string& text, char32_t code) {
    const QByteArray utf8 = QString::fromUcs4(&code, 1).toUtf8();
    text.append(utf8.data(), static_cast<std::size_t>(utf8.size()));
}

// Characters of every length in UTF-8 and of every kind that tokenizers stumble over, in runs.
class RandomText {
public:
    explicit RandomText(const sentencepiece::SentencePieceProcessor& pieces) : m_pieces(pieces) {}

    std::string next() {
        std::string text;
        for (int runs = below(8); runs >= 0; --runs) {
            run(text);
        }
        return text;
    }

    int below(int bound) { return static_cast<int>(m_random() % static_cast<unsigned>(bound)); }

private:
    void run(std::string& text) {
        static const std::vector<std::string> kAwkward = {" ",
                                                          "  ",
                                                          "\n",
                                                          "\r\n",
                                                          "\t",
                                                          "\xE2\x96\x81",
                                                          "\xC2\xA0",
                                                          "\xE3\x80\x80",
                                                          "\xE2\x80\x8B",
                                                          "<s>",
                                                          "</s>",
                                                          "<unk>",
                                                          "<0x0A>",
                                                          "###",
                                                          "\xEF\xBB\xBF",
                                                          std::string(1, '\0'),
                                                          "e\xCC\x81",
                                                          "\xF0\x9F\x91\xA9\xE2\x80\x8D\xF0\x9F\x91\xA7",
                                                          "\xE2\x80\xAE",
                                                          "\xEF\xBF\xBD"};
        const int kind = below(6);
        for (int length = below(6); length >= 0; --length) {
            if (kind == 0) {
                text += kAwkward[static_cast<std::size_t>(below(static_cast<int>(kAwkward.size())))];
            } else if (kind == 1) {
                text += m_pieces.IdToPiece(below(m_pieces.GetPieceSize()));
            } else if (kind == 2) {
                append(text, static_cast<char32_t>(1 + below(0x7F)));
            } else if (kind == 3) {
                append(text, static_cast<char32_t>(0x80 + below(0x800)));
            } else {
                const char32_t code = static_cast<char32_t>(below(kind == 4 ? 0x10000 : 0x110000));
                append(text, code >= 0xD800 && code < 0xE000 ? U'x' : code);
            }
        }
    }

    const sentencepiece::SentencePieceProcessor& m_pieces;
    std::mt19937 m_random{1};  // the same texts each time
};

}  // namespace

class TestTokenizerDifferential : public QObject {
    Q_OBJECT

private slots:
    void equalsSentencePiece_data() {
        QTest::addColumn<QString>("folder");
        std::set<QByteArray> seen;
        for (const char* parent : {ALCOVE_FIXTURES, ALCOVE_SHIPPED_CHECKPOINTS}) {
            QDirIterator models(parent, {"tokenizer.model"}, QDir::Files, QDirIterator::Subdirectories);
            QStringList found;
            while (models.hasNext()) {
                found << models.next();
            }
            found.sort();
            for (const QString& model : found) {
                if (seen.insert(alcove::tests::contents(model)).second) {
                    const QString folder = QFileInfo(model).absolutePath();
                    QTest::newRow(qPrintable(QFileInfo(folder).fileName())) << folder;
                }
            }
        }
        QVERIFY(seen.size() >= 2);
    }

    void equalsSentencePiece() {
        QFETCH(QString, folder);
        sentencepiece::SentencePieceProcessor reference;
        QVERIFY(reference.Load((folder + "/tokenizer.model").toStdString()).ok());
        const Checkpoint checkpoint = Checkpoint::open(folder.toStdString());
        const std::uint32_t size = checkpoint.config().vocabSize;
        const Tokenizer own = Tokenizer::open(folder.toStdString(), size);
        QTemporaryDir scratch;
        const std::filesystem::path file = scratch.filePath("model.gguf").toStdString();
        ModelWriteOptions options;
        options.reader = GgufReader::LlamaCpp;
        (void)writeModel(checkpoint, own, {.name = "plain"}, file, options);
        const Tokenizer rewritten = Tokenizer::open(file, size);
        RandomText texts(reference);
        for (int i = 0; i < kTexts; ++i) {
            const std::string text = texts.next();
            std::vector<int> ids;
            std::string decoded;
            QVERIFY(reference.Encode(text, &ids).ok() && reference.Decode(ids, &decoded).ok());
            std::vector<int> others;  // ids that no text led to
            for (int count = texts.below(12); count > 0; --count) {
                others.push_back(texts.below(reference.GetPieceSize()));
            }
            std::string othersDecoded;
            QVERIFY(reference.Decode(others, &othersDecoded).ok());
            for (const Tokenizer* tokenizer : {&own, &rewritten}) {
                QVERIFY2(tokenizer->encode(text) == ids, text.c_str());
                QVERIFY2(tokenizer->decode(ids) == decoded, text.c_str());
                QVERIFY2(tokenizer->decode(others) == othersDecoded, text.c_str());
                std::string bytes;
                for (const TokenId id : ids) {
                    bytes += tokenizer->tokenBytes(id);
                }
                QVERIFY2(bytes == (ids.empty() ? std::string() : " " + decoded), text.c_str());
            }
        }
    }
};

ALCOVE_TEST(TestTokenizerDifferential)
#include "test_tokenizer_differential.moc"
