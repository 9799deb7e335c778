// The built alcove-fetch and a hub on this machine that does wrong.
#include <csignal>
#include <sys/resource.h>

#include <QDir>
#include <QTcpServer>
#include <QTemporaryDir>
#include <QTest>

#include "app/downloads/network_log.h"
#include "tests/app/fetch/fetch_run.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

using Fault = HubFault::Kind;

QString nameOf(const std::optional<FetchFailure>& failure) {
    return failure ? QString(failureName(failure->kind)) : QString("done");
}

}  // namespace

class TestFetch : public QObject {
    Q_OBJECT

private slots:
    void init() {
        m_folder = std::make_unique<QTemporaryDir>();
        m_hub = std::make_unique<FakeHub>();
        m_hub->add(kRepository, "model.bin", m_content);
        m_hub->add(kRepository, "config.json", "{}", false);
    }

    void listsAndFetches() {
        m_hub->setPageSize(1);
        FetchRun run(*m_hub, *m_folder);
        run.send(FetchList{kRepository, "main"});
        const std::optional<FetchListing> listing = run.await<FetchListing>();
        QVERIFY(listing);
        QCOMPARE(listing->commit, QString(FakeHub::commit()));
        QCOMPARE(listing->files.size(), 2);
        QCOMPARE(listing->files[1], (ListedFile{"model.bin", sha256Of(m_content)}));
        for (const HubRequest& request : m_hub->requests().mid(1)) {
            QVERIFY2(request.path.contains("/tree/" + FakeHub::commit()), request.path);  // of the commit, not of main
        }
        QCOMPARE(nameOf(run.failureOf(file(listing->files[1], 1))), QString("done"));
        QCOMPARE(nameOf(run.failureOf(file(listing->files[0], 2))), QString("done"));
        QCOMPARE(contents(target("model.bin")), m_content);
        QCOMPARE(contents(target("config.json")), QByteArray("{}"));
        QCOMPARE(names(), (QStringList{"config.json", "log", "model.bin"}));
    }

    // Of Qt's own headers none tells of the person or the system; the token goes to the hub alone.
    void tellsNothing() {
        FetchRun run(*m_hub, *m_folder, "hf_secret");
        run.send(FetchList{kRepository, "main"});
        QVERIFY(run.await<FetchListing>());
        QCOMPARE(nameOf(run.failureOf(model())), QString("done"));
        const QStringList allowed = {"accept", "accept-encoding", "authorization", "connection",
                                     "host",   "if-range",        "range",         "user-agent"};
        for (const HubRequest& request : m_hub->requests()) {
            for (const QByteArray& name : request.headers.keys()) {
                QVERIFY2(allowed.contains(QString(name)), name);
            }
            QCOMPARE(request.header("user-agent"), QByteArray("Alcove"));
            QCOMPARE(request.header("accept-encoding"), QByteArray("identity"));
            QCOMPARE(request.header("authorization"), QByteArray(request.storage ? "" : "Bearer hf_secret"));
        }
        QVERIFY(!contents(m_folder->filePath("log")).contains("hf_secret"));
    }

    void showsTheOtherHost() {
        FetchRun run(*m_hub, *m_folder);
        run.send(model());
        const std::optional<FetchRedirected> redirected = run.await<FetchRedirected>();
        QVERIFY(redirected);
        QCOMPARE(redirected->host, m_hub->storageHost());
    }

    void failures_data() {
        QTest::addColumn<QByteArray>("part");
        QTest::addColumn<int>("kind");
        QTest::addColumn<qint64>("number");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("times");
        QTest::addColumn<QString>("outcome");
        const auto row = [](const char* name, const char* part, Fault kind, qint64 number, const QByteArray& text,
                            int times, const char* outcome) {
            QTest::newRow(name) << QByteArray(part) << static_cast<int>(kind) << number << text << times
                                << QString(outcome);
        };
        constexpr int kAlways = 100;
        row("404", "/resolve/", Fault::Status, 404, "", kAlways, "not_found");
        row("401", "/resolve/", Fault::Status, 401, "", kAlways, "gated");
        row("403", "/resolve/", Fault::Status, 403, "", kAlways, "refused");
        row("403 of the storage, once", "/blob/", Fault::Status, 403, "", 1, "done");
        row("403 of the storage", "/blob/", Fault::Status, 403, "", kAlways, "server_error");
        row("429, once", "/resolve/", Fault::Status, 429, "Retry-After: 0\r\n", 1, "done");
        row("429, for an hour", "/resolve/", Fault::Status, 429, "Retry-After: 3600\r\n", 1, "too_many_requests");
        row("500, once", "/resolve/", Fault::Status, 500, "", 1, "done");
        row("503", "/resolve/", Fault::Status, 503, "", kAlways, "server_error");
        row("418", "/resolve/", Fault::Status, 418, "", kAlways, "unexpected_answer");
        row("204", "/blob/", Fault::Status, 204, "", kAlways, "unexpected_answer");
        row("redirected in a circle", "/resolve/", Fault::Redirect, 0, "/org/model/resolve/main/model.bin", kAlways,
            "redirect_loop");
        row("redirected to http", "/resolve/", Fault::Redirect, 0, "http://example.invalid/x", kAlways,
            "insecure_address");
        row("redirected to a file", "/resolve/", Fault::Redirect, 0, "file:///etc/passwd", kAlways, "insecure_address");
        row("redirected with a password", "/resolve/", Fault::Redirect, 0, "http://a:b@127.0.0.1/", kAlways,
            "insecure_address");
        row("breaks off, once", "/blob/", Fault::Break, 1000, "", 1, "done");
        row("breaks off at the beginning", "/blob/", Fault::Break, 0, "", kAlways, "interrupted");
        row("one byte too many", "/blob/", Fault::Longer, 1, "", kAlways, "wrong_size");
        row("a wrong byte, once", "/blob/", Fault::Corrupt, 5, "", 1, "done");
        row("a wrong byte", "/blob/", Fault::Corrupt, 5, "", kAlways, "wrong_hash");
        row("compressed", "/blob/", Fault::Encoded, 0, "", kAlways, "unexpected_answer");
        row("no HTTP", "/blob/", Fault::Garbage, 0, "", kAlways, "unexpected_answer");
        row("in chunks", "/blob/", Fault::Chunked, 0, "", kAlways, "done");
        row("without a length", "/blob/", Fault::NoLength, 0, "", kAlways, "done");
    }
    void failures() {
        QFETCH(QByteArray, part);
        QFETCH(int, kind);
        QFETCH(qint64, number);
        QFETCH(QByteArray, text);
        QFETCH(int, times);
        QFETCH(QString, outcome);
        m_hub->fault(part, {static_cast<Fault>(kind), number, text}, times);
        FetchRun run(*m_hub, *m_folder);
        QCOMPARE(nameOf(run.failureOf(model())), outcome);
        const bool done = outcome == "done";
        QCOMPARE(QFile::exists(target("model.bin")), done);
        if (done) {
            QCOMPARE(contents(target("model.bin")), m_content);
        }
        if (outcome == "wrong_hash") {
            QCOMPARE(names(), QStringList{"log"});
        }
    }

    void stalls_data() {
        QTest::addColumn<bool>("trickle");
        QTest::newRow("nothing more") << false;
        QTest::newRow("too little") << true;
    }
    void stalls() {
        QFETCH(bool, trickle);
        m_hub->fault("/blob/", {Fault::Hold, 1000}, 100);
        FetchLimits limits = quickLimits();
        limits.attempts = 1;
        (trickle ? limits.trickleMs : limits.stallMs) = 400;
        limits.trickleBytes = trickle ? 100'000 : 1;
        FetchRun run({.base = m_hub->base(), .log = m_folder->filePath("log"), .limits = limits});
        QCOMPARE(nameOf(run.failureOf(model())), QString("stalled"));
        QCOMPARE(QFileInfo(target("model.bin") + ".part").size(), 1000);
    }

    void unreachable() {
        quint16 port = 0;
        {
            QTcpServer server;
            QVERIFY(server.listen(QHostAddress::LocalHost));
            port = server.serverPort();
        }
        FetchRun run({.base = QString("http://127.0.0.1:%1").arg(port),
                      .log = m_folder->filePath("log"),
                      .limits = quickLimits()});
        QCOMPARE(nameOf(run.failureOf(model())), QString("unreachable"));
    }

    void untrusted() {
        FetchRun run({.base = m_hub->base().replace("http:", "https:"),
                      .log = m_folder->filePath("log"),
                      .limits = quickLimits()});
        QCOMPARE(nameOf(run.failureOf(model())), QString("tls"));
    }

    void listingsThatFail_data() {
        QTest::addColumn<QByteArray>("part");
        QTest::addColumn<int>("kind");
        QTest::addColumn<qint64>("number");
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<QString>("outcome");
        const auto row = [](const char* name, const char* part, Fault kind, qint64 number, const QByteArray& text,
                            const char* outcome) {
            QTest::newRow(name) << QByteArray(part) << static_cast<int>(kind) << number << text << QString(outcome);
        };
        row("404", "/tree/", Fault::Status, 404, "", "not_found");
        row("401", "config.json", Fault::Status, 401, "", "gated");
        row("at another host", "/tree/", Fault::Redirect, 0, "http://127.0.0.2:1/x", "foreign_host");
        row("too large", "/tree/", Fault::Longer, 5 << 20, "", "listing_too_large");
        row("no JSON", "/tree/", Fault::Longer, 5, "", "unsafe_listing");
        row("500", "/tree/", Fault::Status, 500, "", "server_error");
    }
    void listingsThatFail() {
        QFETCH(QByteArray, part);
        QFETCH(int, kind);
        QFETCH(qint64, number);
        QFETCH(QByteArray, text);
        QFETCH(QString, outcome);
        m_hub->fault(part, {static_cast<Fault>(kind), number, text}, 100);
        FetchRun run(*m_hub, *m_folder);
        run.send(FetchList{kRepository, "main"});
        const std::optional<FetchFailed> failed = run.await<FetchFailed>();
        QVERIFY(failed);
        QCOMPARE(nameOf(failed->failure), outcome);
    }

    // With the validator of what is there, so that a changed file is sent whole.
    void asksForTheRest() {
        m_hub->fault("/blob/", {Fault::Break, 1000});
        FetchRun run(*m_hub, *m_folder);
        QCOMPARE(nameOf(run.failureOf(model())), QString("done"));
        QList<HubRequest> storage = m_hub->requests();
        storage.removeIf([](const HubRequest& request) { return !request.storage; });
        QCOMPARE(storage.size(), 2);
        QCOMPARE(storage.last().header("range"), QByteArray("bytes=1000-"));
        QVERIFY(storage.last().header("if-range").startsWith("\"s-"));
        QCOMPARE(storage.last().sent, qint64{m_content.size()} - 1000);
        QVERIFY(storage.first().path != storage.last().path);  // another signature: the hub was asked again
    }

    // A server that cannot carry on: from zero, but not for ever.
    void noRanges() {
        m_hub->fault("/blob/", {Fault::Break, 1000});
        m_hub->fault("/blob/", {Fault::IgnoreRange});
        {
            FetchRun run(*m_hub, *m_folder);
            QCOMPARE(nameOf(run.failureOf(model())), QString("done"));
        }
        QVERIFY(QFile::remove(target("model.bin")));
    }

    void threeAtOnce() {
        for (int i = 0; i < 5; ++i) {
            m_hub->add(kRepository, QString::number(i), someContent(2000, static_cast<quint64>(i) + 10));
        }
        m_hub->fault("/blob/", {Fault::Hold, 10}, 100);
        FetchRun run(*m_hub, *m_folder);
        QSet<qint64> begun;
        for (int i = 0; i < 5; ++i) {
            run.send(file({QString::number(i), sha256Of(someContent(2000, static_cast<quint64>(i) + 10))}, i + 1));
        }
        while (begun.size() < 3) {
            const std::optional<FetchProgress> progress = run.await<FetchProgress>();
            QVERIFY(progress);
            begun << progress->id;
        }
        QCOMPARE(begun, (QSet<qint64>{1, 2, 3}));
        QVERIFY(!QFile::exists(target("3.part")) && !QFile::exists(target("4.part")));
    }

    void everythingIsWrittenDown() {
        FetchRun run(*m_hub, *m_folder);
        QCOMPARE(nameOf(run.failureOf(model())), QString("done"));
        QList<NetworkRequest> requests;
        QVERIFY(readNetworkLog(m_folder->filePath("log"), [&](const NetworkRequest& each) { requests << each; }));
        QCOMPARE(requests.size(), m_hub->requests().size());
        QCOMPARE(requests.size(), 2);
        QCOMPARE(requests[0].host, m_hub->base().mid(7));
        QCOMPARE(requests[1].host, m_hub->storageHost());
        QCOMPARE(requests[1].file, QString("org/model/model.bin"));
        QCOMPARE(requests[1].why, QString("download"));
        QCOMPARE(requests[1].bytes, qint64{m_content.size()});
        QVERIFY(requests[1].ended && requests[1].at.isValid());
        QVERIFY(!contents(m_folder->filePath("log")).contains("signature"));
    }

    void nothingIsAskedWithoutALog() {
        FetchRun run({.base = m_hub->base(), .log = "/nonexistent/log", .limits = quickLimits()});
        QCOMPARE(nameOf(run.failureOf(model())), QString("not_writable"));
        QVERIFY(m_hub->requests().isEmpty());
    }

    // The file system takes no more: what has come stays.
    void aFileThatMayNotGrow() {
        FetchRun run(*m_hub, *m_folder);
        const rlimit limit{.rlim_cur = 1500, .rlim_max = 1500};
        QCOMPARE(::prlimit(static_cast<pid_t>(run.process().processId()), RLIMIT_FSIZE, &limit, nullptr), 0);
        QCOMPARE(nameOf(run.failureOf(model())), QString("not_writable"));
        QVERIFY(!QFile::exists(target("model.bin")));
    }

    void whatMakesNoSense() {
        FetchRun run(*m_hub, *m_folder);
        const auto refused = [&](const FetchCommand& command) {
            run.send(command);
            const std::optional<FetchFailed> failed = run.await<FetchFailed>();
            return failed && failed->failure.kind == FetchFailureKind::BadRequest;
        };
        FetchFile above = model();
        above.name = "../x";
        QVERIFY(refused(above));
        FetchFile relative = model();
        relative.target = "x";
        QVERIFY(refused(relative));
        FetchFile unnamed = model();
        unnamed.repository = "..";
        QVERIFY(refused(unnamed));
        QVERIFY(refused(FetchList{"a/b", "../.."}));
        QVERIFY(refused(FetchConfiguration{.base = m_hub->base(), .log = "/x"}));  // twice
        run.write("no command\n");
        QVERIFY(run.await<FetchFailed>());
        run.write(QByteArray(kLongestCommand + 2, 'x'));
        QVERIFY(run.process().waitForFinished(20000));
        QCOMPARE(run.process().exitCode(), 1);
        QVERIFY(m_hub->requests().isEmpty());
    }

    // Whoever holds the pipe holds the program.
    void endsWithItsInput() {
        m_hub->fault("/blob/", {Fault::Hold, 1000}, 100);
        FetchRun run(*m_hub, *m_folder);
        run.send(model());
        QTRY_COMPARE_WITH_TIMEOUT(QFileInfo(target("model.bin") + ".part").size(), 1000, 20'000);
        run.process().closeWriteChannel();
        QVERIFY(run.process().waitForFinished(20000));
        QCOMPARE(run.process().exitCode(), 0);
        QCOMPARE(QFileInfo(target("model.bin") + ".part").size(), 1000);
    }

    void byHand() {
        QProcess process;
        process.start(ALCOVE_FETCH, {"https://example.org"});
        QVERIFY(process.waitForFinished(20000));
        QCOMPARE(process.exitCode(), 2);
        QVERIFY(process.readAllStandardError().contains("library --help"));
    }

    // At every 5 %, and at once again: no byte is sent twice, and nothing appears before it is whole.
    void killedAgainAndAgain() {
        constexpr int kKills = 20;
        qint64 sent = 0;
        for (int i = 1; i <= kKills; ++i) {
            const qint64 until = m_content.size() * i / kKills;
            m_hub->forgetFaults();
            if (i < kKills) {
                m_hub->fault("/blob/", {Fault::Hold, until - sent});
            }
            m_hub->forgetRequests();
            FetchRun run(*m_hub, *m_folder);
            if (i == kKills) {
                QCOMPARE(nameOf(run.failureOf(model())), QString("done"));
            } else {
                run.send(model());
                QTRY_COMPARE_WITH_TIMEOUT(QFileInfo(target("model.bin") + ".part").size(), until, 20'000);
                run.kill();
                QVERIFY(!QFile::exists(target("model.bin")));
            }
            for (const HubRequest& request : m_hub->requests()) {
                if (request.storage) {
                    QCOMPARE(request.header("range"),
                             sent == 0 ? QByteArray() : "bytes=" + QByteArray::number(sent) + '-');
                    sent += request.sent;
                }
            }
        }
        QCOMPARE(sent, qint64{m_content.size()});
        QCOMPARE(contents(target("model.bin")), m_content);
        QCOMPARE(names(), (QStringList{"log", "model.bin"}));
    }

private:
    [[nodiscard]] QString target(const QString& name) const { return m_folder->filePath(name); }
    [[nodiscard]] QStringList names() const {
        return QDir(m_folder->path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }
    [[nodiscard]] FetchFile file(const ListedFile& listed, qint64 id) const {
        return {.id = id,
                .repository = kRepository,
                .revision = "main",
                .name = listed.name,
                .target = target(listed.name),
                .content = listed.content};
    }
    [[nodiscard]] FetchFile model() const { return file({"model.bin", sha256Of(m_content)}, 1); }

    const QByteArray m_content = someContent(3'000'000);
    std::unique_ptr<QTemporaryDir> m_folder;
    std::unique_ptr<FakeHub> m_hub;
};

ALCOVE_TEST(TestFetch)
#include "test_fetch.moc"
