// Smaller copies of checkpoints: made, found while they fit, passed over otherwise.
#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

#include "app/library/checkpoint_copies.h"
#include "engine/checkpoint/checkpoint.h"

using namespace alcove;

class TestLibraryCopies : public QObject {
    Q_OBJECT

private slots:
    void init();
    void makesACopyThatIsFound();
    void aChangedCheckpointHasNoCopy();
    void aDamagedCopyIsPassedOver();
    void stoppingLeavesNothing();
    void saysWhyItCannotBeMade();
    void aSmallCheckpointIsNotWorthACopy();

private:
    [[nodiscard]] CopyResult make() {
        return copies().make(
            m_checkpoint, [](double) {}, m_cancel);
    }
    [[nodiscard]] CheckpointCopies copies() const { return CheckpointCopies(m_folder->filePath("cache/copies")); }
    [[nodiscard]] QStringList files() const { return QDir(m_folder->filePath("cache/copies")).entryList(QDir::Files); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_checkpoint;
    std::atomic<bool> m_cancel = false;
};

void TestLibraryCopies::init() {
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

void TestLibraryCopies::makesACopyThatIsFound() {
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
    const auto copy = engine::Checkpoint::open(QFile::encodeName(file).toStdString());
    const auto dtypes = copy.dtypes();
    QVERIFY(std::find(dtypes.begin(), dtypes.end(), engine::DType::Q4_0) != dtypes.end());
    QCOMPARE(CheckpointCopies::worthwhileBytes(copy), 0);
    QVERIFY(QDir(m_folder->filePath("cache")).removeRecursively());
    QVERIFY(copies().find(m_checkpoint).isEmpty());
}

void TestLibraryCopies::aChangedCheckpointHasNoCopy() {
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

void TestLibraryCopies::aDamagedCopyIsPassedOver() {
    QVERIFY(make().made);
    QFile copy(copies().fileFor(m_checkpoint));
    QVERIFY(copy.resize(copy.size() / 2));
    QVERIFY(copies().find(m_checkpoint).isEmpty());
    QVERIFY(make().made);
    QVERIFY(!copies().find(m_checkpoint).isEmpty());
    QCOMPARE(files().size(), 1);
}

void TestLibraryCopies::stoppingLeavesNothing() {
    m_cancel = true;
    const CopyResult result = make();
    QVERIFY(result.cancelled && !result.made && result.problem.isEmpty());
    QVERIFY(files().isEmpty());
}

void TestLibraryCopies::saysWhyItCannotBeMade() {
    const CheckpointCopies nowhere(m_checkpoint + "/config.json/copies");
    const CopyResult result = nowhere.make(
        m_checkpoint, [](double) {}, m_cancel);
    QVERIFY(!result.made && result.problem.contains("config.json/copies"));
    const CopyResult missing = copies().make(
        m_folder->filePath("none"), [](double) {}, m_cancel);
    QVERIFY(!missing.made && !missing.problem.isEmpty());
    QVERIFY(copies().fileFor(m_folder->filePath("none")).isEmpty());
}

void TestLibraryCopies::aSmallCheckpointIsNotWorthACopy() {
    QCOMPARE(CheckpointCopies::worthwhileBytes(engine::Checkpoint::open(m_checkpoint.toStdString())), 0);
}

QTEST_GUILESS_MAIN(TestLibraryCopies)
#include "test_library_copies.moc"
