// alcove-cli history, as a person or a script runs it.
#include <csignal>

#include <QElapsedTimer>
#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>
#include <QThread>

#include "app/history/history_store.h"
#include "tests/app/cli/cli_run.h"
#include "tests/rig/terminal.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QString kImported = kFixtures + "/imports";

QJsonArray array(const CliRun& run) {
    return run.out.count('\n') == 1 ? QJsonDocument::fromJson(run.out).array() : QJsonArray();
}

}  // namespace

class TestCliHistory : public QObject {
    Q_OBJECT

private slots:
    void init() { m_folder = std::make_unique<QTemporaryDir>(); }

    void importsOnce() {
        const QString file = kImported + "/chatgpt.json";
        const QJsonObject dry = run({"import", file, "--dry-run", "--json"}).json();
        QCOMPARE(array(run({"list", "--json"})).size(), 0);
        const CliRun first = run({"import", file, "--json"});
        QCOMPARE(first.exitCode, 0);
        QCOMPARE(first.json(), dry);
        QCOMPARE(QJsonDocument(first.json()).toJson(QJsonDocument::Compact),
                 QByteArray(
                     "{\"branches\":2,\"conversations\":2,\"messages\":8,\"skipped\":["
                     "{\"where\":\"chatgpt.json, conversation 1\",\"why\":\"Outputs of tools are left out: 1.\"},"
                     "{\"where\":\"chatgpt.json, conversation 3\",\"why\":\"The conversation holds no messages.\"}]}"));
        const QJsonObject second = run({"import", file, file, "--json"}).json();
        QCOMPARE(second["conversations"].toInt(-1) + second["messages"].toInt(-1) + second["branches"].toInt(-1), 0);
    }

    // What is damaged is said on standard error too, with an exit code; what was whole is there.
    void damagedFiles() {
        const CliRun cut = run({"import", kImported + "/chatgpt-cut.json", "--json"});
        QCOMPARE(cut.exitCode, 1);
        QCOMPARE(cut.json()["conversations"].toInt(), 1);
        QVERIFY(cut.err.startsWith("alcove-cli: chatgpt-cut.json, line 59, byte "));
        const CliRun missing = run({"import", "/none.json"});
        QCOMPARE(missing.exitCode, 1);
        QCOMPARE(missing.err, QByteArray("alcove-cli: There is no file /none.json.\n"));
        QCOMPARE(run({"import", kFixtures + "/README.md"}).exitCode, 1);
        QCOMPARE(run({"import"}).exitCode, 2);
    }

    void listAndStats() {
        run({"import", kImported + "/lm-studio", kImported + "/chatgpt.json"});
        const QJsonArray all = array(run({"list", "--json"}));
        QCOMPARE(all.size(), 4);
        QCOMPARE(all[0].toObject().keys(), QStringList({"archived", "folder", "id", "pinned", "title", "updated_at"}));
        QCOMPARE(all[0]["title"].toString(), QString("Bread"));
        QCOMPARE(all[0]["folder"].toString(), QString("Recipes"));
        QVERIFY(all[0]["pinned"].toBool() && !all[0]["archived"].toBool());
        QCOMPARE(all[0]["updated_at"].toString(), QString("2025-11-29T00:00:10.000Z"));
        QVERIFY(all[3]["folder"].isNull());
        QCOMPARE(array(run({"list", "--folder", "Recipes", "--json"})).size(), 1);
        QVERIFY(run({"list"}).out.contains("Recipes: Bread (pinned)\n"));
        const QJsonObject stats = run({"stats", "--json"}).json();
        QCOMPARE(stats["conversations"].toInt(), 4);
        QCOMPARE(stats["messages"].toInt(), 13);
        QVERIFY(run({"stats"}).out.contains("Messages"));
    }

    void show() {
        run({"import", kImported + "/chatgpt.json"});
        const QJsonObject shown = run({"show", "1", "--json"}).json();
        QCOMPARE(shown.keys(), QStringList({"id", "messages", "title"}));
        const QJsonArray messages = shown["messages"].toArray();
        QCOMPARE(messages.size(), 6);
        QCOMPARE(messages[0].toObject().keys(), QStringList({"author", "created_at", "id", "parent", "shown", "text"}));
        QVERIFY(messages[0]["parent"].isNull());
        QCOMPARE(messages[1]["parent"].toInt(), messages[0]["id"].toInt());
        QCOMPARE(messages[5]["shown"].toBool(), false);
        QVERIFY(!run({"show", "1"}).out.contains("Gravity"));
        QVERIFY(run({"show", "1", "--tree"}).out.contains("[6 after 1] o-test, "));
        const CliRun missing = run({"show", "99"});
        QCOMPARE(missing.exitCode, 1);
        QVERIFY(missing.err.startsWith("alcove-cli: There is no conversation 99."));
    }

    void search() {
        run({"import", kImported + "/chatgpt.json"});
        const QJsonArray found = array(run({"search", "gravity", "--json"}));
        QCOMPARE(found.size(), 1);
        QCOMPARE(found[0].toObject().keys(), QStringList({"conversation", "message", "snippet", "title"}));
        QCOMPARE(found[0]["conversation"].toInt(), 1);
        QCOMPARE(found[0]["title"].toString(), QString("Tides"));
        QVERIFY(found[0]["snippet"].toString().contains("Gravity"));
        QVERIFY(array(run({"search", "tides", "--json"})).at(0)["message"].isNull());
        QVERIFY(run({"search", "why", "are"}).out.contains("Why are there tides?"));
        QCOMPARE(run({"search", "nothing-like-it", "--json"}).out, QByteArray("[]\n"));
    }

    void exportAndImportAgain() {
        run({"import", kImported});
        const CliRun all = run({"export", "--format", "json"});
        QCOMPARE(all.exitCode, 0);
        const QString file = m_folder->filePath("all.json");
        write(file, all.out);
        const QTemporaryDir other;
        QCOMPARE(runCli({"history", "import", file, "--json"}, other.path()).json()["conversations"].toInt(), 22);
        QCOMPARE(withoutTimes(runCli({"history", "export", "--format", "json"}, other.path()).out),
                 withoutTimes(all.out));

        QVERIFY(run({"export", "1"}).out.startsWith("# "));
        QCOMPARE(run({"export", "99"}).exitCode, 1);
        QCOMPARE(run({"export", "--format", "odt"}).exitCode, 2);
        const QString page = m_folder->filePath("page.html");
        QCOMPARE(run({"export", "2", "1", "--format", "html", "-o", page}).exitCode, 0);
        QVERIFY(contents(page).startsWith("<!DOCTYPE html>"));
        QCOMPARE(contents(page).count("<article>"), 2);
        QCOMPARE(run({"export", "--format", "html", "-o", page}).exitCode, 1);  // nothing is written over
        QCOMPARE(run({"export", "--format", "html", "-o", page, "--force"}).exitCode, 0);
        QCOMPARE(run({"export", "--folder", "lm-studio"}).exitCode, 0);
    }

    // While another program has the history open.
    void backupAndRestore() {
        run({"import", kImported + "/chatgpt.json"});
        HistoryStore window = HistoryStore::open(m_folder->path());
        window.startConversation("Mine");
        const QString file = m_folder->filePath("copy.sqlite");
        const CliRun backup = run({"backup", file, "--json"});
        QVERIFY2(backup.exitCode == 0, backup.err.constData());
        QCOMPARE(backup.json()["conversations"].toInt(), 3);
        QCOMPARE(run({"backup", file}).exitCode, 1);
        QCOMPARE(run({"restore", file, "--json"}).json()["messages"].toInt(-1), 0);
        const QTemporaryDir other;
        const CliRun restored = runCli({"history", "restore", file, "--json"}, other.path());
        QVERIFY2(restored.exitCode == 0, restored.err.constData());
        QCOMPARE(restored.json()["conversations"].toInt(), 3);
        QCOMPARE(restored.json()["messages"].toInt(), 9);
        QCOMPARE(runCli({"history", "stats", "--json"}, other.path()).json()["messages"].toInt(), 9);
        const CliRun refused = run({"restore", kFixtures + "/README.md"});
        QCOMPARE(refused.exitCode, 1);
        QVERIFY(refused.err.contains("is no backup of Alcove's"));
    }

    void bin() {
        run({"import", kImported + "/chatgpt.json"});
        {
            HistoryStore store = HistoryStore::open(m_folder->path());
            store.binBranch(2);
        }
        const QJsonArray binned = array(run({"bin", "--json"}));
        QCOMPARE(binned.size(), 1);
        QCOMPARE(binned[0]["id"].toInt(), 2);
        QCOMPARE(run({"bin", "--restore", "2"}).exitCode, 0);
        QCOMPARE(array(run({"bin", "--json"})).size(), 0);
        QCOMPARE(run({"bin", "--restore", "2"}).exitCode, 1);
        {
            HistoryStore store = HistoryStore::open(m_folder->path());
            store.binConversations({store.conversations().last().id});
        }
        const QJsonArray conversations = array(run({"bin", "--json"}));
        QCOMPARE(conversations.size(), 1);
        QCOMPARE(conversations[0].toObject()["kind"].toString(), QString("conversation"));
        const QString id = QString::number(conversations[0].toObject()["id"].toInteger());
        QCOMPARE(run({"bin", "--restore-conversation", id}).exitCode, 0);
        QCOMPARE(array(run({"bin", "--json"})).size(), 0);
    }

    // What a file says never reaches a terminal as commands.
    void terminalsAreNotCommanded() {
        write(
            m_folder->filePath("evil.json"),
            "[{\"id\":\"e\",\"title\":\"a\\u001b]0;owned\\u0007\",\"mapping\":{\"m\":{\"message\":{\"author\":{"
            "\"role\":\"user\"},"
            "\"content\":{\"content_type\":\"text\",\"parts\":[\"\\u001b[2J\"]}},\"parent\":null,\"children\":[]}}}]");
        QCOMPARE(run({"import", m_folder->filePath("evil.json")}).exitCode, 0);
        for (const QStringList& command : {QStringList{"list"},
                                           {"list", "--json"},
                                           {"show", "1"},
                                           {"show", "1", "--json"},
                                           {"export", "1"},
                                           {"export", "1", "--format", "json"}}) {
            const Terminal terminal;
            QProcess process;
            QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
            environment.insert("ALCOVE_DATA_DIR", m_folder->path());
            process.setProcessEnvironment(environment);
            process.setStandardOutputFile(terminal.file());
            process.start(ALCOVE_CLI, QStringList{"history"} + command);
            QCOMPARE(finished(process).exitCode, 0);
            const QByteArray written = terminal.written();
            QVERIFY(!written.isEmpty());
            QVERIFY2(!written.contains('\x1b') && !written.contains('\x07'), written.constData());
        }
    }

    // Killed in the middle, it leaves whole conversations; importing again adds the rest.
    void killedWhileImporting() {
        constexpr int kConversations = 400;
        QByteArray lines;
        for (int i = 0; i < kConversations; ++i) {
            const QByteArray id = QByteArray::number(i);
            lines += "{\"conv\":{\"id\":\"" + id +
                     "\",\"name\":\"n\"},\"messages\":[{\"id\":\"a\",\"role\":\"user\",\"content\":\"q\"},"
                     "{\"id\":\"b\",\"parent\":\"a\",\"role\":\"assistant\",\"content\":\"r\"}]}\n";
        }
        const QString file = m_folder->filePath("many.jsonl");
        write(file, lines);
        HistoryStore watching = HistoryStore::open(m_folder->path());
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("ALCOVE_DATA_DIR", m_folder->path());
        process.setProcessEnvironment(environment);
        process.start(ALCOVE_CLI, {"history", "import", file});
        QVERIFY(process.waitForStarted());
        while (watching.figures().conversations < 5 && process.state() == QProcess::Running) {
            QThread::msleep(1);
            process.waitForFinished(0);
        }
        process.kill();
        process.waitForFinished();
        const HistoryFigures left = watching.figures();
        QVERIFY(left.conversations >= 5 && left.conversations < kConversations);
        QCOMPARE(left.messages, 2 * left.conversations);
        QCOMPARE(run({"import", file, "--json"}).json()["conversations"].toInt(), kConversations - left.conversations);
        QCOMPARE(watching.figures().messages, 2 * kConversations);
    }

private:
    CliRun run(const QStringList& arguments) const {
        return runCli(QStringList{"history"} + arguments, m_folder->path());
    }

    // Folders that importing makes get the time of that.
    static QByteArray withoutTimes(const QByteArray& json) {
        QByteArray result;
        bool folders = false;
        for (const QByteArray& line : json.split('\n')) {
            folders = folders || line.startsWith("\"folders\"");
            if (!folders || !line.contains("created_at")) {
                result += line + '\n';
            }
        }
        return result;
    }

    std::unique_ptr<QTemporaryDir> m_folder;
};

ALCOVE_TEST(TestCliHistory)
#include "test_cli_history.moc"
