// Smaller copies of checkpoints: made, found while they fit, passed over otherwise.
#include <algorithm>
#include <filesystem>
#include <optional>
#include <sys/resource.h>

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

#include "app/checkpoints/checkpoint_copies.h"
#include "app/checkpoints/file_path.h"
#include "engine/base/error.h"
#include "engine/checkpoint/checkpoint.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestCheckpointCopies : public QObject {
    Q_OBJECT

private slots:
    void init();
    void makesACopyThatIsFound();
    void aChangedCheckpointHasNoCopy();
    void aDamagedCopyIsPassedOver();
    void stoppingLeavesNothing();
    void saysWhyItCannotBeMade();
    void onlyALargeUnquantisedCheckpointIsWorthACopy();
    void opensTheCopyOrTheCheckpoint();
    void aDamagedCopyGoesAndTheCheckpointIsOpened();
    void aCopyThatCannotBeReadStays();
    void otherFailuresLeaveTheCopy();
    void countsAndDeletesCopiesAlone();
    void withoutAFolderThereAreNone();

private:
    [[nodiscard]] CopyResult make() {
        return copies().make(
            m_checkpoint, [](double) {}, m_cancel);
    }
    [[nodiscard]] CheckpointCopies copies() const { return CheckpointCopies(m_folder->filePath("cache/copies")); }
    // What openEither() opened, in that order; the copy is turned down with `refusal`.
    struct Opening {
        QList<QString> paths;
        QStringList notices;
        bool fromCopy = false;
    };
    [[nodiscard]] Opening openEither(std::optional<engine::ErrorCode> refusal = {}) const {
        Opening opening;
        const auto open = [&](const std::filesystem::path& path) {
            opening.paths << QString::fromStdString(path.string());
            (void)engine::Checkpoint::open(path);
            if (refusal && path.extension() == ".gguf") {
                throw engine::Error(*refusal, engine::Sentence::verbatim("No."));
            }
        };
        opening.fromCopy =
            copies().openEither(m_checkpoint, open, [&](const QString& sentence) { opening.notices << sentence; });
        return opening;
    }
    [[nodiscard]] QStringList files() const { return QDir(m_folder->filePath("cache/copies")).entryList(QDir::Files); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_checkpoint;
    std::atomic<bool> m_cancel = false;
};

void TestCheckpointCopies::init() {
    m_folder = std::make_unique<QTemporaryDir>();
    m_checkpoint = m_folder->filePath("my model");
    m_cancel = false;
    QVERIFY(QDir().mkpath(m_checkpoint));
    for (const QFileInfo& file : QDir(ALCOVE_FIXTURES "/shared-hd64-bf16").entryInfoList(QDir::Files)) {
        const QString copy = m_checkpoint + u'/' + file.fileName();
        QVERIFY(QFile::copy(file.filePath(), copy));
        QVERIFY(QFile::setPermissions(copy, QFile::ReadOwner | QFile::WriteOwner));
    }
}

void TestCheckpointCopies::makesACopyThatIsFound() {
    QVERIFY(copies().find(m_checkpoint).isEmpty());
    double last = 0;
    const CopyResult result = copies().make(
        m_checkpoint, [&last](double share) { last = share; }, m_cancel);
    QVERIFY2(result.made, qPrintable(result.problem));
    QCOMPARE(last, 1.0);
    const QString file = copies().find(m_checkpoint);
    QCOMPARE(file, copies().fileFor(m_checkpoint));
    QVERIFY(QFileInfo(file).fileName().startsWith("my_model-"));
    QCOMPARE(copies().find(m_checkpoint + "/config.json"), file);
    const auto copy = engine::Checkpoint::open(toPath(file));
    const auto dtypes = copy.dtypes();
    QVERIFY(std::find(dtypes.begin(), dtypes.end(), engine::DType::Q4_0) != dtypes.end());
    QCOMPARE(CheckpointCopies::worthwhileBytes(copy), 0);
    QVERIFY(QDir(m_folder->filePath("cache")).removeRecursively());
    QVERIFY(copies().find(m_checkpoint).isEmpty());
}

void TestCheckpointCopies::aChangedCheckpointHasNoCopy() {
    QVERIFY(make().made);
    const QStringList before = files();
    QFile card(m_checkpoint + "/alcove.json");
    QVERIFY(card.open(QIODevice::WriteOnly) && card.write("{\"display_name\": \"Other\"}") > 0);
    card.close();
    QVERIFY(copies().find(m_checkpoint).isEmpty());
    QVERIFY(make().made);
    QCOMPARE(files().size(), 1);  // the one before is gone
    QVERIFY(files() != before);
}

void TestCheckpointCopies::aDamagedCopyIsPassedOver() {
    QVERIFY(make().made);
    QFile copy(copies().fileFor(m_checkpoint));
    QVERIFY(copy.resize(copy.size() / 2));
    QVERIFY(copies().find(m_checkpoint).isEmpty());
    QVERIFY(make().made);
    QVERIFY(!copies().find(m_checkpoint).isEmpty());
    QCOMPARE(files().size(), 1);
}

void TestCheckpointCopies::stoppingLeavesNothing() {
    m_cancel = true;
    const CopyResult result = make();
    QVERIFY(result.cancelled && !result.made && result.problem.isEmpty());
    QVERIFY(files().isEmpty());
}

void TestCheckpointCopies::saysWhyItCannotBeMade() {
    const CheckpointCopies nowhere(m_checkpoint + "/config.json/copies");
    const CopyResult result = nowhere.make(
        m_checkpoint, [](double) {}, m_cancel);
    QVERIFY(!result.made && result.problem.contains("config.json/copies"));
    const CopyResult missing = copies().make(
        m_folder->filePath("none"), [](double) {}, m_cancel);
    QVERIFY(!missing.made && !missing.problem.isEmpty());
    QVERIFY(copies().fileFor(m_folder->filePath("none")).isEmpty());
}

void TestCheckpointCopies::onlyALargeUnquantisedCheckpointIsWorthACopy() {
    QCOMPARE(CheckpointCopies::worthwhileBytes(engine::Checkpoint::open(m_checkpoint.toStdString())), 0);

    // 64 MiB of embedding and a little more, all zeros: the file system need not keep them.
    const QString large = m_folder->filePath("large");
    QVERIFY(QDir().mkpath(large));
    QFile config(large + "/config.json");
    QVERIFY(config.open(QIODevice::WriteOnly));
    config.write(R"({"model_type": "llama", "hidden_act": "silu", "hidden_size": 512, "intermediate_size": 64,
        "num_hidden_layers": 1, "num_attention_heads": 8, "num_key_value_heads": 8, "max_position_embeddings": 64,
        "vocab_size": 65536, "rms_norm_eps": 1e-05, "bos_token_id": 1, "eos_token_id": 2, "tie_word_embeddings": true})");
    config.close();
    QByteArray header;
    qint64 values = 0;
    const auto tensor = [&](const QByteArray& name, int rows, int columns) {
        const QByteArray shape =
            (columns == 0 ? QByteArray() : QByteArray::number(columns) + ",") + QByteArray::number(rows);
        const qint64 begin = 2 * values;
        values += static_cast<qint64>(rows) * std::max(columns, 1);
        header += (header.isEmpty() ? "{\"" : ",\"") + name + "\":{\"dtype\":\"F16\",\"shape\":[" + shape +
                  "],\"data_offsets\":[" + QByteArray::number(begin) + "," + QByteArray::number(2 * values) + "]}";
    };
    tensor("model.embed_tokens.weight", 512, 65536);
    for (const char* name : {"q", "k", "v", "o"}) {
        tensor(QByteArray("model.layers.0.self_attn.") + name + "_proj.weight", 512, 512);
    }
    for (const char* name : {"gate", "up"}) {
        tensor(QByteArray("model.layers.0.mlp.") + name + "_proj.weight", 512, 64);
    }
    tensor("model.layers.0.mlp.down_proj.weight", 64, 512);
    for (const char* name : {"layers.0.input_layernorm", "layers.0.post_attention_layernorm", "norm"}) {
        tensor(QByteArray("model.") + name + ".weight", 512, 0);
    }
    header += '}';
    QFile weights(large + "/model.safetensors");
    QVERIFY(weights.open(QIODevice::WriteOnly));
    const quint64 length = qToLittleEndian(static_cast<quint64>(header.size()));
    weights.write(reinterpret_cast<const char*>(&length), sizeof(length));
    weights.write(header);
    QVERIFY(weights.resize(weights.pos() + 2 * values));
    weights.close();
    const auto checkpoint = engine::Checkpoint::open(large.toStdString());
    QCOMPARE(CheckpointCopies::worthwhileBytes(checkpoint), values / 32 * 18);
}

void TestCheckpointCopies::opensTheCopyOrTheCheckpoint() {
    Opening opening = openEither();
    QVERIFY(!opening.fromCopy && opening.notices.isEmpty());
    QCOMPARE(opening.paths, QList<QString>{m_checkpoint});
    QVERIFY(make().made);
    opening = openEither();
    QVERIFY(opening.fromCopy && opening.notices.isEmpty());
    QCOMPARE(opening.paths, QList<QString>{copies().fileFor(m_checkpoint)});
}

void TestCheckpointCopies::aDamagedCopyGoesAndTheCheckpointIsOpened() {
    QVERIFY(make().made);
    const QString file = copies().fileFor(m_checkpoint);
    QFile copy(file);
    QVERIFY(copy.resize(copy.size() / 2));
    Opening opening = openEither();
    QVERIFY(!opening.fromCopy);
    QCOMPARE(opening.paths, (QList<QString>{file, m_checkpoint}));
    QCOMPARE(opening.notices.size(), 1);
    QVERIFY2(opening.notices[0].contains("my model was damaged"), qPrintable(opening.notices[0]));
    QVERIFY(files().isEmpty());

    QVERIFY(make().made);  // a weight that is no number: its header is right
    QFile weights(file);
    QVERIFY(weights.open(QIODevice::ReadWrite) && weights.seek(weights.size() - 64));
    QCOMPARE(weights.write(QByteArray(64, '\xFF')), 64);
    weights.close();
    opening = openEither(engine::ErrorCode::NotFinite);
    QVERIFY(!opening.fromCopy);
    QCOMPARE(opening.notices.size(), 1);
    QVERIFY(files().isEmpty());
}

void TestCheckpointCopies::aCopyThatCannotBeReadStays() {
    QVERIFY(make().made);
    // As for a disk that fails, a device that cannot run it, a network folder that is away for a moment.
    for (const engine::ErrorCode code : {engine::ErrorCode::FileUnreadable, engine::ErrorCode::FileMissing,
                                         engine::ErrorCode::Unsupported, engine::ErrorCode::NotFinite}) {
        const Opening opening = openEither(code);
        QVERIFY(!opening.fromCopy);
        QCOMPARE(opening.paths.size(), 2);
        QCOMPARE(opening.notices.size(), 1);
        QVERIFY2(opening.notices[0].contains("cannot be used right now"), qPrintable(opening.notices[0]));
        QCOMPARE(files().size(), 1);
    }
    // As many files are open as may be.
    const QString file = copies().fileFor(m_checkpoint);
    struct rlimit limit = {};
    QCOMPARE(::getrlimit(RLIMIT_NOFILE, &limit), 0);
    const auto open = [&](const std::filesystem::path& path) {
        if (path.extension() == ".gguf") {
            const struct rlimit none = {0, limit.rlim_max};
            ::setrlimit(RLIMIT_NOFILE, &none);
            (void)engine::Checkpoint::open(path);
        }
    };
    const bool fromCopy = copies().openEither(m_checkpoint, open, [](const QString&) {});
    ::setrlimit(RLIMIT_NOFILE, &limit);
    QVERIFY(!fromCopy);
    QVERIFY(QFile::exists(file));
    QVERIFY(openEither().fromCopy);
}

void TestCheckpointCopies::otherFailuresLeaveTheCopy() {
    QVERIFY(make().made);
    for (const engine::ErrorCode code :
         {engine::ErrorCode::Cancelled, engine::ErrorCode::OutOfMemory, engine::ErrorCode::DeviceLost}) {
        QVERIFY_EXCEPTION_THROWN((void)openEither(code), engine::Error);
    }
    QCOMPARE(files().size(), 1);
    QVERIFY(openEither().fromCopy);
}

void TestCheckpointCopies::countsAndDeletesCopiesAlone() {
    QCOMPARE(copies().onDisk().count, 0);
    QVERIFY(make().made);
    const QString file = copies().fileFor(m_checkpoint);
    QVERIFY(QFile::copy(file, file + ".12.part"));
    QFile other(m_folder->filePath("cache/copies/mine.gguf"));
    QVERIFY(other.open(QIODevice::WriteOnly) && other.write("abc") == 3);
    other.close();
    QCOMPARE(copies().onDisk().count, 1);
    QCOMPARE(copies().onDisk().bytes, 2 * QFileInfo(file).size());
    QCOMPARE(copies().removeAll(), QString());
    QCOMPARE(files(), QStringList("mine.gguf"));
    QCOMPARE(copies().onDisk().bytes, 0);
}

void TestCheckpointCopies::withoutAFolderThereAreNone() {
    const CheckpointCopies none{QString()};
    QVERIFY(none.fileFor(m_checkpoint).isEmpty());
    QVERIFY(none.find(m_checkpoint).isEmpty());
    QVERIFY(!none.make(
                     m_checkpoint, [](double) {}, m_cancel)
                 .problem.isEmpty());
    QCOMPARE(none.onDisk().count, 0);
    QCOMPARE(none.removeAll(), QString());
}

ALCOVE_TEST(TestCheckpointCopies)
#include "test_checkpoint_copies.moc"
