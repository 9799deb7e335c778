// What Markdown looks like, and what of a text is marked.
#include <QtTest/QTest>

#include "app/chat/markdown_reader.h"
#include "app/chat/visible_characters.h"
#include "app/chat/web_address.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// Runs as text: marks in ⟨⟩, links as text→target.
QString shown(const TextRuns& runs) {
    QString text;
    for (const TextRun& run : runs) {
        const QString marked = (run.style & TextRun::Mark) != 0 ? QString("⟨%1⟩").arg(run.text) : run.text;
        text += run.target.isEmpty() ? marked : marked + "→" + run.target;
    }
    return text.replace(QChar::LineSeparator, u'\n');
}

QString markedInProse(const QString& text) {
    TextRuns runs;
    appendVisible(runs, text, Reading::Prose);
    return shown(runs);
}
QString markedInCode(const QString& text) {
    TextRuns runs;
    appendVisible(runs, text, Reading::Code);
    return shown(runs);
}

QList<Paragraph> paragraphs(const QString& markdown) {
    QList<Paragraph> result;
    for (const auto& part : styledMarkdown(markdown)) {
        if (const auto* paragraph = std::get_if<Paragraph>(&part)) {
            result << *paragraph;
        }
    }
    return result;
}

}  // namespace

class TestMarkdownReader : public QObject {
    Q_OBJECT

private slots:
    void marks_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QString>("inProse");
        QTest::addColumn<QString>("inCode");
        const auto row = [](const char* name, const QString& text, const QString& inProse, const QString& inCode) {
            QTest::newRow(name) << text << inProse << inCode;
        };
        row("plain", "a\tb\nc", "a\tb\nc", "a\tb\nc");
        row("override", "a\u202Eb", "a⟨U+202E⟩b", "a⟨U+202E⟩b");
        row("isolate", "\u2066x\u2069", "⟨U+2066⟩x⟨U+2069⟩", "⟨U+2066⟩x⟨U+2069⟩");
        row("right-to-left mark", "a\u200Fb", "a⟨U+200F⟩b", "a⟨U+200F⟩b");
        row("zero width space", "pass\u200Bword", "pass⟨U+200B⟩word", "pass⟨U+200B⟩word");
        row("byte order mark", QChar(0xFEFF) + QString("x"), "⟨U+FEFF⟩x", "⟨U+FEFF⟩x");
        row("joiner between letters", "a\u200Db", "a⟨U+200D⟩b", "a⟨U+200D⟩b");
        row("family", "👨\u200D👩", "👨\u200D👩", "👨⟨U+200D⟩👩");
        row("Persian", "می\u200Cخواهم", "می\u200Cخواهم", "می⟨U+200C⟩خواهم");
        row("selector of emoji", "☀\uFE0F", "☀\uFE0F", "☀⟨U+FE0F⟩");
        row("keycap", "1\uFE0F\u20E3", "1\uFE0F\u20E3", "1⟨U+FE0F⟩\u20E3");
        row("selectors carry text", "☀\uFE0F\uFE01\uFE02", "☀\uFE0F⟨U+FE01 U+FE02⟩", "☀⟨U+FE0F U+FE01 U+FE02⟩");
        row("tags carry text", "x\U000E0041\U000E0042", "x⟨U+E0041 U+E0042⟩", "x⟨U+E0041 U+E0042⟩");
        row("flag of a region", "🏴\U000E0067\U000E007F", "🏴\U000E0067\U000E007F", "🏴⟨U+E0067 U+E007F⟩");
        row("control", QString("a") + QChar(7) + QChar(0x1B) + "[0m", "a⟨U+0007 U+001B⟩[0m", "a⟨U+0007 U+001B⟩[0m");
        row("null", QString("a") + QChar(QChar::Null), "a⟨U+0000⟩", "a⟨U+0000⟩");
        row("object", "a\uFFFCb", "a⟨U+FFFC⟩b", "a⟨U+FFFC⟩b");
        row("frame", "a\uFDD0b", "a⟨U+FDD0⟩b", "a⟨U+FDD0⟩b");
        row("many", "a" + QString(500, QChar(0x200B)) + "b", "a⟨U+200B U+200B U+200B … 500×⟩b",
            "a⟨U+200B U+200B U+200B … 500×⟩b");
        row("soft hyphen", "co\u00ADop", "co\u00ADop", "co⟨U+00AD⟩op");
    }

    void marks() {
        QFETCH(QString, text);
        QFETCH(QString, inProse);
        QFETCH(QString, inCode);
        QCOMPARE(markedInProse(text), inProse);
        QCOMPARE(markedInCode(text), inCode);
    }

    void marksAreBounded() {
        TextRuns runs;
        appendVisible(runs, QString("a\u200B").repeated(2000), Reading::Code);
        QVERIFY(runs.size() <= 2 * kMarks + 1);
        QString text;
        for (const TextRun& run : runs) {
            QVERIFY(!run.text.contains(QChar(0x200B)));
            text += run.text;
        }
        QCOMPARE(text.count(QString("▯")), 2000 - kMarks);
        QVERIFY(text.size() < 5000);
    }

    void marksInMarkdown() {
        QCOMPARE(shown(paragraphs("*a\u202E* `b\u200B` &#8238;")[0].runs), QString("a⟨U+202E⟩ b⟨U+200B⟩ ⟨U+202E⟩"));
        QCOMPARE(shown(paragraphs(QString("*a*") + QChar(0xFEFF) + "b")[0].runs), QString("a⟨U+FEFF⟩b"));
    }

    void structure() {
        const QList<Paragraph> read =
            paragraphs("# Head\n\nText **bold** *em* ~~gone~~ `code`\n\n> quoted\n\n- a\n  1. b\n- [x] c\n\n---");
        QCOMPARE(read.size(), 7);
        QCOMPARE(read[0].heading, 1);
        QCOMPARE(read[1].runs.size(), 8);
        QCOMPARE(read[1].runs[1].style, int(TextRun::Strong));
        QCOMPARE(read[1].runs[3].style, int(TextRun::Emphasis));
        QCOMPARE(read[1].runs[5].style, int(TextRun::Struck));
        QCOMPARE(read[1].runs[7].style, int(TextRun::Code));
        QCOMPARE(read[2].quoteDepth, 1);
        QCOMPARE(read[3].marker, QString("•"));
        QCOMPARE(read[4].marker, QString("1."));
        QCOMPARE(read[4].listDepth, 2);
        QCOMPARE(read[5].marker, QString("✓"));
        QVERIFY(read[6].rule);
    }

    void tables() {
        const StyledText read = styledMarkdown("| a | b |\n|---|--:|\n| c | *d* |");
        QCOMPARE(read.size(), 1);
        const auto& table = std::get<Table>(read[0]);
        QCOMPARE(table.columns, 2);
        QCOMPARE(table.cells.size(), 4);
        QVERIFY(table.cells[0].head && !table.cells[2].head);
        QCOMPARE(shown(table.cells[3].runs), QString("d"));
        QCOMPARE(table.cells[3].alignment, Qt::Alignment(Qt::AlignRight));
    }

    void tooMuchIsShownAsWritten() {
        const QString emphasised = QString("*a* ").repeated(kRuns);
        QCOMPARE(shown(paragraphs(emphasised)[0].runs), emphasised);
        const QString wide = QString("|a").repeated(300) + "|\n" + QString("|---").repeated(300) + "|";
        QCOMPARE(shown(paragraphs(wide)[0].runs), wide);
    }

    void addresses_data() {
        QTest::addColumn<QString>("target");
        QTest::addColumn<QString>("address");
        QTest::addColumn<QString>("place");
        QTest::newRow("web") << "https://example.org/a?b#c"
                             << "https://example.org/a?b#c"
                             << "example.org";
        QTest::newRow("user") << "https://bank.example@evil.example/"
                              << "https://bank.example@evil.example/"
                              << "evil.example";
        QTest::newRow("look-alike") << "https://ехample.org/"
                                    << "https://xn--ample-ywe6i.org/"
                                    << "xn--ample-ywe6i.org";
        QTest::newRow("turned") << "https://example.org/\u202Efdp.exe"
                                << "https://example.org/%E2%80%AEfdp.exe"
                                << "example.org";
        QTest::newRow("mail") << "mailto:a@example.org"
                              << "mailto:a@example.org"
                              << "a@example.org";
        for (const char* none : {"file:///etc/passwd", "javascript:alert(1)", "data:text/html,x", "qrc:/x", "x", "",
                                 "https:", "https:///x", "//example.org/"}) {
            QTest::newRow(none) << none << ""
                                << "";
        }
        QTest::newRow("long") << "https://example.org/" + QString(2000, u'a') << ""
                              << "";
    }

    void addresses() {
        QFETCH(QString, target);
        QFETCH(QString, address);
        QFETCH(QString, place);
        QCOMPARE(webAddress(target), address);
        QCOMPARE(placeOf(address), place);
    }
};

ALCOVE_TEST(TestMarkdownReader)
#include "test_markdown_reader.moc"
