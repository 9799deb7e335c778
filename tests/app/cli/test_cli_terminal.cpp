// What models and files say does not steer the terminal that it is shown on; pipes get it as it is.
#include <QTemporaryDir>
#include <QTest>

#include "app/history/history_store.h"
#include "tests/app/cli/cli_run.h"
#include "tests/rig/terminal.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QString kHostile = QString::fromUtf8("a\u001b]0;owned\u0007b") + QChar(0x9b) + "2J" + QChar(0x202e) + "c";
const QByteArray kShown = "a␛]0;owned␇b<U+009B>2J<U+202E>c";

struct Streams {
    bool out = false;  // is a terminal
    bool err = false;
};

CliRun runOn(const Streams& terminals, const QStringList& arguments, const QString& dataFolder,
             const QByteArray& input = {}) {
    const Terminal out;
    const Terminal err;
    QProcess process;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert("ALCOVE_DATA_DIR", dataFolder);
    process.setProcessEnvironment(environment);
    if (terminals.out) {
        process.setStandardOutputFile(out.file());
    }
    if (terminals.err) {
        process.setStandardErrorFile(err.file());
    }
    process.start(ALCOVE_CLI, arguments);
    process.write(input);
    process.closeWriteChannel();
    CliRun run = finished(process);
    run.out += out.written();
    run.err += err.written();
    return run;
}

}  // namespace

class TestCliTerminal : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("VK_ICD_FILENAMES", "/nonexistent"); }

    // A title and messages from the history, as a model may have written them.
    void conversations() {
        const QTemporaryDir data;
        qint64 id = 0;
        {
            HistoryStore store = HistoryStore::open(data.path());
            id = store.startConversation("Title").conversationId;
            store.renameConversation(id, kHostile);
            store.appendMessage(id, Author::Assistant, kHostile);
        }
        const QByteArray input = "/list\n/open " + QByteArray::number(id) + "\n";
        const QStringList chat = {"chat", kTiny, "--device", "cpu"};
        const CliRun shown = runOn({.out = true}, chat, data.path(), input);
        QVERIFY2(shown.exitCode == 0, shown.err.constData());
        QCOMPARE(shown.out.count(kShown), 2);
        QVERIFY(!shown.out.contains('\x1b') && !shown.out.contains("\xc2\x9b"));
        const CliRun piped = runOn({.err = true}, chat, data.path(), input);
        QCOMPARE(piped.out.count(kHostile.toUtf8()), 2);
        QVERIFY(!piped.out.contains(kShown));

        const CliRun json = runOn({.out = true}, chat + QStringList{"--json"}, data.path(), input);
        QVERIFY(!json.out.contains('\x1b') && !json.out.contains("\xc2\x9b") && !json.out.contains("\xe2\x80\xae"));
        const QByteArray line = json.out.left(json.out.indexOf('\n'));
        QCOMPARE(QJsonDocument::fromJson(line)["conversations"][0]["title"].toString(), kHostile);
    }

    // A name of a file in a sentence.
    void sentences() {
        const QTemporaryDir data;
        const QStringList inspect = {"inspect", "/nonexistent/" + kHostile};
        const CliRun shown = runOn({.err = true}, inspect, data.path());
        QCOMPARE(shown.exitCode, 1);
        QVERIFY2(shown.err.contains(kShown), shown.err.constData());
        QVERIFY(!shown.err.contains('\x1b'));
        const CliRun piped = runOn({.out = true}, inspect, data.path());
        QVERIFY2(piped.err.contains(kHostile.toUtf8()), piped.err.constData());
        QVERIFY(piped.out.isEmpty());
    }

    void complaintsAboutArguments() {
        const CliRun shown = runOn({.err = true}, {"logits", kTiny, "--tokens", kHostile}, "/nonexistent");
        QCOMPARE(shown.exitCode, 2);
        QVERIFY(shown.err.contains("␛]0;owned␇") && !shown.err.contains('\x1b'));
    }
};

ALCOVE_TEST(TestCliTerminal)
#include "test_cli_terminal.moc"
