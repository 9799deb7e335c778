// forget-everything, as a person runs it.
#include <QDir>
#include <QDirIterator>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/history_store.h"
#include "tests/app/cli/cli_run.h"
#include "tests/rig/terminal.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

class TestCliForget : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_home = std::make_unique<QTemporaryDir>();
        for (const char* folder : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) {
            qputenv(folder, QFile::encodeName(m_home->filePath(folder)));
        }
        qputenv("VK_ICD_FILENAMES", "/nonexistent");
        QVERIFY(QDir().mkpath(data() + "/checkpoints/mine") &&
                QDir().mkpath(m_home->filePath("XDG_CACHE_HOME/alcove")) &&
                QDir().mkpath(m_home->filePath("XDG_CONFIG_HOME/alcove")));
        write(data() + "/checkpoints/mine/model.gguf", "x");
        write(m_home->filePath("XDG_CACHE_HOME/alcove/tuning.json"), "x");
        write(m_home->filePath("XDG_CONFIG_HOME/alcove/settings.ini"), "x");
        HistoryStore::open(data()).startConversation("My marker 4711");
    }
    void cleanup() {
        for (const char* folder : {"XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"}) {
            qunsetenv(folder);
        }
    }

    // What a real run leaves, all of it, in the folders of the system.
    void nothingIsLeftOfARun() {
        const CliRun chat = run({"chat", kTiny, "--device", "cpu", "--max-tokens", "3"}, "Hello\n");
        QVERIFY2(chat.exitCode == 0, chat.err.constData());
        const CliRun forgotten = run({"forget-everything", "--yes", "--checkpoints"});
        QVERIFY2(forgotten.exitCode == 0, forgotten.err.constData());
        QVERIFY(forgotten.out.contains(data().toUtf8() + "/history.sqlite\n"));
        QCOMPARE(left(), QStringList());
    }

    // The same where a person named the folder: none of Alcove's files there is missed.
    void nothingIsLeftInAChosenFolder() {
        const QTemporaryDir chosen;
        const CliRun chat = runCli({"chat", kTiny, "--device", "cpu", "--max-tokens", "3"}, chosen.path(), "Hello\n");
        QVERIFY2(chat.exitCode == 0, chat.err.constData());
        write(chosen.filePath("letter.txt"), "x");
        const CliRun forgotten = runCli({"forget-everything", "--yes"}, chosen.path());
        QCOMPARE(forgotten.exitCode, 0);
        QVERIFY(forgotten.out.contains("letter.txt (1 bytes) stays: it is not Alcove's."));
        QCOMPARE(QDir(chosen.path()).entryList(QDir::AllEntries | QDir::Hidden | QDir::NoDotAndDotDot),
                 (QStringList{"checkpoints", "letter.txt"}));
        QVERIFY(QFile::exists(data() + "/history.sqlite"));
    }

    void checkpointsStayUnlessAskedFor() {
        const CliRun forgotten = run({"forget-everything", "--yes"});
        QCOMPARE(forgotten.exitCode, 0);
        QVERIFY(forgotten.out.contains("/checkpoints (1 bytes) stays"));
        QVERIFY(forgotten.out.endsWith("Removed.\n"));
        QCOMPARE(left(), QStringList{"XDG_DATA_HOME/alcove/checkpoints/mine/model.gguf"});
    }

    void nobodyToAsk() {
        const QStringList before = left();
        for (const QStringList& arguments : {QStringList{"forget-everything"}, {"forget-everything", "--json"}}) {
            const CliRun refused = run(arguments, "yes\n");
            QCOMPARE(refused.exitCode, 1);
            QCOMPARE(left(), before);
        }
        const QJsonObject json = run({"forget-everything", "--json"}).json();
        QCOMPARE(json["removed"].toBool(), false);
        QVERIFY(json["traces"].toArray().size() >= 4);
        QCOMPARE(json["kept"].toArray().at(0)["reason"].toString(), QString("checkpoints"));
        QVERIFY(run({"forget-everything", "--json", "--yes"}).json()["removed"].toBool());
    }

    void asksOnATerminal_data() {
        QTest::addColumn<QByteArray>("answer");
        QTest::addColumn<bool>("removed");
        QTest::newRow("yes") << QByteArray("yes\n") << true;
        QTest::newRow("y") << QByteArray("y\n") << false;
        QTest::newRow("return") << QByteArray("\n") << false;
        QTest::newRow("end") << QByteArray("\x04") << false;
    }
    void asksOnATerminal() {
        QFETCH(QByteArray, answer);
        QFETCH(bool, removed);
        const Terminal terminal;
        QProcess process;
        process.setStandardInputFile(terminal.file());
        terminal.type(answer);
        process.start(ALCOVE_CLI, {"forget-everything"});
        const CliRun asked = finished(process);
        QVERIFY(asked.out.contains("Type yes: "));
        QCOMPARE(asked.exitCode, removed ? 0 : 1);
        QCOMPARE(QFile::exists(data() + "/history.sqlite"), !removed);
    }

    void refusesWhileAlcoveRuns() {
        const QStringList before = left();
        {
            const HistoryStore running = HistoryStore::open(data());
            const CliRun refused = run({"forget-everything", "--yes"});
            QCOMPARE(refused.exitCode, 1);
            QVERIFY(refused.err.contains("Alcove is running"));
            QVERIFY(refused.out.isEmpty());
        }
        QCOMPARE(left(), before);
        QCOMPARE(run({"forget-everything", "--yes"}).exitCode, 0);
    }

    void nothingToRemove() {
        QCOMPARE(run({"forget-everything", "--yes", "--checkpoints"}).exitCode, 0);
        const CliRun again = run({"forget-everything", "--yes", "--checkpoints"});
        QCOMPARE(again.exitCode, 0);
        QCOMPARE(again.out, QByteArray("There is nothing to remove.\n"));
        QVERIFY(left().isEmpty());  // asking leaves nothing either
    }

private:
    [[nodiscard]] QString data() const { return m_home->filePath("XDG_DATA_HOME/alcove"); }
    [[nodiscard]] QStringList left() const {
        QStringList files;
        QDirIterator all(m_home->path(), QDir::Files | QDir::Hidden | QDir::System, QDirIterator::Subdirectories);
        while (all.hasNext()) {
            files << QDir(m_home->path()).relativeFilePath(all.next());
        }
        files.sort();
        return files;
    }
    // In the folders of the system.
    [[nodiscard]] static CliRun run(const QStringList& arguments, const QByteArray& input = {}) {
        QProcess process;
        process.start(ALCOVE_CLI, arguments);
        process.write(input);
        process.closeWriteChannel();
        return finished(process);
    }

    std::unique_ptr<QTemporaryDir> m_home;
};

ALCOVE_TEST(TestCliForget)
#include "test_cli_forget.moc"
