// What alcove-fetch believes, and where it goes: the decisions, without a network.
#include <QTest>

#include "app/fetch/address_rules.h"
#include "app/fetch/backoff.h"
#include "app/fetch/http_answer.h"
#include "app/fetch/hub.h"
#include "app/fetch/messages/line_buffer.h"
#include "app/fetch/messages/messages.h"
#include "app/fetch/messages/names.h"
#include "app/fetch/proxy_choice.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

using Kind = FetchFailureKind;

const QByteArray kSha = QByteArray(64, 'a');
const QByteArray kBlob = QByteArray(40, 'b');

QByteArray listedRow(const QByteArray& path, const QByteArray& size = "5") {
    return "{\"type\":\"file\",\"path\":\"" + path + "\",\"size\":" + size + ",\"oid\":\"" + kBlob + "\"}";
}

}  // namespace

class TestFetchRules : public QObject {
    Q_OBJECT

private slots:
    void addresses_data() {
        QTest::addColumn<QString>("address");
        QTest::addColumn<bool>("allowed");
        QTest::newRow("https") << "https://huggingface.co/a" << true;
        QTest::newRow("loopback") << "http://127.0.0.1:8080" << true;
        QTest::newRow("loopback by name") << "http://localhost:8080" << true;
        QTest::newRow("loopback, version 6") << "http://[::1]:8080" << true;
        QTest::newRow("http") << "http://huggingface.co/a" << false;
        QTest::newRow("looks like loopback") << "http://127.0.0.1.example.org/" << false;
        QTest::newRow("a name and a password") << "https://me:secret@huggingface.co/" << false;
        QTest::newRow("a file") << "file:///etc/passwd" << false;
        QTest::newRow("ftp") << "ftp://huggingface.co/a" << false;
        QTest::newRow("no host") << "https:///a" << false;
        QTest::newRow("nothing") << "" << false;
    }
    void addresses() {
        QFETCH(QString, address);
        QFETCH(bool, allowed);
        QCOMPARE(!refusalOf(QUrl(address)).has_value(), allowed);
    }

    void redirects_data() {
        QTest::addColumn<QString>("from");
        QTest::addColumn<QString>("to");
        QTest::addColumn<int>("rule");
        QTest::addColumn<QString>("refused");
        const int any = static_cast<int>(RedirectRule::AnyHost);
        const int same = static_cast<int>(RedirectRule::SameHost);
        QTest::newRow("a file at another host") << "https://a.org/x"
                                                << "https://b.org/x" << any << "";
        QTest::newRow("a listing at another host") << "https://a.org/x"
                                                   << "https://b.org/x" << same << "foreign_host";
        QTest::newRow("a listing at another port") << "https://a.org/x"
                                                   << "https://a.org:444/x" << same << "foreign_host";
        QTest::newRow("the default port") << "https://a.org/x"
                                          << "https://A.org:443/y" << same << "";
        QTest::newRow("without encryption") << "https://a.org/x"
                                            << "http://a.org/x" << any << "insecure_address";
        QTest::newRow("to this machine") << "https://a.org/x"
                                         << "https://127.0.0.1/x" << any << "insecure_address";
        QTest::newRow("to this machine, http") << "https://a.org/x"
                                               << "http://localhost/x" << any << "insecure_address";
        QTest::newRow("downgraded here") << "https://localhost/x"
                                         << "http://localhost/x" << any << "insecure_address";
        QTest::newRow("within this machine") << "http://127.0.0.1/x"
                                             << "http://127.0.0.2/x" << any << "";
        QTest::newRow("to a file") << "https://a.org/x"
                                   << "file:///etc/passwd" << any << "insecure_address";
    }
    void redirects() {
        QFETCH(QString, from);
        QFETCH(QString, to);
        QFETCH(int, rule);
        QFETCH(QString, refused);
        const std::optional<FetchFailure> refusal =
            redirectRefusal(QUrl(from), QUrl(to), static_cast<RedirectRule>(rule));
        QCOMPARE(QString(refusal ? failureName(refusal->kind) : ""), refused);
    }

    void hubAddresses() {
        const QUrl base("https://mirror.org/hub/");
        QCOMPARE(fileAddress(base, "org/name", "main", "a b#?.bin").toEncoded(),
                 QByteArray("https://mirror.org/hub/org/name/resolve/main/a%20b%23%3F.bin"));
        QCOMPARE(fileAddress(base, "org/name", "refs/pr/1", "folder/x").toEncoded(),
                 QByteArray("https://mirror.org/hub/org/name/resolve/refs%2Fpr%2F1/folder/x"));
        QCOMPARE(listAddress(base, "org/name", "main").toEncoded(),
                 QByteArray("https://mirror.org/hub/api/models/org/name/tree/main?recursive=true"));
    }

    void names() {
        for (const char* good : {"MBZUAI/MobiLlama-05B", "a/b", "A.b_c-1/x.y"}) {
            QVERIFY2(isRepository(good), good);
        }
        for (const char* bad : {"", "a", "a/", "/b", "a/b/c", "../b", "a/..", "a b/c", "a/b?x", "a/b#x", "a\n/b", "ä/b",
                                "a%2Fb/c", ".a/b"}) {
            QVERIFY2(!isRepository(bad), bad);
        }
        QVERIFY(!isRepository(QString(97, 'a') + "/b"));
        for (const char* good : {"main", "ckpt_100", "refs/pr/1", "v1.0"}) {
            QVERIFY2(isRevision(good), good);
        }
        for (const char* bad : {"", "..", "a/../b", "/a", "a/", "a b", "a?b", "a\\b", ".."}) {
            QVERIFY2(!isRevision(bad), bad);
        }
        QVERIFY(!isRevision(QString(201, 'a')));
        for (const char* good : {"a", "a.b", "a/b", "a b", "…"}) {
            QVERIFY2(isSafeName(good), good);
        }
        for (const char* bad : {"", ".", "..", "../a", "a/../b", "/a", "a/", "a//b", "a\\b", "a\nb", "a\x7f",
                                "\xE2\x80\xAE"
                                "a"}) {
            QVERIFY2(!isSafeName(bad), bad);
        }
        QVERIFY(!isSafeName(QString(201, 'a')));
        QVERIFY(!isSafeName(QString("a/").repeated(500) + "a"));
    }

    void aListing() {
        QList<ListedFile> files;
        const QByteArray page = "[" + listedRow("config.json") +
                                ",{\"type\":\"directory\",\"path\":\"folder\",\"oid\":\"x\"}," +
                                listedRow(".gitattributes") + "," + listedRow("folder/inner.txt") +
                                ",{\"type\":\"file\",\"path\":\"model.bin\",\"size\":9,\"oid\":\"" + kBlob +
                                "\",\"lfs\":{\"oid\":\"" + kSha + "\",\"size\":9,\"pointerSize\":130}}]";
        QVERIFY(!readListingPage(page, files));
        QCOMPARE(files, (QList<ListedFile>{{"config.json", {5, HashKind::GitBlob, kBlob}},
                                           {"folder/inner.txt", {5, HashKind::GitBlob, kBlob}},
                                           {"model.bin", {9, HashKind::Sha256, kSha}}}));
    }

    void aHostileListing_data() {
        QTest::addColumn<QByteArray>("page");
        QTest::addColumn<QString>("kind");
        const auto one = [](const char* path) { return "[" + listedRow(path) + "]"; };
        QTest::newRow("above") << one("../x") << "unsafe_listing";
        QTest::newRow("above, hidden") << one("a/../../.bashrc") << "unsafe_listing";
        QTest::newRow("absolute") << one("/etc/passwd") << "unsafe_listing";
        QTest::newRow("backslash") << one("..\\\\x") << "unsafe_listing";
        QTest::newRow("line break") << one("a\\nb") << "unsafe_listing";
        QTest::newRow("escape") << one("a\\u001b[2Jb") << "unsafe_listing";
        QTest::newRow("turns text") << one("a\\u202eb") << "unsafe_listing";
        QTest::newRow("empty") << one("") << "unsafe_listing";
        QTest::newRow("long") << one(QByteArray(5000, 'a').constData()) << "unsafe_listing";
        QTest::newRow("twice") << "[" + listedRow("a") + "," + listedRow("a") + "]"
                               << "unsafe_listing";
        QTest::newRow("a file and a folder") << "[" + listedRow("a") + "," + listedRow("a/b") + "]"
                                             << "unsafe_listing";
        QTest::newRow("negative") << "[" + listedRow("a", "-1") + "]"
                                  << "unsafe_listing";
        QTest::newRow("huge") << "[" + listedRow("a", "99999999999999999") + "]"
                              << "unsafe_listing";
        QTest::newRow("a fraction") << "[" + listedRow("a", "1.5") + "]"
                                    << "unsafe_listing";
        QTest::newRow("no hash") << QByteArray("[{\"type\":\"file\",\"path\":\"a\",\"size\":1}]") << "unsafe_listing";
        QTest::newRow("two sizes") << "[{\"type\":\"file\",\"path\":\"a\",\"size\":1,\"lfs\":{\"oid\":\"" + kSha +
                                          "\",\"size\":2}}]"
                                   << "unsafe_listing";
        QTest::newRow("no list") << QByteArray("{\"error\":\"x\"}") << "unsafe_listing";
        QTest::newRow("no JSON") << QByteArray("<html>") << "unsafe_listing";
        QTest::newRow("nested") << QByteArray(100000, '[') << "unsafe_listing";
        QTest::newRow("a list of lists") << QByteArray("[[]]") << "unsafe_listing";
        QByteArrayList many;
        for (int i = 0; i <= kMostListedFiles; ++i) {
            many << listedRow("f" + QByteArray::number(i));
        }
        QTest::newRow("many") << "[" + many.join(',') + "]"
                              << "listing_too_large";
    }
    void aHostileListing() {
        QFETCH(QByteArray, page);
        QFETCH(QString, kind);
        QList<ListedFile> files;
        const std::optional<FetchFailure> failure = readListingPage(page, files);
        QVERIFY(failure);
        QCOMPARE(QString(failureName(failure->kind)), kind);
    }

    void pages() {
        QCOMPARE(nextPage("<https://a.org/x?cursor=1>; rel=\"next\""), QUrl("https://a.org/x?cursor=1"));
        QCOMPARE(nextPage("<https://a.org/0>; rel=\"prev\", <https://a.org/2>; rel=\"next\""), QUrl("https://a.org/2"));
        for (const char* none : {"", "<https://a.org>", "rel=\"next\"", "<; rel=\"next\""}) {
            QVERIFY2(nextPage(none).isEmpty(), none);
        }
    }

    void backingOff() {
        Backoff backoff({.attempts = 4, .backoffMs = 1000, .longestWaitMs = 60'000});
        const FetchFailure broken{.kind = Kind::Interrupted};
        QCOMPARE(backoff.after(broken, 0), std::optional(500));
        QCOMPARE(backoff.after(broken, 0.5), std::optional(1500));
        QCOMPARE(backoff.after({.kind = Kind::TooManyRequests, .seconds = 7}, 0.9), std::optional(7000));
        QCOMPARE(backoff.after(broken, 0), std::nullopt);
        backoff.reset();
        QCOMPARE(backoff.after({.kind = Kind::TooManyRequests, .seconds = 61}, 0), std::nullopt);
        for (const Kind final :
             {Kind::NotFound, Kind::Gated, Kind::Refused, Kind::Tls, Kind::WrongSize, Kind::WrongHash, Kind::DiskFull,
              Kind::NotWritable, Kind::ForeignHost, Kind::UnsafeListing}) {
            QCOMPARE(backoff.after({.kind = final}, 0), std::nullopt);
        }
        Backoff patient({.attempts = 100, .backoffMs = 1000});
        for (int i = 0; i < 98; ++i) {
            QVERIFY(patient.after(broken, 0.99).value_or(0) <= 60'000);
        }
    }

    void retryAfter() {
        const QDateTime now(QDate(2026, 11, 29), QTime(1, 0), Qt::UTC);
        QCOMPARE(retryAfterSeconds("120", now), 120);
        QCOMPARE(retryAfterSeconds(" 5 ", now), 5);
        QCOMPARE(retryAfterSeconds("Sun, 29 Nov 2026 01:02:00 GMT", now), 120);
        QCOMPARE(retryAfterSeconds("Sun, 29 Nov 2020 01:02:00 GMT", now), 0);
        QCOMPARE(retryAfterSeconds("-5", now), 0);
        QCOMPARE(retryAfterSeconds("soon", now), 0);
        QCOMPARE(retryAfterSeconds("", now), 0);
        QVERIFY(retryAfterSeconds("999999999999", now) <= 1'000'000);
    }

    void heads_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::addColumn<int>("status");  // 0: it is none
        QTest::newRow("least") << QByteArray("HTTP/1.1 200") << 200;
        QTest::newRow("usual") << QByteArray("HTTP/1.1 206 Partial Content\r\nContent-Length: 5\r\nX: y") << 206;
        QTest::newRow("the length twice, the same")
            << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5") << 200;
        QTest::newRow("two lengths") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6") << 0;
        QTest::newRow("a length and chunks")
            << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked") << 0;
        QTest::newRow("compressed chunks") << QByteArray("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked") << 0;
        QTest::newRow("a negative length") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: -5") << 0;
        QTest::newRow("a length with a sign") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: +5") << 0;
        QTest::newRow("a huge length") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999") << 0;
        QTest::newRow("a folded line") << QByteArray("HTTP/1.1 200 OK\r\nA: b\r\n c") << 0;
        QTest::newRow("a blank before the colon") << QByteArray("HTTP/1.1 200 OK\r\nContent-Length : 5") << 0;
        QTest::newRow("no colon") << QByteArray("HTTP/1.1 200 OK\r\nA") << 0;
        QTest::newRow("another protocol") << QByteArray("HTTP/2 200") << 0;
        QTest::newRow("no status") << QByteArray("HTTP/1.1 OK") << 0;
        QTest::newRow("a small status") << QByteArray("HTTP/1.1 099 x") << 0;
        QTest::newRow("nothing") << QByteArray() << 0;
        QTest::newRow("many lines") << "HTTP/1.1 200 OK" + QByteArray("\r\nA: b").repeated(1000) << 0;
    }
    void heads() {
        QFETCH(QByteArray, text);
        QFETCH(int, status);
        const std::optional<HttpHead> head = HttpHead::read(text);
        QCOMPARE(head ? head->status() : 0, status);
    }

    // However the bytes are cut, each body is what it is.
    void bodies_data() {
        QTest::addColumn<QByteArray>("headers");
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("outcome");
        const QByteArray length = "Content-Length: 5";
        const QByteArray chunked = "Transfer-Encoding: chunked";
        QTest::newRow("a length") << length << QByteArray("hello") << "hello";
        QTest::newRow("more than the length") << length << QByteArray("hello, you") << "hello";
        QTest::newRow("less") << length << QByteArray("hell") << "hell…";
        QTest::newRow("no length") << QByteArray("A: b") << QByteArray("hello") << "hello…";
        QTest::newRow("chunks") << chunked << QByteArray("2\r\nhe\r\n3;a=b\r\nllo\r\n0\r\nT: x\r\n\r\nrest") << "hello";
        QTest::newRow("no last chunk") << chunked << QByteArray("5\r\nhello\r\n") << "hello…";
        QTest::newRow("a wrong end of a chunk") << chunked << QByteArray("2\r\nhello\r\n0\r\n\r\n") << "refused";
        QTest::newRow("no number") << chunked << QByteArray("x\r\nhello") << "refused";
        QTest::newRow("a negative one") << chunked << QByteArray("-5\r\nhello") << "refused";
        QTest::newRow("a huge one") << chunked << QByteArray("ffffffffffffffffff\r\nhello") << "refused";
        QTest::newRow("an endless line") << chunked << QByteArray(5000, '0') << "refused";
    }
    void bodies() {
        QFETCH(QByteArray, headers);
        QFETCH(QByteArray, bytes);
        QFETCH(QString, outcome);
        const std::optional<HttpHead> head = HttpHead::read("HTTP/1.1 200 OK\r\n" + headers);
        QVERIFY(head);
        for (qsizetype piece = 1; piece <= bytes.size(); piece = piece < 12 ? piece + 1 : bytes.size() + 1) {
            HttpBody body(*head);
            QString content;
            bool good = true;
            for (qsizetype at = 0; good && at < bytes.size(); at += piece) {
                good = body.add(QByteArrayView(bytes).sliced(at, std::min(piece, bytes.size() - at)),
                                [&](QByteArrayView part) { content += QString::fromLatin1(part); });
            }
            QCOMPARE(good ? content + (body.complete() ? "" : "…") : "refused", outcome);
        }
    }

    void proxies() {
        for (const char* good : {"system", "none", "http://localhost:3128", "socks5://me:secret@10.0.0.1:1080"}) {
            QVERIFY2(useProxy(good), good);
        }
        for (const char* bad : {"", "yes", "http://host", "ftp://host:1", "https://"}) {
            QVERIFY2(!useProxy(bad), bad);
        }
        QVERIFY(useProxy("system"));
    }

    void messagesSurvive() {
        const ContentIdentity content{9, HashKind::Sha256, kSha};
        for (const FetchCommand& command :
             {FetchCommand(FetchConfiguration{.base = "https://a.org", .token = "t\"\\", .log = "/x y"}),
              FetchCommand(FetchList{"a/b", "main"}),
              FetchCommand(FetchFile{3, "a/b", "main", "ü.bin", "/t", content})}) {
            const QByteArray line = lineOf(command);
            QVERIFY(line.count('\n') == 1 && line.endsWith('\n'));
            QVERIFY(commandIn(line).has_value());
            QVERIFY(*commandIn(line) == command);
        }
        const FetchFailure failure{Kind::DiskFull, "h", 5, 6, 7, 8, "d\n"};
        for (const FetchEvent& event :
             {FetchEvent(FetchListing{"c", {{"a", content}}}), FetchEvent(FetchRedirected{1, "h"}),
              FetchEvent(FetchProgress{1, 2, 3}), FetchEvent(FetchWaiting{1, 2, failure}), FetchEvent(FetchDone{4}),
              FetchEvent(FetchFailed{5, failure})}) {
            QVERIFY(eventIn(lineOf(event)).has_value());
            QVERIFY(*eventIn(lineOf(event)) == event);
        }
    }

    void whatIsNoMessage() {
        for (const char* line :
             {"", "{}", "[]", "null", "{\"do\":\"x\"}", "{\"do\":\"list\"}", "{\"do\":5}",
              "{\"do\":\"list\",\"repository\":1,\"revision\":\"main\"}", "{\"do\":\"list\",\"do\":\"list\"}"}) {
            QVERIFY2(!commandIn(line), line);
            QVERIFY2(!eventIn(line), line);
        }
        QVERIFY(!eventIn("{\"event\":\"done\",\"id\":-1}"));
        QVERIFY(!eventIn("{\"event\":\"done\",\"id\":1e300}"));
        QVERIFY(!eventIn("{\"event\":\"listing\",\"commit\":\"\",\"files\":[{\"name\":\"../x\",\"size\":1,\"blob\":\"" +
                         kBlob + "\"}]}"));
        QVERIFY(!eventIn(
            "{\"event\":\"listing\",\"commit\":\"\",\"files\":[{\"name\":\"x\",\"size\":1,\"blob\":\"zz\"}]}"));
        QVERIFY(!commandIn(QByteArray(kLongestCommand + 1, ' ')));
        QVERIFY(!commandIn(QByteArray(1000, '[')));
    }

    void lines() {
        LineBuffer buffer(10);
        buffer.add("one\ntw");
        QCOMPARE(buffer.next(), std::optional<QByteArray>("one"));
        QVERIFY(!buffer.next());
        buffer.add("o\n\n");
        QCOMPARE(buffer.next(), std::optional<QByteArray>("two"));
        QCOMPARE(buffer.next(), std::optional<QByteArray>(""));
        QVERIFY(!buffer.next() && !buffer.overflowing());
        buffer.add("12345678901");
        QVERIFY(!buffer.next() && buffer.overflowing());
    }
};

ALCOVE_TEST(TestFetchRules)
#include "test_fetch_rules.moc"
