#include <tuple>

#include <QTest>

#include "engine/text/reply_text.h"
#include "engine/text/stop_matcher.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

// Every way of cutting `text` into pieces.
std::vector<std::vector<std::string>> allSplits(const std::string& text) {
    std::vector<std::vector<std::string>> result;
    const std::size_t gaps = text.empty() ? 0 : text.size() - 1;
    for (std::size_t mask = 0; mask < (std::size_t{1} << gaps); ++mask) {
        std::vector<std::string> pieces = {""};
        for (std::size_t i = 0; i < text.size(); ++i) {
            if (i > 0 && (mask >> (i - 1) & 1U) != 0) {
                pieces.emplace_back();
            }
            pieces.back() += text[i];
        }
        result.push_back(std::move(pieces));
    }
    return result;
}

}  // namespace

class TestReplyText : public QObject {
    Q_OBJECT
private slots:
    void stopStringsAtEverySplit_data() {
        QTest::addColumn<QStringList>("stops");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        QTest::addColumn<bool>("stopped");
        QTest::newRow("none") << QStringList() << "a###b"
                              << "a###b" << false;
        QTest::newRow("empty ones are ignored") << QStringList({""}) << "a###b"
                                                << "a###b" << false;
        QTest::newRow("in the middle") << QStringList({"###"}) << "ab ###cd"
                                       << "ab " << true;
        QTest::newRow("at once") << QStringList({"###"}) << "### Human"
                                 << "" << true;
        QTest::newRow("only a beginning") << QStringList({"###"}) << "ab ##"
                                          << "ab ##" << false;
        QTest::newRow("a false start") << QStringList({"###"}) << "## #b##"
                                       << "## #b##" << false;
        QTest::newRow("a longer run") << QStringList({"###"}) << "a#####"
                                      << "a" << true;
        QTest::newRow("overlapping itself") << QStringList({"aab"}) << "xaaabx"
                                            << "xa" << true;
        QTest::newRow("overlapping itself twice") << QStringList({"ababc"}) << "zabababcq"
                                                  << "zab" << true;
        QTest::newRow("first complete wins") << QStringList({"bcdX", "cd"}) << "abcdX"
                                             << "ab" << true;
        QTest::newRow("longest of equal ends") << QStringList({"cd", "bcd"}) << "abcdX"
                                               << "a" << true;
        QTest::newRow("one inside another") << QStringList({"abcd", "bc"}) << "xabce"
                                            << "xa" << true;
        QTest::newRow("held back, then free") << QStringList({"abcd", "cx"}) << "zabcy"
                                              << "zabcy" << false;
    }
    void stopStringsAtEverySplit() {
        QFETCH(QStringList, stops);
        QFETCH(QString, text);
        QFETCH(QString, shown);
        QFETCH(bool, stopped);
        std::vector<std::string> stopStrings;
        for (const QString& stop : stops) {
            stopStrings.push_back(stop.toStdString());
        }
        for (const std::vector<std::string>& pieces : allSplits(text.toStdString())) {
            StopMatcher matcher(stopStrings);
            std::string result;
            for (const std::string& piece : pieces) {
                result += matcher.push(piece);
                QVERIFY2(shown.toStdString().starts_with(result), result.c_str());  // never a part of a stop string
            }
            result += matcher.flush();
            QCOMPARE(QString::fromStdString(result), shown);
            QCOMPARE(matcher.stopped(), stopped);
        }
    }

    void stopStringsOfSeveralBytesPerCharacter() {
        const std::string text = "ok \xE4\xBD\xA0\xE5\xA5\xBD!";  // "ok 你好!"
        for (const std::vector<std::string>& pieces : allSplits(text)) {
            ReplyText reply({"\xE5\xA5\xBD"}, Trim::Nothing);
            std::string result;
            for (const std::string& piece : pieces) {
                const std::string part = reply.push(piece);
                QVERIFY(isValidUtf8(part));
                result += part;
            }
            result += reply.finish();
            QCOMPARE(result, std::string("ok \xE4\xBD\xA0"));
            QVERIFY(reply.stopped());
        }
    }

    void trimming_data() {
        QTest::addColumn<int>("trim");
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        QTest::newRow("nothing") << int(Trim::Nothing) << " \n a b \n"
                                 << " \n a b \n";
        QTest::newRow("leading space") << int(Trim::LeadingSpace) << "  a \n"
                                       << " a \n";
        QTest::newRow("no leading space") << int(Trim::LeadingSpace) << "a  b"
                                          << "a  b";
        QTest::newRow("leading space before a break") << int(Trim::LeadingSpace) << " \na"
                                                      << "\na";
        QTest::newRow("both ends") << int(Trim::BothEnds) << " \n a \n b \n "
                                   << "a \n b";
        QTest::newRow("only white space") << int(Trim::BothEnds) << " \n\t "
                                          << "";
        QTest::newRow("before a stop string") << int(Trim::BothEnds) << " a b \n###"
                                              << "a b";
        QTest::newRow("a false start") << int(Trim::BothEnds) << "a \n## b"
                                       << "a \n## b";
    }
    void trimming() {
        QFETCH(int, trim);
        QFETCH(QString, text);
        QFETCH(QString, shown);
        for (const std::vector<std::string>& pieces : allSplits(text.toStdString())) {
            ReplyText reply({"###"}, static_cast<Trim>(trim));
            std::string result;
            for (const std::string& piece : pieces) {
                result += reply.push(piece);
            }
            result += reply.finish();
            QCOMPARE(QString::fromStdString(result), shown);
        }
    }

    void cutOffCharacterAtTheEnd() {
        ReplyText reply({"###"}, Trim::BothEnds);
        QCOMPARE(reply.push("a \xF0\x9F"), std::string("a"));
        QCOMPARE(reply.finish(), " " + std::string(kReplacementCharacter));
    }
};

ALCOVE_TEST(TestReplyText)
#include "test_reply_text.moc"
