// What is shown of a text that was found.
#include <QTest>

#include "app/search/snippet.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestSnippet : public QObject {
    Q_OBJECT

private slots:
    void marks_data();
    void marks();
    void showsTheBestPlace();
    void beginsAndEndsBetweenWords();
    void showsNothingThatIsNotSeen();
    void showsTheBeginningWhereNothingMatches();
};

namespace {

Snippet snippet(const QString& text, QStringView query) {
    return snippetOf(text, QueryMatcher(parseSearch(query)));
}

// With [ and ] around the marks.
QString marked(const Snippet& snippet) {
    QString text = snippet.text;
    for (auto mark = snippet.marks.rbegin(); mark != snippet.marks.rend(); ++mark) {
        text.insert(mark->end, ']').insert(mark->begin, '[');
    }
    return text;
}

}  // namespace

void TestSnippet::marks_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("query");
    QTest::addColumn<QString>("expected");
    QTest::newRow("word") << "Rye bread"
                          << "bread"
                          << "Rye [bread]";
    QTest::newRow("whole words alone") << "breads and bread"
                                       << "bread"
                                       << "breads and [bread]";
    QTest::newRow("prefix") << "breads and bread"
                            << "brea*"
                            << "[breads] and [bread]";
    QTest::newRow("two") << "rye, and more rye bread"
                         << "rye bread"
                         << "[rye], and more [rye] [bread]";
    QTest::newRow("phrase") << "rye, rye bread"
                            << "\"rye bread\""
                            << "rye, [rye bread]";
    QTest::newRow("phrase over punctuation") << "rye - bread"
                                             << "\"rye bread\""
                                             << "[rye - bread]";
    QTest::newRow("phrase that begins again") << "a a b"
                                              << "\"a b\""
                                              << "a [a b]";
    QTest::newRow("phrase with prefix") << "rye breads"
                                        << "\"rye bre\"*"
                                        << "[rye breads]";
    QTest::newRow("not") << "rye wheat"
                         << "rye -wheat"
                         << "[rye] wheat";
    QTest::newRow("folded") << QString::fromUtf8("Eine Crème") << "creme" << QString::fromUtf8("Eine [Crème]");
    QTest::newRow("Chinese") << QString::fromUtf8("我喜欢面包") << QString::fromUtf8("喜欢")
                             << QString::fromUtf8("我[喜欢]面包");
    QTest::newRow("markup is text") << "<b>rye</b> & *bread*"
                                    << "rye"
                                    << "<b>[rye]</b> & *bread*";
    QTest::newRow("lines") << "rye\n\n  bread\tis"
                           << "bread"
                           << "rye [bread] is";
}

void TestSnippet::marks() {
    QFETCH(QString, text);
    QFETCH(QString, query);
    QTEST(marked(snippet(text, query)), "expected");
}

void TestSnippet::showsTheBestPlace() {
    const QString filler = QString("and so on ").repeated(100);
    const QString text = "rye " + filler + "bread rye " + filler + "bread";
    const Snippet found = snippet(text, u"rye bread");
    QVERIFY2(marked(found).contains("[bread] [rye]"), qPrintable(marked(found)));
    QCOMPARE(found.at, text.indexOf("bread rye"));
    QVERIFY(found.text.size() <= kSnippetLength + 2);
}

void TestSnippet::beginsAndEndsBetweenWords() {
    const QString text = QString("abcdefgh ").repeated(30) + "rye " + QString("ijklmnop ").repeated(30);
    const QString found = marked(snippet(text, u"rye"));
    QVERIFY2(found.startsWith(QString::fromUtf8("…abcdefgh ")), qPrintable(found));
    QVERIFY2(found.endsWith(QString::fromUtf8("ijklmnop…")), qPrintable(found));
    QVERIFY(found.contains("[rye]"));
}

void TestSnippet::showsNothingThatIsNotSeen() {
    const QString text = QString::fromUtf8("r\u202Eye bread\u200B \u0007here");
    QCOMPARE(marked(snippet(text, u"bread")), QString("rye [bread] here"));
}

void TestSnippet::showsTheBeginningWhereNothingMatches() {
    const Snippet none = snippet(QString("Once upon ").repeated(50), u"from:me");
    QVERIFY(none.text.startsWith("Once upon"));
    QVERIFY(none.marks.isEmpty());
    QCOMPARE(none.at, -1);
    QCOMPARE(snippet("", u"rye").text, QString());
}

ALCOVE_TEST(TestSnippet)

#include "test_snippet.moc"
