// What a model writes must not make the window call out, run anything, or open what it should not.
#include <QtCore/QRandomGenerator>
#include <QtGui/QTextBlock>
#include <QtGui/QTextDocument>
#include <QtNetwork/QTcpServer>
#include <QtNetwork/QTcpSocket>
#include <QtQml/QQmlApplicationEngine>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/chat/document_writer.h"
#include "app/chat/markdown_reader.h"
#include "app/window/offline_network.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

struct Drawn {
    QString text;
    QStringList links;
    int images = 0;
};

// What the window shows of a text.
Drawn drawn(const QString& markdown) {
    QTextDocument document;
    writeDocument(styledMarkdown(markdown), {}, document);
    Drawn result;
    result.text = document.toPlainText();
    for (QTextBlock block = document.begin(); block.isValid(); block = block.next()) {
        for (auto it = block.begin(); !it.atEnd(); ++it) {
            const QTextCharFormat format = it.fragment().charFormat();
            if (!format.anchorHref().isEmpty()) {
                result.links << format.anchorHref();
            }
            result.images += format.isImageFormat() ? 1 : 0;
        }
    }
    return result;
}

const char kCallingPage[] = R"QML(
import QtQuick
Window {
    id: page
    required property string server
    property int ended: 0
    visible: true
    width: 300; height: 300
    Text { textFormat: Text.MarkdownText; text: "![x](" + page.server + "a.png)"; width: 200 }
    Text { textFormat: Text.RichText; text: "<img src='" + page.server + "b.png'>"; width: 200 }
    Image {
        source: page.server + "c.png"
        onStatusChanged: if (status === Image.Error) page.ended++
    }
    Component.onCompleted: {
        const request = new XMLHttpRequest();
        request.onreadystatechange = () => { if (request.readyState === XMLHttpRequest.DONE) page.ended++ };
        request.open("GET", page.server + "d");
        request.send();
    }
}
)QML";

}  // namespace

class TestChatPrivacy : public QObject {
    Q_OBJECT

private slots:
    void keepsOrdinaryMarkdown_data() {
        QTest::addColumn<QString>("markdown");
        QTest::addColumn<QString>("text");
        QTest::newRow("emphasis") << "a *b* **c** `d`"
                                  << "a b c d";
        QTest::newRow("angle brackets") << "if a < b and b > c"
                                        << "if a < b and b > c";
        QTest::newRow("code with angle brackets") << "use `std::vector<int>` here"
                                                  << "use std::vector<int> here";
        QTest::newRow("two backticks") << "``a ` <b>``"
                                       << "a ` <b>";
        QTest::newRow("entity") << "a &lt; b"
                                << "a < b";
        QTest::newRow("exclamation") << "Hello! [sic]"
                                     << "Hello! [sic]";
        QTest::newRow("escaped already") << "a \\<b\\>"
                                         << "a <b>";
        QTest::newRow("list goes on") << "3. c\n4. d"
                                      << "3.\tc\n4.\td";
        QTest::newRow("html") << "a <b>c</b><br>"
                              << "a <b>c</b><br>";
        QTest::newRow("html block") << "<div>\n<p>x</p>\n</div>"
                                    << "<div> <p>x</p> </div>";
        QTest::newRow("image") << "![x](http://127.0.0.1/x.png)"
                               << "![x](http://127.0.0.1/x.png)";
        QTest::newRow("image in a link") << "[![x](a.png)](https://example.org/)"
                                         << "![x](a.png)";
        QTest::newRow("link to a file") << "[*x*](file:///etc/passwd) y"
                                        << "[x](file:///etc/passwd) y";
        QTest::newRow("script between angle brackets") << "<javascript:alert(1)>"
                                                       << "javascript:alert(1)";
    }

    void keepsOrdinaryMarkdown() {
        QFETCH(QString, markdown);
        QFETCH(QString, text);
        QString shown = drawn(markdown).text;
        QCOMPARE(shown.replace(QChar::LineSeparator, u'\n'), text);
    }

    void takesOutWhatIsActive_data() {
        QTest::addColumn<QString>("markdown");
        QTest::newRow("image") << "![x](http://127.0.0.1/x.png)";
        QTest::newRow("image by reference") << "![x][r]\n\n[r]: http://127.0.0.1/x.png";
        QTest::newRow("image in link") << "[![x](http://127.0.0.1/x.png)](http://127.0.0.1/)";
        QTest::newRow("local image") << "![x](file:///etc/hostname)";
        QTest::newRow("html image") << "text <img src=\"http://127.0.0.1/x.png\"> text";
        QTest::newRow("html block") << "<div>\n<img src='http://127.0.0.1/x.png'>\n</div>";
        QTest::newRow("html after false code span") << "- `a\n- <img src='http://127.0.0.1/x.png'> `b";
        QTest::newRow("html in quote") << "> `x\n\n<img src='http://127.0.0.1/x.png'>`";
        QTest::newRow("style") << "<style>@import 'http://127.0.0.1/x'</style>";
        QTest::newRow("script link") << "[x](javascript:alert(1))";
        QTest::newRow("script link, capitals") << "[x](JavaScript:alert(1))";
        QTest::newRow("file link") << "[x](file:///etc/passwd)";
        QTest::newRow("data link") << "[x](data:text/html,x)";
        QTest::newRow("resource link") << "[x](qrc:/x)";
        QTest::newRow("program link") << "[x](steam://run)";
        QTest::newRow("relative link") << "[x](../../etc/passwd)";
        QTest::newRow("script autolink") << "<javascript:alert(1)>";
        QTest::newRow("link by reference") << "[x]\n\n[x]: file:///etc/passwd";
        QTest::newRow("entity in target") << "[x](java&#115;cript:alert(1))";
    }

    void takesOutWhatIsActive() {
        QFETCH(QString, markdown);
        const Drawn result = drawn(markdown);
        QCOMPARE(result.images, 0);
        for (const QString& link : result.links) {
            QVERIFY2(link.startsWith("http://") || link.startsWith("https://") || link.startsWith("mailto:"),
                     qPrintable(link));
        }
    }

    void keepsWebLinks() {
        QCOMPARE(drawn("[a](https://example.org/) <https://example.org/b> me@example.org").links,
                 QStringList({"https://example.org/", "https://example.org/b", "mailto:me@example.org"}));
    }

    void nothingActiveInAnyMixture() {
        const QStringList snippets = {"<img src='x'>",
                                      "![a](x)",
                                      "`",
                                      "``",
                                      "\n",
                                      "\n\n",
                                      "- ",
                                      "> ",
                                      "[",
                                      "](file:///x)",
                                      "\\",
                                      "<",
                                      ">",
                                      "!",
                                      "    ",
                                      "1. ",
                                      "| ",
                                      "|---|\n",
                                      "<!--",
                                      "-->",
                                      "<a href='x'>",
                                      "[r]",
                                      "[r]: file:///x\n",
                                      "&lt;",
                                      "word",
                                      "#",
                                      "***",
                                      "<![CDATA[",
                                      "<?x",
                                      "```"};
        QRandomGenerator random(7);
        for (int round = 0; round < 4000; ++round) {
            QString text;
            const int length = random.bounded(1, 16);
            for (int i = 0; i < length; ++i) {
                text += snippets[random.bounded(static_cast<int>(snippets.size()))];
            }
            const Drawn result = drawn(text);
            QVERIFY2(result.images == 0, qPrintable(text));
            for (const QString& link : result.links) {
                QVERIFY2(!link.startsWith("file:") && link != "x", qPrintable(text));
            }
        }
    }

    void qmlIsKeptOffTheNetwork_data() {
        QTest::addColumn<bool>("refused");
        QTest::newRow("as in the program") << true;
        QTest::newRow("without the factory, to see that the test would notice") << false;
    }

    void qmlIsKeptOffTheNetwork() {
        QFETCH(bool, refused);
        QTcpServer server;
        QVERIFY(server.listen(QHostAddress::LocalHost));
        QSignalSpy connections(&server, &QTcpServer::newConnection);
        connect(&server, &QTcpServer::newConnection, &server, [&server] {
            while (QTcpSocket* socket = server.nextPendingConnection()) {
                socket->write("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
                socket->disconnectFromHost();
            }
        });
        OfflineNetworkFactory offline;
        QQmlApplicationEngine engine;
        if (refused) {
            engine.setNetworkAccessManagerFactory(&offline);
        }
        engine.setInitialProperties({{"server", QString("http://127.0.0.1:%1/").arg(server.serverPort())}});
        engine.loadData(kCallingPage);
        QCOMPARE(engine.rootObjects().size(), 1);
        QTRY_COMPARE_WITH_TIMEOUT(engine.rootObjects()[0]->property("ended").toInt(), 2, 20000);
        QCOMPARE(connections.isEmpty(), refused);
    }
};

ALCOVE_TEST(TestChatPrivacy)
#include "test_chat_privacy.moc"
