// Finding in a conversation: any piece of text, without regard to case and diacritics.
#include <QTest>

#include "app/search/find_text.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestFindText : public QObject {
    Q_OBJECT

private slots:
    void finds_data();
    void finds();
    void isLimited();
    void blankFindsNothing();
};

void TestFindText::finds_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("wanted");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("part of a word") << "Breadcrumbs of bread"
                                    << "READ" << QStringList{"read", "read"};
    QTest::newRow("signs") << "a++ is not ++a"
                           << "++" << QStringList{"++", "++"};
    QTest::newRow("diacritics") << QString::fromUtf8("Cre\u0300me, crème") << "creme"
                                << QStringList{QString::fromUtf8("Cre\u0300me"), QString::fromUtf8("crème")};
    QTest::newRow("looked for with diacritics") << "creme" << QString::fromUtf8("crème") << QStringList{"creme"};
    QTest::newRow("over a line") << "rye\n  bread"
                                 << "rye bread" << QStringList{"rye\n  bread"};
    QTest::newRow("longer when folded") << QString::fromUtf8("Straße x") << "strasse x"
                                        << QStringList{QString::fromUtf8("Straße x")};
    QTest::newRow("Chinese") << QString::fromUtf8("我喜欢面包") << QString::fromUtf8("欢面")
                             << QStringList{QString::fromUtf8("欢面")};
    QTest::newRow("not overlapping") << "aaaa"
                                     << "aa" << QStringList{"aa", "aa"};
    QTest::newRow("none") << "rye"
                          << "bread" << QStringList();
}

void TestFindText::finds() {
    QFETCH(QString, text);
    QFETCH(QString, wanted);
    QStringList found;
    for (const TextRange& range : TextFinder(wanted).ranges(text, 100)) {
        found << text.mid(range.begin, range.end - range.begin);
    }
    QTEST(found, "expected");
}

void TestFindText::isLimited() {
    QCOMPARE(TextFinder("a").ranges(QString(100, 'a'), 7).size(), 7);
}

void TestFindText::blankFindsNothing() {
    QVERIFY(TextFinder("  ").empty());
    QVERIFY(TextFinder("\u0301").empty());
    QVERIFY(TextFinder(" ").ranges(u"a b", 10).isEmpty());
}

ALCOVE_TEST(TestFindText)

#include "test_find_text.moc"
