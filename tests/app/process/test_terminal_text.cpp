// What a terminal would obey is shown instead.
#include <QTest>

#include "app/process/terminal_text.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestTerminalText : public QObject {
    Q_OBJECT

private slots:
    void shows_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("shown");
        QTest::newRow("nothing") << QString() << QString();
        QTest::newRow("text") << "Grüße, 世界 👩‍💻\n\tok"
                              << "Grüße, 世界 👩‍💻\n\tok";
        QTest::newRow("title") << "\u001b]0;owned\u0007"
                               << "␛]0;owned␇";
        QTest::newRow("clipboard") << "\u001b]52;c;eA==\u001b\\"
                                   << "␛]52;c;eA==␛\\";
        QTest::newRow("overwrites the line") << "rm -rf /\recho hi"
                                             << "rm -rf /␍echo hi";
        QTest::newRow("backspace, delete") << "a\b\u007f"
                                           << "a␈␡";
        QTest::newRow("C1") << QString(QChar(0x9b)) + "31m" + QChar(0x80) << "<U+009B>31m<U+0080>";
        QTest::newRow("turned text") << QString("a") + QChar(0x202e) + "b" + QChar(0x2066) + QChar(0x200f)
                                     << "a<U+202E>b<U+2066><U+200F>";
    }
    void shows() {
        QFETCH(QString, text);
        QFETCH(QString, shown);
        QCOMPARE(visible(text), shown);
    }

    // Whatever the pieces are, and nothing that a terminal obeys comes out.
    void showsWholeCharactersOfPieces() {
        const QString text = QString("a") + QChar(0x9b) + "é" + QChar(0x202e) + "👩\u001b\n" + QChar(0x85) + "z";
        const QByteArray bytes = text.toUtf8();
        const QByteArray expected = visible(text).toUtf8();
        for (qsizetype length = 1; length <= bytes.size(); ++length) {
            VisibleText pieces;
            QByteArray shown;
            for (qsizetype at = 0; at < bytes.size(); at += length) {
                shown += pieces.next(QByteArrayView(bytes).sliced(at, std::min(length, bytes.size() - at)));
            }
            QCOMPARE(shown, expected);
        }
    }

    void leavesNothingToObey() {
        for (int first = 0; first < 256; ++first) {
            for (int second = 0; second < 256; ++second) {
                VisibleText text;
                QByteArray bytes(2, '\0');
                bytes[0] = static_cast<char>(first);
                bytes[1] = static_cast<char>(second);
                const QByteArray shown = text.next(bytes) + text.next("\n");
                const QString read = QString::fromUtf8(shown);
                QCOMPARE(read.toUtf8(), shown);
                for (const QChar character : read) {
                    QVERIFY(character == '\n' || character == '\t' || character.category() != QChar::Other_Control);
                }
            }
        }
    }

    void jsonStaysJson() {
        QCOMPARE(visible(QString("\"a") + QChar(0x9b) + QChar(0x202e) + QChar(0x7f) + "\"", Shown::AsJsonEscape),
                 QString("\"a\\u009b\\u202e\\u007f\""));
    }
};

ALCOVE_TEST(TestTerminalText)
#include "test_terminal_text.moc"
