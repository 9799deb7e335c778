// Smaller copies in the terminal: used to reply, never to measure.
#include <QDir>
#include <QFile>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "app/checkpoints/checkpoint_copies.h"
#include "app/history/history_store.h"
#include "tests/app/cli/cli_run.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QByteArray kCopyNotice = "Using the smaller copy of stories260K; --original opens the original.\n";

}  // namespace

class TestCliCopies : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        qputenv("VK_ICD_FILENAMES", "/nonexistent");
        qputenv("XDG_CACHE_HOME", QFile::encodeName(m_folder->path()));
        const CopyResult result = copies().make(
            kStories, [](double) {}, false);
        QVERIFY2(result.made, qPrintable(result.problem));
        m_file = copies().fileFor(kStories);
    }

    void repliesFromTheCopy_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("generate") << QStringList{"generate", kStories, "--prompt", "Lily", "--raw"};
        QTest::newRow("ask") << QStringList{"ask", "Lily", "--checkpoint", kStories};
        QTest::newRow("chat") << QStringList{"chat", kStories};
    }
    void repliesFromTheCopy() {
        QFETCH(QStringList, arguments);
        const QTemporaryDir data;
        arguments << "--max-tokens"
                  << "3"
                  << "--device"
                  << "cpu";
        const QByteArray input = "Lily\nTom\n";
        CliRun run = runCli(arguments, data.path(), input);
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QCOMPARE(run.err, kCopyNotice);
        run = runCli(arguments + QStringList{"--original"}, data.path(), input);
        QCOMPARE(run.exitCode, 0);
        QCOMPARE(run.err, QByteArray());

        QSettings(data.filePath("settings.ini"), QSettings::IniFormat).setValue("copies/use", false);
        QCOMPARE(runCli(arguments, data.path(), input).err, QByteArray());
    }

    void theHistoryNamesTheCheckpoint() {
        const QTemporaryDir data;
        const CliRun run = runCli({"chat", kStories, "--max-tokens", "3", "--device", "cpu"}, data.path(), "Lily\n");
        QCOMPARE(run.err, kCopyNotice);
        const ReplySettings settings = HistoryStore::open(data.path()).messages(1).last().settings;
        QCOMPARE(settings.checkpointName, QString("stories260K"));
        QCOMPARE(settings.checkpointPath, QFileInfo(kStories).canonicalFilePath());
    }

    void measuringOpensWhatIsNamed_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("inspect") << QStringList{"inspect", kStories};
        QTest::newRow("logits") << QStringList{"logits", kStories, "--tokens", "1 2", "--device", "cpu"};
        QTest::newRow("perplexity") << QStringList{"perplexity", kStories, ALCOVE_FIXTURES "/measures/text.txt",
                                                   "--device", "cpu"};
        QTest::newRow("evaluate") << QStringList{"evaluate", kStories, ALCOVE_FIXTURES "/measures/task.jsonl",
                                                 "--device", "cpu"};
    }
    void measuringOpensWhatIsNamed() {
        QFETCH(QStringList, arguments);
        const CliRun with = runCli(arguments + QStringList{"--json"});
        QVERIFY2(with.exitCode == 0, with.err.constData());
        QVERIFY(!with.err.contains("copy"));
        QVERIFY(QFile::remove(m_file));
        QJsonObject before = with.json();
        QJsonObject after = runCli(arguments + QStringList{"--json"}).json();
        for (QJsonObject* result : {&before, &after}) {
            for (const QString& key : result->keys()) {
                if (key.contains("second")) {
                    result->remove(key);
                }
            }
        }
        QVERIFY(!before.isEmpty());
        QCOMPARE(before, after);
    }

    void aDamagedCopyIsReportedAndDeleted() {
        QFile copy(m_file);
        QVERIFY(copy.resize(copy.size() / 2));
        const CliRun run = runCli({"generate", kStories, "--raw", "--max-tokens", "3", "--device", "cpu"});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QVERIFY2(run.err.contains("stories260K was damaged"), run.err.constData());
        QVERIFY(!copy.exists());
        QVERIFY(!run.out.isEmpty());
    }

private:
    [[nodiscard]] CheckpointCopies copies() const { return CheckpointCopies(m_folder->filePath("alcove/copies")); }

    std::unique_ptr<QTemporaryDir> m_folder;
    QString m_file;
};

ALCOVE_TEST(TestCliCopies)
#include "test_cli_copies.moc"
