// What search takes for a word.
#include <QTest>

#include "app/search/search_words.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

class TestSearchWords : public QObject {
    Q_OBJECT

private slots:
    void words_data();
    void words();
    void placesAreInTheText();
    void foldingAWordAgainChangesNothing_data();
    void foldingAWordAgainChangesNothing();
};

namespace {

QStringList wordsOf(const QString& text) {
    QStringList words;
    WordReader reader(text);
    while (reader.next()) {
        words << reader.folded();
    }
    return words;
}

}  // namespace

void TestSearchWords::words_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QStringList>("expected");
    QTest::newRow("nothing") << "" << QStringList();
    QTest::newRow("no word") << " --- ?!*" << QStringList();
    QTest::newRow("Latin") << "Rye BREAD, 2 loaves" << QStringList{"rye", "bread", "2", "loaves"};
    QTest::newRow("code") << "read_file(path.txt)" << QStringList{"read", "file", "path", "txt"};
    QTest::newRow("diacritics") << "Crème brûlée à la Škoda" << QStringList{"creme", "brulee", "a", "la", "skoda"};
    QTest::newRow("apart") << QString::fromUtf8("Cre\u0300me") << QStringList{"creme"};
    QTest::newRow("strokes") << QString::fromUtf8("Øre łódź Straße ﬁn") << QStringList{"ore", "lodz", "strasse", "fin"};
    QTest::newRow("Greek") << QString::fromUtf8("Οδός ΟΔΟΣ") << QStringList{"οδοσ", "οδοσ"};
    QTest::newRow("Cyrillic") << QString::fromUtf8("Ёлка МОСКВА") << QStringList{"елка", "москва"};
    QTest::newRow("Chinese") << QString::fromUtf8("我喜欢bread面包。")
                             << QStringList{"我", "喜", "欢", "bread", "面", "包"};
    QTest::newRow("Japanese") << QString::fromUtf8("ラーメン") << QStringList{"ラ", "ー", "メ", "ン"};
    QTest::newRow("Korean") << QString::fromUtf8("학교에서") << QStringList{"학", "교", "에", "서"};
    QTest::newRow("Hindi") << QString::fromUtf8("नमस्ते दुनिया") << QStringList{"नमस्ते", "दुनिया"};
    QTest::newRow("Arabic vowels") << QString::fromUtf8("كِتَاب") << QStringList{"كتاب"};
    QTest::newRow("soft hyphen") << QString::fromUtf8("Zei\u00ADtung") << QStringList{"zeitung"};
    QTest::newRow("above the first plane") << QString::fromUtf8("𠀋 𝐀") << QStringList{"𠀋", "a"};
    QTest::newRow("half a pair") << QString(QChar(0xD800)) + "a" << QStringList{"a"};
    QTest::newRow("long") << QString(200, 'x') << QStringList{QString(WordReader::kLongestWord, 'x')};
}

void TestSearchWords::words() {
    QFETCH(QString, text);
    QFETCH(QStringList, expected);
    QCOMPARE(wordsOf(text), expected);
}

void TestSearchWords::placesAreInTheText() {
    const QString text = QString::fromUtf8("  Crème 面包!");
    WordReader reader(text);
    QVERIFY(reader.next());
    QCOMPARE(text.mid(reader.begin(), reader.end() - reader.begin()), QString::fromUtf8("Crème"));
    QVERIFY(reader.next());
    QCOMPARE(text.mid(reader.begin(), reader.end() - reader.begin()), QString::fromUtf8("面"));
    QVERIFY(reader.next());
    QVERIFY(!reader.next());
    QVERIFY(!reader.next());
}

void TestSearchWords::foldingAWordAgainChangesNothing_data() {
    QTest::addColumn<QString>("text");
    QTest::newRow("Latin") << QString::fromUtf8("ǅungla ŉ ﬃ Œuvre Ç");
    QTest::newRow("Korean") << QString::fromUtf8("\u1112\u1161\u11ab글");
    QTest::newRow("Turkish") << QString::fromUtf8("İstanbul ısı");
    QTest::newRow("Japanese") << QString::fromUtf8("が\u3099ガ ｶﾞ");
}

void TestSearchWords::foldingAWordAgainChangesNothing() {
    QFETCH(QString, text);
    const QStringList once = wordsOf(text);
    QCOMPARE(wordsOf(once.join(' ')), once);
}

ALCOVE_TEST(TestSearchWords)

#include "test_search_words.moc"
