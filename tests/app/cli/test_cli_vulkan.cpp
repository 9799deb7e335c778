// alcove-cli with a Vulkan device.
#include <csignal>

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

#include "app/history/history_store.h"
#include "tests/app/cli/cli_run.h"
#include "tests/rig/environment.h"
#include "tests/rig/slow_driver.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QByteArray kBeginning =
    "Once upon a time, there was a little girl named Lily. She loved to play outside in the park.";

void copyStories(const QString& folder, const QByteArray& alcoveJson = {}) {
    QVERIFY(QDir().mkpath(folder));
    for (const QString& name : QDir(kStories).entryList(QDir::Files)) {
        QVERIFY(QFile::copy(kStories + "/" + name, folder + "/" + name));
    }
    if (!alcoveJson.isEmpty()) {
        QFile file(folder + "/alcove.json");
        QVERIFY(file.open(QIODevice::WriteOnly) && file.write(alcoveJson) == alcoveJson.size());
    }
}

// A data folder whose library holds the stories; they were used last.
void fill(const QTemporaryDir& data) {
    const QString folder = data.filePath("checkpoints/stories260K");
    copyStories(folder);
    QSettings(data.filePath("settings.ini"), QSettings::IniFormat).setValue("checkpoints/last", folder);
}

}  // namespace

class TestCliVulkan : public QObject {
    Q_OBJECT
private slots:
    void devices() {
        const QJsonArray devices = runCli({"devices", "--json"}).json()["devices"].toArray();
        QVERIFY(!devices.isEmpty());
        const QJsonObject first = devices[0].toObject();
        QCOMPARE(first["device"].toString(), QString("vulkan:0"));
        QCOMPARE(first["usable"].toBool(), true);
        const CliRun text = runCli({"devices"});
        QCOMPARE(text.exitCode, 0);
        QCOMPARE(text.out.count('\n'), devices.size() + 1);
        QVERIFY2(text.out.contains("auto "), text.out.constData());
        QVERIFY(text.out.contains(first["name"].toString().toUtf8()));
    }

    void devicesSayWhatIsAutomatic() {
        const ScopedVariable device("ALCOVE_DEVICE", "auto");
        const QJsonObject software = runCli({"devices", "--json"}).json()["automatic"].toObject();
        device.set("nonsense");
        const CliRun wrong = runCli({"devices", "--json"});
        QCOMPARE(software["device"].toString(), QString("cpu"));
        QVERIFY(!software["reason"].toString().isEmpty());
        QVERIFY(!software.contains("graphics"));
        QCOMPARE(wrong.exitCode, 0);
        QCOMPARE(wrong.json()["automatic"].toObject()["device"].toString(), QString("none"));
    }

    // Compared with the processor when it is first needed, by whichever command, with a notice on standard error.
    void integratedGraphicsAreComparedOnce() {
        if (tests::onSlowDriver()) {
            QSKIP("a slow driver: a piece of MobiLlama is much for it");
        }
        const UncomparedGraphics uncompared;
        const CliRun first = runCli({"generate", kStories, "--raw", "--max-tokens", "1", "--json"});
        const CliRun second = runCli({"generate", kStories, "--raw", "--max-tokens", "1", "--json"});
        const CliRun devices = runCli({"devices", "--json"});
        QVERIFY2(first.err.startsWith("Comparing "), first.err.constData());
        QVERIFY2(second.err.isEmpty() && devices.err.isEmpty(), (second.err + devices.err).constData());
        const QJsonObject automatic = devices.json()["automatic"].toObject();
        QCOMPARE(first.json()["device"].toString(), automatic["name"].toString());
        QVERIFY(automatic["processor"].toObject()["answer_seconds"].toDouble() > 0);
        QVERIFY(automatic["graphics"].toObject()["reply_tokens_per_second"].toDouble() > 0);
    }

    void generateIsExactlyTheText() {
        const CliRun run =
            runCli({"generate", kStories, "--raw", "--prompt", "", "--temperature", "0", "--max-tokens", "48"});
        QCOMPARE(run.exitCode, 0);
        QVERIFY2(run.err.isEmpty(), run.err.constData());
        QVERIFY2(run.out.startsWith(kBeginning), run.out.constData());
        QVERIFY(!run.out.endsWith('\n'));
        // Without --prompt it is empty; the JSON form holds the same text.
        const QJsonObject json =
            runCli({"generate", kStories, "--raw", "--temperature", "0", "--max-tokens", "48", "--json"}).json();
        QCOMPARE(json["text"].toString().toUtf8(), run.out);
        QCOMPARE(json["tokens"].toArray().size(), 48);
        QCOMPARE(json["reason"].toString(), QString("max_tokens"));
        QCOMPARE(json["prompt_tokens"].toInt(), 1);
        QCOMPARE(json["context_size"].toInt(), 512);
    }

    void generateContinuesAPrompt() {
        const CliRun run = runCli({"generate", kStories, "--prompt", "Once upon a time, there was a little girl",
                                   "--temperature", "0", "--max-tokens", "5"});
        QVERIFY2(run.out.startsWith(" named Lily"), run.out.constData());
    }

    void seedsRepeat() {
        const auto reply = [](const char* seed) {
            return runCli({"generate", kStories, "--raw", "--temperature", "1", "--max-tokens", "20", "--seed", seed})
                .out;
        };
        QCOMPARE(reply("5"), reply("5"));
        QVERIFY(reply("5") != reply("6"));
    }

    void deviceByNumberAndName() {
        const QString name = runCli({"devices", "--json"}).json()["devices"].toArray()[0].toObject()["name"].toString();
        for (const QString& device : {QString("vulkan"), QString("vulkan:0"), name.left(6).toUpper()}) {
            const QJsonObject json =
                runCli({"generate", kStories, "--raw", "--max-tokens", "1", "--json", "--device", device}).json();
            QCOMPARE(json["device"].toString(), name);
        }
        const QJsonObject json =
            runCli({"generate", kStories, "--raw", "--max-tokens", "1", "--json", "--device", "cpu"}).json();
        QVERIFY(!json["device"].toString().isEmpty() && json["device"].toString() != name);
        const CliRun wrong = runCli({"generate", kStories, "--raw", "--device", "vulkan:99"});
        QCOMPARE(wrong.exitCode, 1);
        QVERIFY(wrong.err.contains(name.toUtf8()));
    }

    void logitsMatchTheReference() {
        QFile file(kTiny + "/expected.json");
        QVERIFY(file.open(QIODevice::ReadOnly));
        const QJsonObject expected = QJsonDocument::fromJson(file.readAll()).object();
        QStringList tokens;
        for (const QJsonValue& token : expected["tokens"].toArray()) {
            tokens += QString::number(token.toInt());
        }
        const CliRun run = runCli({"logits", kTiny, "--tokens", tokens.join(' ')});
        QCOMPARE(run.exitCode, 0);
        const QJsonArray logits = run.json()["logits"].toArray();
        const QJsonArray wanted = expected["logits_last"].toArray();
        QCOMPARE(logits.size(), wanted.size());
        for (qsizetype i = 0; i < logits.size(); ++i) {
            // Keys and values are kept in 16 bits.
            QVERIFY(std::abs(logits[i].toDouble() - wanted[i].toDouble()) < 1e-2);
        }
        QCOMPARE(runCli({"logits", kTiny, "--tokens", tokens.join(", "), "--json"}).out, run.out);
    }

    void logitsOfTokensThatAreNot() {
        for (const char* tokens : {"1 512", "-1", "1 2147483647"}) {
            const CliRun run = runCli({"logits", kTiny, "--tokens", tokens});
            QCOMPARE(run.exitCode, 1);
            QVERIFY(run.out.isEmpty());
            QVERIFY(run.err.contains("from 0 to 511"));
        }
        const CliRun tooMany = runCli({"logits", kTiny, "--tokens", QString("1 ").repeated(257)});
        QCOMPARE(tooMany.exitCode, 1);
        QVERIFY(tooMany.err.contains("257") && tooMany.err.contains("256"));
    }

    void promptTooLong() {
        const CliRun run = runCli({"generate", kStories, "--prompt", QString("\n").repeated(600)});
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.out.isEmpty());
        QVERIFY(run.err.contains("602") && run.err.contains("512"));
    }

    void askUsesTheLibrary() {
        QTemporaryDir data;
        fill(data);
        const CliRun run =
            runCli({"ask", "Once upon a time, there was a little girl", "--temperature", "0", "--max-tokens", "5"},
                   data.path());
        QCOMPARE(run.exitCode, 0);
        QVERIFY2(run.out.startsWith(" named Lily"), run.out.constData());
        QVERIFY(!QFile::exists(data.filePath("history.sqlite")));  // it saves nothing
        QCOMPARE(QDir(data.path()).entryList(QDir::AllEntries | QDir::NoDotAndDotDot),
                 (QStringList{"checkpoints", "settings.ini"}));
        const QJsonObject json =
            runCli({"ask", "Lily", "--checkpoint", "STORIES260k", "--max-tokens", "3", "--json"}, data.path()).json();
        QCOMPARE(json["chat_template"].toString(), QString("plain"));
        QCOMPARE(json["generated_tokens"].toInt(), 3);
    }

    // The installed program with nothing but what came with it, and then with what a person added and chose.
    void shippedCheckpointsAnswerFirst() {
        QTemporaryDir prefix;
        const QString program = alcove::tests::installedCli(prefix.path());
        QVERIFY(!program.isEmpty());
        const QString shipped = prefix.filePath("share/alcove/checkpoints/");
        copyStories(shipped + "early", R"({"chat_template": "starter", "order": 2})");
        copyStories(shipped + "starter",
                    R"({"chat_template": "starter", "display_name": "The one in the box", "order": 1})");
        QTemporaryDir data;
        copyStories(data.filePath("checkpoints/aaa-chat"));
        const QStringList ask = {"ask", "Hello", "--max-tokens", "2", "--json"};
        CliRun run = runCli(ask, "/nonexistent", {}, program);
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QCOMPARE(run.json()["chat_template"].toString(), QString("starter"));

        run = runCli({"chat", "--max-tokens", "2"}, data.path(), "Hello\n", program);
        QVERIFY2(run.exitCode == 0, run.err.constData());
        const QString canonical = QFileInfo(shipped + "starter").canonicalFilePath();
        const Message reply = HistoryStore::open(data.path()).messages(1).last();
        QCOMPARE(reply.settings.checkpointName, QString("The one in the box"));
        QCOMPARE(reply.settings.checkpointPath, canonical);
        for (const char* name : {"STARTER", "the one in the box"}) {
            run = runCli(ask + QStringList{"--checkpoint", name}, data.path(), {}, program);
            QVERIFY2(run.exitCode == 0, run.err.constData());
        }

        QSettings(data.filePath("settings.ini"), QSettings::IniFormat)
            .setValue("checkpoints/last", data.filePath("checkpoints/aaa-chat"));
        QCOMPARE(runCli(ask, data.path(), {}, program).json()["chat_template"].toString(), QString("mobillama-chat"));
    }

    void chatIsKeptInTheHistory() {
        QTemporaryDir data;
        fill(data);
        const CliRun run = runCli({"chat", "--max-tokens", "6", "--temperature", "0"}, data.path(),
                                  "Once upon a time, there was a little girl\n\n/new\nThe dog\n//x\n");
        QCOMPARE(run.exitCode, 0);
        QVERIFY2(run.err.isEmpty(), run.err.constData());
        QVERIFY2(run.out.startsWith(" named Lily"), run.out.constData());

        const HistoryStore store = HistoryStore::open(data.path());
        const QList<ConversationSummary> conversations = store.conversations();
        QCOMPARE(conversations.size(), 2);
        const QList<Message> first = store.messages(conversations[1].id);
        QCOMPARE(first.size(), 2);
        QCOMPARE(first[0].text, QString("Once upon a time, there was a little girl"));
        QVERIFY(first[1].text.startsWith(" named Lily"));
        QCOMPARE(first[1].status, MessageStatus::Complete);
        QCOMPARE(first[1].settings.checkpointName, QString("stories260K"));
        QVERIFY(first[1].settings.sampling.contains("\"temperature\":0,"));
        QCOMPARE(first[1].statistics.stopReason, QString("maxTokens"));
        QCOMPARE(first[1].statistics.generatedTokens, 6);
        const QList<Message> second = store.messages(conversations[0].id);
        QCOMPARE(second.size(), 4);
        QCOMPARE(second[2].text, QString("/x"));
        QVERIFY(second[3].statistics.reusedTokens > 1);
    }

    void chatListsAndOpens() {
        QTemporaryDir data;
        fill(data);
        QCOMPARE(runCli({"chat", "--max-tokens", "2"}, data.path(), "Lily and Tom\n").exitCode, 0);
        const CliRun listed = runCli({"chat", "--json"}, data.path(), "/list\n/open 1\n");
        QCOMPARE(listed.exitCode, 0);
        const QList<QByteArray> lines = listed.out.split('\n');
        QCOMPARE(lines.size(), 3);
        const QJsonObject list = QJsonDocument::fromJson(lines[0]).object();
        QCOMPARE(list["conversations"].toArray()[0].toObject()["title"].toString(), QString("Lily and Tom"));
        const QJsonArray messages = QJsonDocument::fromJson(lines[1]).object()["messages"].toArray();
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[0].toObject()["text"].toString(), QString("Lily and Tom"));

        const CliRun goneOn = runCli({"chat", "--max-tokens", "2", "--json"}, data.path(), "/open 1\nMore\n");
        const QJsonObject answer = QJsonDocument::fromJson(goneOn.out.split('\n')[1]).object();
        QCOMPARE(answer["conversation"].toInt(), 1);
        QCOMPARE(HistoryStore::open(data.path()).messages(1).size(), 4);

        for (const char* wrong : {"/open 99\n", "/open x\n", "/nonsense\n"}) {
            const CliRun run = runCli({"chat"}, data.path(), wrong);
            QCOMPARE(run.exitCode, 1);
            QVERIFY(run.out.isEmpty());
            QVERIFY(!run.err.isEmpty());
        }
    }

    void tooLongAMessageIsKeptAndExplained() {
        QTemporaryDir data;
        fill(data);
        const QByteArray longLine = QByteArray("x").repeated(600);
        const CliRun run = runCli({"chat"}, data.path(), longLine + "\n");
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.err.contains("too long"));
        const QList<Message> messages = HistoryStore::open(data.path()).messages(1);
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[0].text, QString::fromUtf8(longLine));
        QCOMPARE(messages[1].status, MessageStatus::Failed);
        QVERIFY(messages[1].error.contains("too long"));
    }

    // With these seeds the replies fill the whole context, so the signal comes while they are being written.
    void controlCStopsAReply() {
        QProcess process;
        process.start(ALCOVE_CLI, {"generate", kStories, "--raw", "--seed", "8", "--temperature", "100", "--top-k", "0",
                                   "--top-p", "1", "--min-p", "0", "--repetition-penalty", "1"});
        QVERIFY(process.waitForReadyRead(60000));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const CliRun run = alcove::tests::finished(process);
        QCOMPARE(run.exitCode, 130);
        QVERIFY2(run.err.isEmpty(), run.err.constData());
    }

    void controlCInAChatKeepsWhatWasWritten() {
        QTemporaryDir data;
        fill(data);
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("ALCOVE_DATA_DIR", data.path());
        process.setProcessEnvironment(environment);
        process.start(ALCOVE_CLI,
                      {"chat", "--seed", "2", "--temperature", "100", "--top-k", "0", "--top-p", "1", "--min-p", "0"});
        process.write("Lily\n");
        QVERIFY(process.waitForReadyRead(60000));
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        // The program is still there and answers the next line.
        process.write("/list\n");
        process.closeWriteChannel();
        const CliRun run = alcove::tests::finished(process);
        QCOMPARE(run.exitCode, 0);
        QVERIFY(run.out.contains("  Lily\n"));
        const QList<Message> messages = HistoryStore::open(data.path()).messages(1);
        QCOMPARE(messages.size(), 2);
        QCOMPARE(messages[1].status, MessageStatus::Stopped);
        QVERIFY(!messages[1].text.isEmpty());
    }

    void bench() {
        const CliRun run = runCli({"bench", kTiny, "--prompt-tokens", "8", "--generate-tokens", "4", "--json"});
        QCOMPARE(run.exitCode, 0);
        const QJsonObject json = run.json();
        for (const char* key : {"prefill_tokens_per_second", "decode_tokens_per_second", "weight_bytes",
                                "bytes_per_token", "achieved_gb_per_second", "device_read_gb_per_second",
                                "load_seconds", "peak_rss_bytes", "dispatches_per_token", "barriers_per_token"}) {
            QVERIFY2(json[key].toDouble() > 0, key);
        }
        // Four layers of 64·64 attention matrices and the 3·176·64 feed-forward block, the output matrix, one row of
        // the embedding, in F16; nine norms in F32; keys and values of 8 + 2.5 positions in F16, in
        // blocks of 32 for each of eight heads.
        const double matrices = 2.0 * (4 * (4 * 64 * 64 + 3 * 176 * 64) + 512 * 64 + 64);
        const double expected = matrices + 4.0 * 9 * 64 + 10.5 * (4 * 2 * 8 * 32 * 2);
        QCOMPARE(json["bytes_per_token"].toDouble(), expected);
        const CliRun text = runCli({"bench", kTiny, "--prompt-tokens", "8", "--generate-tokens", "4"});
        QCOMPARE(text.exitCode, 0);
        QVERIFY(text.out.contains("GB/s"));
        const CliRun tooLong = runCli({"bench", kTiny, "--prompt-tokens", "250", "--generate-tokens", "20"});
        QCOMPARE(tooLong.exitCode, 1);
        QVERIFY(tooLong.err.contains("274") && tooLong.err.contains("256"));
    }
};

ALCOVE_TEST(TestCliVulkan)
#include "test_cli_vulkan.moc"
