// The reader of JSON: each limit at it and just beyond it, and the values it returns.
#include <QTest>
#include <nlohmann/json.hpp>

#include "engine/files/bounded_json.h"
#include "tests/engine/checkpoint/checkpoint_builder.h"
#include "tests/rig/allocation_count.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

constexpr JsonLimits kSmall = {.bytes = 100, .depth = 3, .values = 8, .text = 10};

std::string repeated(std::string_view text, std::size_t count) {
    std::string result;
    for (std::size_t i = 0; i < count; ++i) {
        result += text;
    }
    return result;
}

}  // namespace

class TestBoundedJson : public QObject {
    Q_OBJECT

private slots:
    void takesWhatIsWithinItsLimits_data();
    void takesWhatIsWithinItsLimits();
    void refuses_data();
    void refuses();
    void whatIsNoJsonCostsLittle();
    void readsFiles();
    void writesValuesForSentences();
};

void TestBoundedJson::takesWhatIsWithinItsLimits_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::newRow("empty") << QByteArray("{}");
    QTest::newRow("as deep as allowed") << QByteArray(R"({"a": [[]]})");
    QTest::newRow("as many values as allowed") << QByteArray(R"({"a": [1, 2, 3, 4, 5]})");
    QTest::newRow("as long a text as allowed") << QByteArray(R"({"0123456789": "0123456789"})");
    QTest::newRow("as many blanks as allowed") << QByteArray("{          }");
    QTest::newRow("one key in two objects") << QByteArray(R"({"a": {"a": {"a": 1}}})");
}

void TestBoundedJson::takesWhatIsWithinItsLimits() {
    QFETCH(const QByteArray, text);
    const JsonDocument document = parseJsonObject(text.toStdString(), "x.json", kSmall);
    QVERIFY(*document == nlohmann::json::parse(text.toStdString()));
}

void TestBoundedJson::refuses_data() {
    QTest::addColumn<QByteArray>("text");
    QTest::addColumn<QByteArray>("part");
    const auto row = [](const char* name, const QByteArray& text, const char* part) {
        QTest::newRow(name) << text << QByteArray(part);
    };
    row("nothing", "", "malformed at byte");
    row("no object", "[]", "not an object");
    row("too deep", R"({"a": [[[]]]})", "nested too deeply");
    row("brackets without end", QByteArray("{\"a\":").append(90, '['), "nested too deeply");
    row("too many values", R"({"a": [1, 2, 3, 4, 5, 6]})", "too many values");
    row("too many keys", R"({"a":1,"b":1,"c":1,"d":1,"e":1})", "too many values");
    row("too long a text", R"({"a": "0123456789a"})", "a text of more than 10 bytes");
    row("too long a key", R"({"0123456789a": 1})", "a text of more than 10 bytes");
    row("too many bytes", QByteArray("{}").append(99, ' '), "larger than 100 bytes");
    row("too many blanks", "{           }", "more than 10 blanks");
    row("a key twice", R"({"a": 1, "a": 1})", "gives \"a\" twice");
    row("a control character", "{\"a\": \"\x01\"}", "malformed at byte");
    row("not UTF-8", "{\"\xFF\": 1}", "malformed at byte");
    row("an infinite number", R"({"a": 1e999})", "out of range");
}

void TestBoundedJson::refuses() {
    QFETCH(const QByteArray, text);
    QFETCH(const QByteArray, part);
    EXPECT_ERROR((void)parseJsonObject(text.toStdString(), "x.json", kSmall), ErrorCode::FileDamaged,
                 part.toStdString());
}

void TestBoundedJson::whatIsNoJsonCostsLittle() {
    constexpr JsonLimits kLarge = {.bytes = 4 << 20, .depth = 16, .values = 1000, .text = 1 << 10};
    const std::vector<std::string> texts = {
        "{\"a\":" + std::string(1 << 20, '['),
        "{\"a\":" + repeated("{\"a\":", 200'000),
        "{\"a\":[" + repeated("1,", 1 << 20) + "1]}",
        "{\"a\":[" + repeated("[],", 1 << 20) + "1]}",
        std::string(4 << 20, '\0'),
        std::string(4 << 20, ' '),
        "{" + std::string(4 << 20, '\n') + "x",
        "{\"" + std::string(4 << 20, 'x'),
        "{" + repeated("\"a\":1,", 600'000),
    };
    for (const std::string& text : texts) {
        const std::uint64_t before = alcove::tests::allocatedBytesOfThisThread();
        EXPECT_ERROR((void)parseJsonObject(text, "x.json", kLarge), ErrorCode::FileDamaged, "x.json");
        // The parser keeps the text of the token that it is at in buffers that it doubles, and says what it was.
        QVERIFY(alcove::tests::allocatedBytesOfThisThread() - before < 16 * text.size());
    }
}

void TestBoundedJson::readsFiles() {
    const alcove::test::ScratchFolder folder;
    EXPECT_ERROR((void)readJsonObject(folder / "x.json", kSmall), ErrorCode::FileMissing, "x.json");
    alcove::test::writeFile(folder / "x.json", R"({"a": 1})");
    QVERIFY(readJsonObject(folder / "x.json", kSmall)->at("a") == 1);
    alcove::test::writeFile(folder / "x.json", std::string(101, ' '));
    EXPECT_ERROR((void)readJsonObject(folder / "x.json", kSmall), ErrorCode::FileDamaged, "101 bytes long");
    std::filesystem::create_directory(folder / "y.json");
    EXPECT_ERROR((void)readJsonObject(folder / "y.json", kSmall), ErrorCode::FileUnreadable, "y.json");
}

void TestBoundedJson::writesValuesForSentences() {
    QCOMPARE(shownValue(nlohmann::json("a\xC3\xA4\x1b")), std::string(R"("a\u00e4\u001b")"));
    QCOMPARE(shownValue(nlohmann::json(std::string(1000, 'x'))), "\"" + std::string(119, 'x') + "...");
    QCOMPARE(shownValue(nlohmann::json("\xFF")), std::string(R"("\ufffd")"));
}

ALCOVE_TEST(TestBoundedJson)
#include "test_bounded_json.moc"
