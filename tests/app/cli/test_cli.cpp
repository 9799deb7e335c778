// alcove-cli where there is no Vulkan driver: usage, errors, and what needs none.
#include <cmath>

#include <QFile>
#include <QJsonArray>
#include <QRegularExpression>
#include <QTemporaryDir>
#include <QTest>

#include "tests/app/cli/cli_run.h"
#include "tests/rig/test_registry.h"

using namespace alcove::tests;

namespace {}  // namespace

class TestCli : public QObject {
    Q_OBJECT
private slots:
    void initTestCase() { qputenv("VK_ICD_FILENAMES", "/nonexistent"); }

    void help_data() {
        QTest::addColumn<QString>("command");
        for (const char* command :
             {"devices", "inspect", "tokenize", "logits", "generate", "ask", "chat", "bench", "perplexity", "evaluate",
              "quantize", "export", "forget-everything", "inspect-text", "privacy"}) {
            QTest::newRow(command) << command;
        }
    }
    void help() {
        QFETCH(QString, command);
        const CliRun run = runCli({command, "--help"});
        QCOMPARE(run.exitCode, 0);
        QVERIFY(run.out.contains("--json"));
        QVERIFY(run.out.contains(command.toUtf8()));
        QVERIFY(run.err.isEmpty());
        QVERIFY(runCli({"--help"}).out.contains("\n  " + command.toUtf8() + " "));
    }

    void version() {
        const CliRun run = runCli({"--version"});
        QCOMPARE(run.exitCode, 0);
        QVERIFY(QRegularExpression("^Alcove " ALCOVE_VERSION " \\([a-z0-9 -]+\\)\n$").match(run.out).hasMatch());
    }

    void wrongUsage_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("nothing") << QStringList{};
        QTest::newRow("unknown command") << QStringList{"nonsense"};
        QTest::newRow("unknown option") << QStringList{"devices", "--nonsense"};
        QTest::newRow("no checkpoint") << QStringList{"inspect"};
        QTest::newRow("no text") << QStringList{"tokenize", kStories};
        QTest::newRow("too many") << QStringList{"inspect", kStories, kTiny};
        QTest::newRow("no tokens") << QStringList{"logits", kStories};
        QTest::newRow("tokens that are no numbers") << QStringList{"logits", kStories, "--tokens", "1 x 3"};
        QTest::newRow("no token at all") << QStringList{"logits", kStories, "--tokens", " "};
        QTest::newRow("huge token") << QStringList{"logits", kStories, "--tokens", "99999999999"};
        QTest::newRow("fractional token") << QStringList{"logits", kStories, "--tokens", "1.5"};
        QTest::newRow("negative temperature") << QStringList{"generate", kStories, "--temperature", "-1"};
        QTest::newRow("temperature is no number") << QStringList{"generate", kStories, "--temperature", "warm"};
        QTest::newRow("top-p of 0") << QStringList{"generate", kStories, "--top-p", "0"};
        QTest::newRow("min-p above 1") << QStringList{"generate", kStories, "--min-p", "1.5"};
        QTest::newRow("negative max-tokens") << QStringList{"generate", kStories, "--max-tokens", "-1"};
        QTest::newRow("ask nothing") << QStringList{"ask"};
        QTest::newRow("bench nothing") << QStringList{"bench", kStories, "--generate-tokens", "0"};
        QTest::newRow("perplexity of nothing") << QStringList{"perplexity", kStories};
        QTest::newRow("no stride") << QStringList{"perplexity", kStories, kText, "--stride", "0"};
        QTest::newRow("negative stride") << QStringList{"perplexity", kStories, kText, "--stride", "-5"};
        QTest::newRow("no task") << QStringList{"evaluate", kStories};
        QTest::newRow("no file to write") << QStringList{"quantize", kStories};
        QTest::newRow("unknown type") << QStringList{"quantize", kStories, "/nonexistent/x", "--type", "q4_k"};
        QTest::newRow("export for no one") << QStringList{"export", kStories, "/nonexistent/x"};
        QTest::newRow("export for another") << QStringList{"export", kStories, "/nonexistent/x", "--for", "other"};
    }
    void wrongUsage() {
        QFETCH(QStringList, arguments);
        const CliRun run = runCli(arguments);
        QCOMPARE(run.exitCode, 2);
        QVERIFY(run.out.isEmpty());
        QVERIFY(!run.err.isEmpty());
    }

    void anUnknownCommandIsNamed() {
        const CliRun near = runCli({"inspct", kStories});
        QVERIFY(near.err.contains("“inspct”"));
        QVERIFY(near.err.contains("Did you mean “inspect”?"));
        QVERIFY(runCli({"perp"}).err.contains("Did you mean “perplexity”?"));
        QVERIFY(!runCli({"zzzzzz"}).err.contains("Did you mean"));
    }

    void noDriver_data() {
        QTest::addColumn<QStringList>("arguments");
        QTest::newRow("logits") << QStringList{"logits", kStories, "--tokens", "1"};
        QTest::newRow("generate") << QStringList{"generate", kStories, "--raw"};
        QTest::newRow("ask") << QStringList{"ask", "Hi", "--checkpoint", kStories};
        QTest::newRow("bench") << QStringList{"bench", kStories};
        QTest::newRow("perplexity") << QStringList{"perplexity", kStories, kText};
        QTest::newRow("evaluate") << QStringList{"evaluate", kStories, kTask};
    }
    void noDriver() {
        QFETCH(QStringList, arguments);
        const CliRun run = runCli(arguments + QStringList{"--device", "vulkan"});
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.out.isEmpty());
        QVERIFY(run.err.startsWith("alcove-cli: "));
        QVERIFY2(run.err.contains("Vulkan"), run.err.constData());
    }

    void withoutADriverTheProcessorServes() {
        const CliRun devices = runCli({"devices", "--json"});
        QCOMPARE(devices.exitCode, 0);
        QVERIFY2(devices.json()["vulkan_problem"].toString().contains("install"), devices.out.constData());
        const CliRun run = runCli({"logits", kStories, "--tokens", "1"});
        QCOMPARE(run.exitCode, 0);
        QVERIFY(run.json()["logits"].toArray().size() == 512);
    }

    void generateShowsLogProbabilities() {
        const QStringList arguments = {"generate", kStories,
                                       "--prompt", "Once upon",
                                       "--raw",    "--max-tokens",
                                       "5",        "--temperature",
                                       "0",        "--repetition-penalty",
                                       "1",        "--device",
                                       "cpu",      "--json"};
        const QJsonObject json = runCli(arguments + QStringList{"--logprobs", "3"}).json();
        const QJsonArray steps = json["logprobs"].toArray();
        QCOMPARE(steps.size(), 5);
        QString text;
        for (qsizetype i = 0; i < steps.size(); ++i) {
            const QJsonObject step = steps[i].toObject();
            QCOMPARE(step["id"], json["tokens"].toArray()[i]);
            QCOMPARE(step.keys(), (QStringList{"id", "logprob", "text", "top"}));
            const QJsonArray top = step["top"].toArray();
            QCOMPARE(top.size(), 3);
            QCOMPARE(top[0].toObject()["id"], step["id"]);  // greedy
            QCOMPARE(top[0].toObject()["logprob"], step["logprob"]);
            QVERIFY(top[0].toObject()["logprob"].toDouble() >= top[1].toObject()["logprob"].toDouble());
            QVERIFY(step["logprob"].toDouble() < 0);
            text += step["text"].toString();
        }
        QCOMPARE(text, json["text"].toString());
        QVERIFY(!runCli(arguments).json().contains("logprobs"));
        QCOMPARE(runCli({"generate", kStories, "--logprobs", "3"}).exitCode, 2);  // without --json
    }

    // The same figures as perplexity's.
    void inspectTextMeasuresEachToken() {
        const CliRun run = runCli({"inspect-text", kStories, kText, "--device", "cpu", "--top", "2", "--json"});
        QCOMPARE(run.exitCode, 0);
        const QJsonArray tokens = run.json()["tokens"].toArray();
        const QJsonObject measured = runCli({"perplexity", kStories, kText, "--device", "cpu", "--json"}).json();
        QCOMPARE(tokens.size(), measured["tokens"].toInt());
        double nll = 0;
        for (const QJsonValue& token : tokens) {
            nll -= token["logprob"].toDouble();
            QCOMPARE(token["top"].toArray().size(), 2);
        }
        QVERIFY(std::abs(nll - measured["nll"].toDouble()) < 1e-6 * nll);
        const CliRun lines = runCli({"inspect-text", kStories, kText, "--device", "cpu"});
        QCOMPARE(lines.out.count('\n'), tokens.size());
    }

    void privacyShowsWhatTheKernelRefuses() {
        const CliRun run = runCli({"privacy", "--json"});
        const QJsonObject json = run.json();
        QCOMPARE(json["protections"].toArray().size(), 3);
        QCOMPARE(run.exitCode, json["enforced"].toBool() ? 0 : 1);
        for (const QJsonValue& trial : json["trials"].toArray()) {
            if (trial["call"].toString().startsWith("socket(")) {
                QVERIFY2(trial["refused"].toBool(), qPrintable(trial["call"].toString()));
            }
        }
        QVERIFY(runCli({"privacy"}).out.contains("socket(AF_INET)"));
    }

    void inspectNeedsNoDriver() {
        const CliRun text = runCli({"inspect", kTiny});
        QCOMPARE(text.exitCode, 0);
        QVERIFY(text.err.isEmpty());
        QVERIFY(text.out.contains("shared by all 4 layers"));
        QVERIFY(text.out.contains("8 for keys and values"));  // the shapes', not the configuration's 4

        const QJsonObject json = runCli({"inspect", kTiny, "--json"}).json();
        QCOMPARE(json["architecture"].toString(), QString("MobiLlamaForCausalLM"));
        QCOMPARE(json["kv_heads"].toInt(), 8);
        QCOMPARE(json["shared_ffn"].toBool(), true);
        QCOMPARE(json["ffn_blocks"].toInt(), 1);
        QCOMPARE(json["dtypes"].toArray(), QJsonArray{"F16"});
        QCOMPARE(json["tokenizer"].toObject()["pieces"].toInt(), 512);
        QCOMPARE(json["chat_template"].toString(), QString("plain"));
        QVERIFY(json["parameters_stored"].toDouble() > json["parameters_unique"].toDouble());

        const QJsonObject stories = runCli({"inspect", kStories, "--json"}).json();
        QCOMPARE(stories["sharing"].toString(), QString("none"));
        QCOMPARE(stories["shared_ffn"].toBool(), false);
        QCOMPARE(stories["tied_embedding"].toBool(), true);
        QCOMPARE(stories["kv_heads"].toInt(), 4);
        QCOMPARE(stories["parameters_unique"].toInt(), 260032);
        QCOMPARE(stories["format"].toString(), QString("safetensors"));
    }

    void tokenize() {
        const QString text = QString::fromUtf8("Hello, world! \n### Human: \u4f60\u597d \U0001F999");
        const CliRun run = runCli({"tokenize", kStories, text});
        QCOMPARE(run.exitCode, 0);
        QCOMPARE(run.out,
                 QByteArray("346 306 414 432 263 304 341 443 410 13 38 38 38 320 425 423 303 467 410 231 192 163 "
                            "232 168 192 410 243 162 169 156\n"));
        const QJsonObject json = runCli({"tokenize", kStories, "Once upon", "--json"}).json();
        QCOMPARE(json["tokens"].toArray(), (QJsonArray{403, 407}));
        QCOMPARE(json["pieces"].toArray(),
                 (QJsonArray{QString::fromUtf8("\u2581Once"), QString::fromUtf8("\u2581upon")}));
        QCOMPARE(runCli({"tokenize", kStories, ""}).out, QByteArray("\n"));
        // Text that looks like an option goes behind "--".
        QCOMPARE(runCli({"tokenize", kStories, "--", "--json"}).exitCode, 0);
    }

    void tokenizeNeedsNothingButTheTokenizer() {
        QTemporaryDir folder;
        QVERIFY(QFile::copy(kStories + "/tokenizer.model", folder.filePath("tokenizer.model")));
        QCOMPARE(runCli({"tokenize", folder.path(), "Once"}).out, QByteArray("403\n"));
        QCOMPARE(runCli({"tokenize", folder.filePath("tokenizer.model"), "Once"}).out, QByteArray("403\n"));
    }

    void invalidUtf8() {
        QProcess shell;
        shell.start("sh", {"-c", "exec " ALCOVE_CLI " tokenize '" + kStories + "' \"$(printf 'a\\377b')\" --json"});
        const CliRun run = alcove::tests::finished(shell);
        QCOMPARE(run.exitCode, 0);
        QCOMPARE(run.json()["tokens"].toArray(),
                 runCli({"tokenize", kStories, QString::fromUtf8("a\ufffdb"), "--json"}).json()["tokens"].toArray());
        QVERIFY(!run.json()["tokens"].toArray().isEmpty());

        shell.start("sh", {"-c", "exec " ALCOVE_CLI " inspect \"$(printf '/no/a\\377b')\" --json"});
        QCOMPARE(alcove::tests::finished(shell).exitCode, 1);
    }

    void missingCheckpoint_data() {
        QTest::addColumn<QStringList>("arguments");
        for (const QStringList& arguments : {QStringList{"inspect", "/nonexistent"},
                                             {"tokenize", "/nonexistent", "x"},
                                             {"logits", "/nonexistent", "--tokens", "1"},
                                             {"generate", "/nonexistent"},
                                             {"ask", "x", "--checkpoint", "/nonexistent"},
                                             {"bench", "/nonexistent"},
                                             {"perplexity", "/nonexistent", kText},
                                             {"evaluate", "/nonexistent", kTask}}) {
            QTest::newRow(qPrintable(arguments.first())) << arguments;
        }
    }
    void missingCheckpoint() {
        QFETCH(QStringList, arguments);
        const CliRun run = runCli(arguments);
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.out.isEmpty());
        QVERIFY(run.err.contains("/nonexistent"));
    }

    // Nothing is opened for a file that cannot be measured.
    void unmeasurable_data() {
        QTest::addColumn<QString>("command");
        QTest::addColumn<QByteArray>("content");
        QTest::addColumn<QByteArray>("what");
        const QByteArray good = R"({"context": "a", "choices": [" b", " c"], "answer": 0})";
        QTest::newRow("empty text") << "perplexity" << QByteArray() << QByteArray("is empty");
        QTest::newRow("empty task") << "evaluate" << QByteArray() << QByteArray("no item");
        QTest::newRow("broken line") << "evaluate" << good + "\n" + good.chopped(3) + "\n" + good
                                     << QByteArray("line 2: its JSON is malformed");
        QTest::newRow("wrong answer") << "evaluate" << good + "\n\n" + QByteArray(good).replace("0}", "7}")
                                      << QByteArray("line 3: \"answer\" is 7");
        QTest::newRow("a text is no task") << "evaluate" << QByteArray("Once upon a time\n") << QByteArray("line 1: ");
    }
    void unmeasurable() {
        QFETCH(QString, command);
        QFETCH(QByteArray, content);
        QFETCH(QByteArray, what);
        QTemporaryDir folder;
        QFile file(folder.filePath("file"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(content);
        file.close();
        const CliRun run = runCli({command, kStories, file.fileName(), "--json"});
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.out.isEmpty());
        QVERIFY2(run.err.startsWith("alcove-cli: ") && run.err.contains(what), run.err.constData());
        QVERIFY(run.err.contains(file.fileName().toUtf8()));
        QCOMPARE(run.err.count('\n'), 1);
    }

    void unreadableFiles() {
        QTemporaryDir folder;
        QFile huge(folder.filePath("huge"));
        QVERIFY(huge.open(QIODevice::WriteOnly) && huge.resize((256LL << 20) + 1));  // sparse
        for (const char* command : {"perplexity", "evaluate"}) {
            for (const QString& path : {huge.fileName(), folder.path(), folder.filePath("none")}) {
                const CliRun run = runCli({command, kStories, path});
                QCOMPARE(run.exitCode, 1);
                QVERIFY(run.out.isEmpty());
                QVERIFY2(run.err.contains(path.toUtf8()) && run.err.endsWith(".\n"), run.err.constData());
            }
        }
    }

    void noCheckpointAtAll() {
        QTemporaryDir data;
        QTemporaryDir prefix;
        const QString program = alcove::tests::installedCli(prefix.path());
        for (const QStringList& arguments : {QStringList{"ask", "Hi"}, {"chat"}}) {
            const CliRun run = runCli(arguments, data.path(), {}, program);
            QCOMPARE(run.exitCode, 1);
            QVERIFY(run.out.isEmpty());
            QVERIFY2(run.err.contains(data.filePath("checkpoints").toUtf8()), run.err.constData());
        }
    }

    void quantizes() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("tiny.gguf");
        const CliRun run = runCli({"quantize", kTiny, file, "--type", "q8_0", "--json"});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QCOMPARE(run.json()["bytes"].toInteger(), QFileInfo(file).size());
        QCOMPARE(run.json()["type"].toString(), QString("Q8_0"));
        QVERIFY(run.err.isEmpty());

        const QJsonObject json = runCli({"inspect", file, "--json"}).json();
        QCOMPARE(json["name"].toString(), QString("tiny"));
        QCOMPARE(json["format"].toString(), QString("GGUF"));
        QCOMPARE(json["architecture"].toString(), QString("MobiLlamaForCausalLM"));
        QCOMPARE(json["shared_ffn"].toBool(), true);
        QCOMPARE(json["parameters_unique"], json["parameters_stored"]);  // the block is there once
        QCOMPARE(json["parameters_unique"], runCli({"inspect", kTiny, "--json"}).json()["parameters_unique"]);
        // Its feed-forward rows of 176 values are no whole number of blocks.
        QCOMPARE(json["dtypes"].toArray(), (QJsonArray{"F32", "F16", "Q8_0"}));
        QCOMPARE(runCli({"tokenize", file, "Once upon"}).out, QByteArray("403 407\n"));
        QCOMPARE(runCli({"tokenize", folder.path(), "Once upon"}).out, QByteArray("403 407\n"));
    }

    void exportsForLlamaCpp() {
        const QTemporaryDir folder;
        const QString file = folder.filePath("tiny.gguf");
        const CliRun run = runCli({"export", kTiny, file, "--for", "llama.cpp"});
        QVERIFY2(run.exitCode == 0, run.err.constData());
        QVERIFY(run.out.startsWith(file.toUtf8() + ": F16, "));
        const QJsonObject json = runCli({"inspect", file, "--json"}).json();
        QCOMPARE(json["sharing"].toString(), QString("equal_content"));
        QCOMPARE(json["ffn_blocks"].toInt(), 1);
        QVERIFY(json["parameters_stored"].toInt() > json["parameters_unique"].toInt());
    }

    void leavesOtherFilesAlone() {
        const QTemporaryDir folder;
        QFile file(folder.filePath("mine.gguf"));
        QVERIFY(file.open(QIODevice::ReadWrite));
        file.write("precious");
        file.flush();
        const CliRun refused = runCli({"quantize", kTiny, file.fileName()});
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(refused.err.contains(file.fileName().toUtf8() + " already exists"), refused.err.constData());
        QCOMPARE(QFileInfo(file.fileName()).size(), 8);
        QCOMPARE(runCli({"quantize", kTiny, file.fileName(), "--force"}).exitCode, 0);
        QVERIFY(QFileInfo(file.fileName()).size() > 100'000);
        QCOMPARE(QDir(folder.path()).entryList(QDir::Files | QDir::Hidden), QStringList{"mine.gguf"});
    }

    void unwritablePlaces() {
        const QTemporaryDir folder;
        for (const QString& place : {QString("/nonexistent/x.gguf"), folder.path()}) {
            const CliRun run = runCli({"quantize", kTiny, place});
            QCOMPARE(run.exitCode, 1);
            QVERIFY2(run.err.contains(place.toUtf8()), run.err.constData());
        }
        // A limit on the size of files stands for a full disk.
        QProcess shell;
        shell.start("sh", {"-c", "ulimit -f 16; exec " ALCOVE_CLI " quantize '" + kTiny + "' '" +
                                     folder.filePath("x.gguf") + "'"});
        const CliRun run = alcove::tests::finished(shell);
        QCOMPARE(run.exitCode, 1);
        QVERIFY2(run.err.contains("could not be written"), run.err.constData());
        QVERIFY(QDir(folder.path()).isEmpty());
    }

    void closedOutputIsAnError() {
        QProcess shell;
        shell.start("sh", {"-c", "exec " ALCOVE_CLI " inspect '" + kStories + "' > /dev/full"});
        const CliRun run = alcove::tests::finished(shell);
        QCOMPARE(run.exitCode, 1);
        QVERIFY(run.err.contains("could not be written"));
    }
};

ALCOVE_TEST(TestCli)
#include "test_cli.moc"
