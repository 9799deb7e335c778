// "alcove-cli library" and "network-log", as a person runs them, with a hub on this machine.
#include <csignal>

#include <QJsonArray>
#include <QTemporaryDir>
#include <QTest>

#include "tests/app/cli/cli_run.h"
#include "tests/fakes/fake_hub.h"
#include "tests/rig/environment.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

class TestCliLibrary : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { qputenv("VK_ICD_FILENAMES", "/nonexistent"); }
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<FakeHub>();
        m_hub->addFolder("org/model", kTiny);
        qputenv("HF_HOME", QFile::encodeName(m_folder->filePath("hub-cache")));
        qputenv("XDG_CACHE_HOME", QFile::encodeName(m_folder->filePath("cache")));
    }
    void cleanup() {
        qunsetenv("HF_HOME");
        qunsetenv("XDG_CACHE_HOME");
    }

    void fromAnEmptyProfileToAReply() {
        CliRun log = run({"network-log"});
        QCOMPARE(log.out, QByteArray("Alcove has asked nothing of the network.\n"));
        const CliRun downloaded = run({"library", "download", "org/model", "--base", m_hub->base(), "--json"});
        QVERIFY2(downloaded.exitCode == 0, downloaded.err.constData());
        const QString path = downloaded.json()["path"].toString();
        QCOMPARE(path, data() + "/checkpoints/org/model");
        QCOMPARE(downloaded.json()["commit"].toString(), QString(FakeHub::commit()));
        QVERIFY(downloaded.err.contains(m_hub->storageHost().toUtf8()));
        const CliRun asked = run({"ask", "Hello", "--checkpoint", "model", "--device", "cpu", "--max-tokens", "2"});
        QVERIFY2(asked.exitCode == 0, asked.err.constData());

        const QJsonArray requests = run({"network-log", "--json"}).json()["requests"].toArray();
        QCOMPARE(requests.size(), m_hub->requests().size());
        log = run({"network-log"});
        QCOMPARE(log.out.count('\n'), requests.size());
        QVERIFY(log.out.contains("org/model/config.json"));

        const QJsonArray installed = run({"library", "list", "--json"}).json()["installed"].toArray();
        QCOMPARE(installed.last()["repository"].toString(), QString("org/model"));
        QCOMPARE(run({"library", "verify", "model"}).exitCode, 0);
        write(path + "/config.json", "{}");
        const CliRun damaged = run({"library", "verify", "org/model"});
        QCOMPARE(damaged.exitCode, 1);
        QVERIFY(damaged.err.contains("config.json"));
        QCOMPARE(run({"library", "remove", "org/model"}).exitCode, 1);  // nobody to ask
        QVERIFY(QFile::exists(path));
        QCOMPARE(run({"library", "remove", "org/model", "--yes"}).exitCode, 0);
        QVERIFY(!QFile::exists(path));
    }

    void stoppedAndCarriedOn() {
        m_hub->fault("/blob/", {HubFault::Kind::Hold, 100'000}, 3);
        const QStringList command = {"library", "download", "org/model", "--base", m_hub->base()};
        QProcess process;
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert("ALCOVE_DATA_DIR", data());
        process.setProcessEnvironment(environment);
        process.start(ALCOVE_CLI, command);
        const QString part =
            data() + "/checkpoints/.downloads/org--model@main/model/pytorch_model-00001-of-00002.bin.part";
        const QString other = QString(part).replace("00001-", "00002-");
        QTRY_VERIFY_WITH_TIMEOUT(QFileInfo(part).size() == 100'000 || QFileInfo(other).size() == 100'000, 20'000);
        ::kill(static_cast<pid_t>(process.processId()), SIGINT);
        const CliRun stopped = finished(process);
        QCOMPARE(stopped.exitCode, 130);
        QVERIFY(stopped.err.contains("carries on"));
        const CliRun listed = run({"library", "list"});
        QVERIFY(listed.out.contains("Not complete yet"));
        const CliRun again = run(command);
        QVERIFY2(again.exitCode == 0, again.err.constData());
        QVERIFY(QFile::exists(data() + "/checkpoints/org/model/config.json"));
    }

    void failures_data() {
        QTest::addColumn<QStringList>("command");
        QTest::addColumn<QByteArray>("sentence");
        QTest::newRow("no such model") << QStringList{"download", "nonsense"} << QByteArray("neither a model on offer");
        QTest::newRow("in the box") << QStringList{"download", "starter"} << QByteArray("is in the box");
        QTest::newRow("not there") << QStringList{"download", "org/other", "--base", "HUB"}
                                   << QByteArray("was not found");
        QTest::newRow("http") << QStringList{"download", "org/model", "--base", "http://example.invalid"}
                              << QByteArray("without encryption");
        QTest::newRow("verify") << QStringList{"verify", "nothing"} << QByteArray("There is no model \"nothing\"");
        QTest::newRow("remove") << QStringList{"remove", "nothing"} << QByteArray("There is no model \"nothing\"");
        QTest::newRow("import") << QStringList{"import", "/nonexistent"} << QByteArray("There is nothing at");
        QTest::newRow("add") << QStringList{"add", "../x"} << QByteArray("is no repository");
    }
    void failures() {
        QFETCH(QStringList, command);
        QFETCH(QByteArray, sentence);
        command.replaceInStrings("HUB", m_hub->base());
        const CliRun failed = run(QStringList{"library"} + command);
        QCOMPARE(failed.exitCode, 1);
        QVERIFY2(failed.err.contains(sentence), failed.err.constData());
    }

    void addedRepositories() {
        QCOMPARE(run({"library", "add", "https://example.org/org/model/tree/v2"}).exitCode, 0);
        QVERIFY(run({"library", "search", "org model"}).out.contains("org/model@v2"));
        QCOMPARE(run({"library", "remove", "org/model@v2"}).exitCode, 0);
        QVERIFY(!run({"library", "search", "org model"}).out.contains("org/model@v2"));
        QVERIFY(m_hub->requests().isEmpty());
    }

    void importsInPlaceAndCopies() {
        QCOMPARE(run({"library", "import", kTiny}).exitCode, 0);
        QVERIFY(run({"library", "import", kTiny, "--json"}).json()["known"].toBool());
        QCOMPARE(run({"library", "remove", kTiny}).exitCode, 0);
        QVERIFY(QFile::exists(kTiny + "/config.json"));
        const QJsonObject copied =
            run({"library", "import", kTiny + "/pytorch_model-00001-of-00002.bin", "--copy", "--json"}).json();
        QCOMPARE(copied["path"].toString(), data() + "/checkpoints/mobillama-tiny");
        QVERIFY(copied["copied"].toBool());
        QVERIFY(run({"library", "import", kTiny}).err.contains("the same model"));
        QCOMPARE(run({"library", "verify", "mobillama-tiny"}).exitCode, 0);
    }

    // HF_ENDPOINT names the hub, HF_TOKEN the token, and what another program's cache has is not downloaded.
    void theHubsOwnVariables() {
        m_hub->requireToken("hf_secret");
        const ScopedVariable endpoint("HF_ENDPOINT", m_hub->base().toLatin1());
        const CliRun refused = run({"library", "download", "org/model"});
        QCOMPARE(refused.exitCode, 1);
        QVERIFY2(refused.err.contains("access token"), refused.err.constData());
        const ScopedVariable token("HF_TOKEN", "hf_secret");
        const CliRun downloaded = run({"library", "download", "org/model"});
        QVERIFY2(downloaded.exitCode == 0, downloaded.err.constData());
        QCOMPARE(run({"library", "remove", "org/model", "--yes"}).exitCode, 0);

        const QString model = m_folder->filePath("hub-cache/hub/models--org--model");
        QVERIFY(QDir().mkpath(model + "/snapshots") && QDir().mkpath(model + "/refs"));
        QVERIFY(QFile::link(kTiny, model + "/snapshots/" + FakeHub::commit()));
        write(model + "/refs/main", FakeHub::commit());
        m_hub->forgetRequests();
        const QJsonObject inPlace = run({"library", "download", "org/model", "--json"}).json();
        QVERIFY(inPlace["in_place"].toBool());
        QVERIFY(m_hub->requests().isEmpty());
    }

private:
    [[nodiscard]] QString data() const { return m_folder->filePath("data"); }
    [[nodiscard]] CliRun run(const QStringList& arguments) const { return runCli(arguments, data()); }

    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FakeHub> m_hub;
};

ALCOVE_TEST(TestCliLibrary)
#include "test_cli_library.moc"
