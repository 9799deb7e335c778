#include <QTest>

#include "engine/text/utf8.h"
#include "engine/text/utf8_stream.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

// ASCII, two, three and four bytes, the borders of the ranges, and damage of each kind.
const std::string kMixed =
    "a\xC3\xA9\xE4\xBD\xA0\xF0\x9F\xA6\x99\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"
    "\x80 \xC0\xAF \xE0\x80 \xED\xA0\x80 \xF4\x90\x80\x80 \xF8\x88 \xE4\xBD z \xF0\x9F\xA6";

}  // namespace

class TestUtf8 : public QObject {
    Q_OBJECT
private slots:
    void validTextIsKept_data() {
        QTest::addColumn<QByteArray>("text");
        QTest::newRow("empty") << QByteArray();
        QTest::newRow("zero byte") << QByteArray("a\0b", 3);
        QTest::newRow("borders") << QByteArray(
            "\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    }
    void validTextIsKept() {
        QFETCH(QByteArray, text);
        QVERIFY(isValidUtf8(text.toStdString()));
        QCOMPARE(repairUtf8(text.toStdString()), text.toStdString());
    }

    // The examples of the Unicode Standard, tables 3-8 to 3-11, and a few more.
    void damageIsMended_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("text");
        QTest::newRow("overlong") << QByteArray("\xC0\xAF\xE0\x80\xBF\xF0\x81\x82\x41")
                                  << QString(8, QChar(0xFFFD)) + "A";
        QTest::newRow("surrogates") << QByteArray("\xED\xA0\x80\xED\xBF\xBF\xED\xAF\x41")
                                    << QString(8, QChar(0xFFFD)) + "A";
        QTest::newRow("other") << QByteArray("\xF4\x91\x92\x93\xFF\x41\x80\xBF\x42")
                               << QString(5, QChar(0xFFFD)) + "A" + QString(2, QChar(0xFFFD)) + "B";
        QTest::newRow("truncated") << QByteArray("\xE1\x80\xE2\xF0\x91\x92\xF1\xBF\x41")
                                   << QString(4, QChar(0xFFFD)) + "A";
        QTest::newRow("cut off at the end") << QByteArray("x\xF0\x9F\xA6") << "x" + QString(1, QChar(0xFFFD));
    }
    void damageIsMended() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, text);
        QVERIFY(!isValidUtf8(bytes.toStdString()));
        QCOMPARE(QString::fromStdString(repairUtf8(bytes.toStdString())), text);
        QVERIFY(isValidUtf8(repairUtf8(bytes.toStdString())));
    }

    void streamGivesWholeCharactersAtEverySplit() {
        const std::string expected = repairUtf8(kMixed);
        for (std::size_t first = 0; first <= kMixed.size(); ++first) {
            for (std::size_t second = first; second <= kMixed.size(); ++second) {
                Utf8Stream stream;
                std::string result;
                for (const std::string& part :
                     {kMixed.substr(0, first), kMixed.substr(first, second - first), kMixed.substr(second)}) {
                    const std::string characters = stream.push(part);
                    QVERIFY(isValidUtf8(characters));
                    result += characters;
                }
                result += stream.flush();
                QCOMPARE(result, expected);
            }
        }
    }

    void streamByteByByte() {
        Utf8Stream stream;
        QCOMPARE(stream.push("\xF0"), std::string());
        QCOMPARE(stream.push("\x9F"), std::string());
        QCOMPARE(stream.push("\xA6"), std::string());
        QCOMPARE(stream.push("\x99"), std::string("\xF0\x9F\xA6\x99"));
        QCOMPARE(stream.flush(), std::string());
        QCOMPARE(stream.push("\xE4\xBD"), std::string());
        QCOMPARE(stream.flush(), std::string(kReplacementCharacter));
        QCOMPARE(stream.push("a"), std::string("a"));
    }
};

ALCOVE_TEST(TestUtf8)
#include "test_utf8.moc"
