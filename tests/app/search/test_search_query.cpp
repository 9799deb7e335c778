// What is read from what a person types.
#include <QRandomGenerator>
#include <QTest>

#include "app/search/search_query.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestSearchQuery : public QObject {
    Q_OBJECT

private slots:
    void terms_data();
    void terms();
    void filters();
    void whatIsBeingTypedIsABeginning();
    void dates_data();
    void dates();
    void problemsAreSaid_data();
    void problemsAreSaid();
    void isLimited();
    void expressions_data();
    void expressions();
};

namespace {

// As it would be typed: -"a b"*
QStringList shown(const SearchQuery& query) {
    QStringList terms;
    for (const SearchTerm& term : query.terms) {
        terms << (term.excluded ? "-" : "") + term.text + (term.prefix ? "*" : "");
    }
    return terms;
}

}  // namespace

void TestSearchQuery::terms_data() {
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("nothing") << "" << QStringList();
    QTest::newRow("words") << "  rye  bread " << QStringList{"rye", "bread"};
    QTest::newRow("phrase") << "\"rye bread\" oven" << QStringList{"rye bread", "oven"};
    QTest::newRow("open phrase") << "\"rye bread" << QStringList{"rye bread"};
    QTest::newRow("curly") << QString::fromUtf8("“rye bread” «of»") << QStringList{"rye bread", "of"};
    QTest::newRow("prefix") << "bak* \"rye bre\"*" << QStringList{"bak*", "rye bre*"};
    QTest::newRow("not") << "rye -wheat -\"white bread\"" << QStringList{"rye", "-wheat", "-white bread"};
    QTest::newRow("not words") << "- -- * ' ( ) AND: ^ {a} +b" << QStringList{"AND:", "{a}", "+b"};
    QTest::newRow("FTS's own words") << "rye AND OR NOT NEAR(bread)"
                                     << QStringList{"rye", "AND", "OR", "NOT", "NEAR(bread)"};
    QTest::newRow("hyphen within") << "state-of-the-art" << QStringList{"state-of-the-art"};
    QTest::newRow("unknown key") << "https://example.org note:this" << QStringList{"https://example.org", "note:this"};
    QTest::newRow("filter without value") << "rye from: bread" << QStringList{"rye", "bread"};
}

void TestSearchQuery::terms() {
    QFETCH(QString, typed);
    QFETCH(QStringList, expected);
    QCOMPARE(shown(parseSearch(typed)), expected);
    QVERIFY(parseSearch(typed).filters.isEmpty());
}

void TestSearchQuery::filters() {
    using Kind = SearchFilter::Kind;
    const SearchQuery query =
        parseSearch(u"From:ME by:\"Mobi Llama\" in:recipes -is:pinned IS:archived -in:\"Old ones\" rye");
    const QList<SearchFilter> expected{{Kind::From, "me", false},     {Kind::By, "Mobi Llama", false},
                                       {Kind::In, "recipes", false},  {Kind::Is, "pinned", true},
                                       {Kind::Is, "archived", false}, {Kind::In, "Old ones", true}};
    QCOMPARE(query.filters, expected);
    QCOMPARE(shown(query), QStringList{"rye"});
    QVERIFY(query.problem.isEmpty());
}

void TestSearchQuery::whatIsBeingTypedIsABeginning() {
    const auto typing = [](QStringView text) { return shown(parseSearch(text, LastWord::BeingTyped)); };
    QCOMPARE(typing(u"rye brea"), (QStringList{"rye", "brea*"}));
    QCOMPARE(typing(u"rye brea "), (QStringList{"rye", "brea"}));
    QCOMPARE(typing(u"rye br"), (QStringList{"rye", "br"}));
    QCOMPARE(typing(u"\"rye brea\""), (QStringList{"rye brea"}));
    QCOMPARE(typing(u"rye -whea"), (QStringList{"rye", "-whea*"}));
}

void TestSearchQuery::dates_data() {
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QDate>("before");
    QTest::addColumn<QDate>("after");
    QTest::newRow("day") << "before:2026-01-31" << QDate(2026, 1, 31) << QDate();
    QTest::newRow("month") << "after:2025-12" << QDate() << QDate(2025, 12, 1);
    QTest::newRow("year") << "before:2026 after:2025" << QDate(2026, 1, 1) << QDate(2025, 1, 1);
    QTest::newRow("not before is after") << "-before:2026-02-01" << QDate() << QDate(2026, 2, 1);
    QTest::newRow("the narrower one") << "before:2026 before:2025 after:2020 after:2021" << QDate(2025, 1, 1)
                                      << QDate(2021, 1, 1);
}

void TestSearchQuery::dates() {
    QFETCH(QString, typed);
    const SearchQuery query = parseSearch(typed);
    QTEST(query.before, "before");
    QTEST(query.after, "after");
    QVERIFY(query.problem.isEmpty());
}

void TestSearchQuery::problemsAreSaid_data() {
    QTest::addColumn<QString>("typed");
    QTest::newRow("no date") << "rye before:tomorrow";
    QTest::newRow("no such day") << "rye after:2026-02-31";
    QTest::newRow("two digits") << "rye after:26-02-01";
    QTest::newRow("nobody") << "rye from:you";
    QTest::newRow("no state") << "rye is:green";
    QTest::newRow("too short a beginning") << "rye br*";
}

void TestSearchQuery::problemsAreSaid() {
    QFETCH(QString, typed);
    const SearchQuery query = parseSearch(typed);
    QCOMPARE(shown(query).value(0), "rye");
    QVERIFY(query.filters.isEmpty() && query.before.isNull() && query.after.isNull());
    QVERIFY2(query.problem.contains(typed.mid(typed.lastIndexOf(' ') + 1)), qPrintable(query.problem));
}

void TestSearchQuery::isLimited() {
    QCOMPARE(parseSearch(QString("a ").repeated(500)).terms.size(), kMostTerms);
    QCOMPARE(parseSearch(QString("is:pinned ").repeated(500)).filters.size(), kMostTerms);
    const SearchQuery long_ = parseSearch(QString(kLongestQuery + 500, 'x'));
    QCOMPARE(long_.terms.size(), 1);
    QCOMPARE(long_.terms[0].text.size(), kLongestQuery);
}

void TestSearchQuery::expressions_data() {
    QTest::addColumn<QString>("typed");
    QTest::addColumn<QByteArray>("messages");
    QTest::addColumn<QByteArray>("titles");
    QTest::newRow("words") << "rye bak*" << QByteArray(R"(text : ("rye" AND "bak" *))")
                           << QByteArray(R"("rye" AND "bak" *)");
    QTest::newRow("not") << "rye -a -b" << QByteArray(R"((text : ("rye")) NOT (text : ("a" OR "b")))")
                         << QByteArray(R"(("rye") NOT ("a" OR "b"))");
    QTest::newRow("filters") << "rye from:me by:x"
                             << QByteArray(R"(text : ("rye") AND author : ("me") AND checkpoint : ("x" *))")
                             << QByteArray(R"("rye")");
    QTest::newRow("not alone") << "-rye" << QByteArray() << QByteArray();
    QTest::newRow("filter alone") << "from:me" << QByteArray(R"(author : ("me"))") << QByteArray();
}

void TestSearchQuery::expressions() {
    QFETCH(QString, typed);
    const SearchQuery query = parseSearch(typed);
    QTEST(messageExpression(query), "messages");
    QTEST(titleExpression(query), "titles");
}

ALCOVE_TEST(TestSearchQuery)

#include "test_search_query.moc"
