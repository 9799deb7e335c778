// JSON that is read item by item: what is handed over, what is passed over, and how little is held.
#include <algorithm>
#include <cstring>
#include <string>

#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/files/streamed_json.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

// Hands a text out in pieces of one size.
class TextSource : public ByteSource {
public:
    TextSource(std::string text, std::size_t piece) : m_text(std::move(text)), m_piece(piece) {}
    std::size_t read(char* to, std::size_t most) override {
        const std::size_t count = std::min({most, m_piece, m_text.size() - m_at});
        std::memcpy(to, m_text.data() + m_at, count);
        m_at += count;
        return count;
    }

private:
    std::string m_text;
    std::size_t m_piece;
    std::size_t m_at = 0;
};

constexpr ItemLimits kLimits{.bytes = 1000, .values = 100, .depth = 8, .text = 20};

// One line for each thing that the reader said.
std::string said(const std::string& text, std::size_t piece = 1 << 16, const ItemLimits& limits = kLimits) {
    TextSource source(text, piece);
    std::string result;
    readItems(source, limits, "list", {"ignored"},
              {.found =
                   [&](const JsonItem& item) {
                       result += (item.outermost ? "outermost " : "element ") + item.value->dump() +
                                 (item.cut ? " cut" : "") + "\n";
                   },
               .passedOver =
                   [&](const ItemPlace& place, const Sentence& clause, bool damaged) {
                       result += (damaged ? "damaged " : "passed over ") + std::to_string(place.line) + ": " +
                                 clause.english() + "\n";
                   }});
    return result;
}

std::string many(const std::string& value, int count) {
    std::string result = value;
    for (int i = 1; i < count; ++i) {
        result += "," + value;
    }
    return result;
}

}  // namespace

// Its functions follow it, since moc loses its way in raw strings.
class TestStreamedJson : public QObject {
    Q_OBJECT

private slots:
    void items_data();
    void items();
    void piecesOfTheBuffer();
};

void TestStreamedJson::items_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("expected");
    const auto row = [](const char* name, const std::string& text, const std::string& expected) {
        QTest::newRow(name) << QByteArray::fromStdString(text) << QByteArray::fromStdString(expected);
    };
    row("nothing", " \n ", "");
    row("array", R"([{"a":1}, [2], "x", 3])", "element {\"a\":1}\nelement [2]\nelement \"x\"\nelement 3\n");
    row("empty array", "[]", "");
    row("object", R"({"a":{"b":[1,{"c":null}]},"d":true})", "outermost {\"a\":{\"b\":[1,{\"c\":null}]},\"d\":true}\n");
    row("list in an object", R"({"before":[1],"list":[{"a":1},2],"after":{"x":1.5}})",
        "element {\"a\":1}\nelement 2\noutermost {\"after\":{\"x\":1.5},\"before\":[1]}\n");
    row("the key deeper down", R"({"a":{"list":[1]}})", "outermost {\"a\":{\"list\":[1]}}\n");
    row("lines", "{\"a\":1}\n{\"b\":2}\r\n\n{\"c\":3}",
        "outermost {\"a\":1}\noutermost {\"b\":2}\noutermost {\"c\":3}\n");
    row("byte order mark", "\xEF\xBB\xBF[1]", "element 1\n");
    row("ignored", R"([{"ignored":{"deep":[1,2]},"a":1,"x":{"ignored":"text","b":2}}])",
        "element {\"a\":1,\"x\":{\"b\":2}}\n");
    row("a key twice", R"([{"a":1,"a":2}])", "element {\"a\":2}\n");
    row("escapes", R"(["\ud83d\ude00\u00e9\n\"\\"])", "element \"😀é\\n\\\"\\\\\"\n");
    row("half characters", R"(["a\ud83d","\ude00b","\ud83d\u0041","\ud83d\ud83d\ude00"])",
        "element \"a�\"\nelement \"�b\"\nelement \"�A\"\nelement \"�😀\"\n");
    row("a long text", "[\"" + std::string(30, 'a') + "\",1]", "element \"" + std::string(20, 'a') + "\"\nelement 1\n");
    row("a long text in an item", "[{\"t\":\"" + std::string(30, 'a') + "\"},{\"t\":\"b\"}]",
        "element {\"t\":\"" + std::string(20, 'a') + "\"} cut\nelement {\"t\":\"b\"}\n");
    row("cut between characters", "[\"" + std::string(19, 'a') + "éé\"]",
        "element \"" + std::string(19, 'a') + "é\"\n");
    row("cut before an escape", "[\"" + std::string(20, 'a') + R"(\"\\b"])",
        "element \"" + std::string(20, 'a') + "\"\n");
    row("many blanks", "[1," + std::string(100000, ' ') + "2]", "element 1\nelement 2\n");
    row("too many bytes", "[{\"a\":[" + many("\"aaaaaaaaaaaaaaaaaaaa\"", 60) + "]},2]",
        "passed over 1: it is too large to be read\nelement 2\n");
    row("too many values", "[[" + many("1", 200) + "],2]", "passed over 1: it is too large to be read\nelement 2\n");
    row("too large around a list", "{\"big\":[" + many("1", 200) + "],\"list\":[7],\"more\":1}",
        "element 7\npassed over 1: it is too large to be read\n");
    row("too deep", "[1,[[[[[[[[2]]]]]]]],3]", "element 1\ndamaged 1: its JSON is nested too deeply\n");
    row("a long number", "[1," + std::string(5000, '1') + "]",
        "element 1\ndamaged 1: its JSON holds a number that is out of range\n");
    row("a large number", "[1,1e999]", "element 1\ndamaged 1: its JSON holds a number that is out of range\n");
    row("ends early", "[{\"a\":1},\n{\"b\":\"tex", "element {\"a\":1}\ndamaged 2: its JSON ends early\n");
    row("malformed", "[{\"a\":1},\n{\"b\" 2}]", "element {\"a\":1}\ndamaged 2: its JSON is malformed\n");
    row("no JSON", "words", "damaged 1: its JSON is malformed\n");
    row("a number alone", "12", "damaged 1: it is neither an array nor an object of JSON\n");
    row("no UTF-8", "[1,\"\xFF\"]", "element 1\ndamaged 1: its JSON is malformed\n");
    row("a damaged line", "{\"a\":1}\n{\"b\":\"te\n{\"c\":3}\n",
        "outermost {\"a\":1}\ndamaged 2: its JSON ends early\noutermost {\"c\":3}\n");
    row("a line without its end", "{\"a\":1}\n{\"b\":{\"x\":1}\n{\"c\":3}\n",
        "outermost {\"a\":1}\ndamaged 2: its JSON ends early\noutermost {\"c\":3}\n");
    row("a damaged first line", "{\"a\":\"te\n{\"b\":2}\n{\"c\":3}\n",
        "damaged 2: its JSON is malformed\noutermost {\"b\":2}\noutermost {\"c\":3}\n");
    row("damaged lines of one document", "{\n\"a\": 1,\n\"b\" 2,\n\"c\": 3\n}\n", "damaged 3: its JSON is malformed\n");
}

void TestStreamedJson::items() {
    QFETCH(QByteArray, text);
    QFETCH(QByteArray, expected);
    // However the bytes come.
    for (const std::size_t piece : {std::size_t{1} << 16U, std::size_t{1}, std::size_t{7}}) {
        QCOMPARE(QByteArray::fromStdString(said(text.toStdString(), piece)), expected);
    }
}

// A text that crosses the end of the buffer, with escapes at every place.
void TestStreamedJson::piecesOfTheBuffer() {
    ItemLimits limits = kLimits;
    limits.bytes = limits.text = 1 << 20;
    for (std::size_t before = (1 << 16) - 14; before < (1 << 16) + 2; ++before) {
        const std::string blanks = "[\"" + std::string(before, 'a') + R"(\ud83d\ude00\ud83d"])";
        QCOMPARE(QByteArray::fromStdString(said(blanks, 1 << 16, limits)),
                 QByteArray::fromStdString("element \"" + std::string(before, 'a') + "😀�\"\n"));
    }
}

ALCOVE_TEST(TestStreamedJson)
#include "test_streamed_json.moc"
