// The real program, told to end while it is occupied.
#include <csignal>

#include <QTemporaryDir>
#include <QTest>

#include "app/history/history_store.h"
#include "tests/app/cli/cli_run.h"
#include "tests/rig/process_signals.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

class TestCliStop : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("VK_ICD_FILENAMES", "/nonexistent"); }

    // Each would take minutes.
    void measuringEnds_data() {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<int>("signal");
        QTest::newRow("comparing") << QStringList{"divergence", kStories, kStories} << SIGTERM;
        QTest::newRow("comparing, the terminal is gone") << QStringList{"divergence", kStories, kStories} << SIGHUP;
        QTest::newRow("perplexity") << QStringList{"perplexity", kStories} << SIGTERM;
    }
    void measuringEnds() {
        QFETCH(QStringList, command);
        QFETCH(int, signal);
        const QTemporaryDir folder;
        write(folder.filePath("text"), QByteArray("Once upon a time there was a tree. ").repeated(200'000));
        QProcess process;
        process.start(ALCOVE_CLI, command + QStringList{folder.filePath("text"), "--device", "cpu"});
        QVERIFY(process.waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(catches(process.processId(), signal), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), signal);
        const CliRun run = finished(process);
        QCOMPARE(run.exitCode, 130);
        QVERIFY(run.out.isEmpty());
    }

    void aConversationIsKept() {
        const QTemporaryDir folder;
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("ALCOVE_DATA_DIR", folder.path());
        process.setProcessEnvironment(environment);
        process.start(ALCOVE_CLI, {"chat", kStories, "--device", "cpu", "--temperature", "0"});
        process.write("Once upon a time\n");
        QByteArray out;
        QTRY_VERIFY_WITH_TIMEOUT(!(out += process.readAllStandardOutput()).isEmpty(), 60'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGTERM);
        const CliRun run = finished(process);
        QCOMPARE(run.exitCode, 0);
        out += run.out;
        QVERIFY(!QFile::exists(folder.filePath("history.sqlite-wal")));
        const HistoryStore store = HistoryStore::open(folder.path());
        const QList<ConversationSummary> conversations = store.conversations();
        QCOMPARE(conversations.size(), 1);
        const QList<Message> messages = store.messages(conversations[0].id);
        QCOMPARE(messages.size(), 2);
        QVERIFY(messages[1].status == MessageStatus::Stopped || messages[1].status == MessageStatus::Complete);
        QCOMPARE(QString::fromUtf8(out), messages[1].text + '\n');
    }
};

ALCOVE_TEST(TestCliStop)
#include "test_cli_stop.moc"
