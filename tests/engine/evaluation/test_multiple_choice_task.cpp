// Reading multiple-choice tasks: what is taken, and what is refused with its line.
#include <QTemporaryDir>
#include <QTest>

#include "engine/base/error.h"
#include "engine/evaluation/multiple_choice_task.h"
#include "tests/engine/evaluation/evaluation_fixture.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;
using alcove::tests::errorOf;

namespace {

const QByteArray kGood = R"({"context": "The sky is", "choices": [" blue.", " red."], "answer": 1})";

}  // namespace

class TestMultipleChoiceTask : public QObject {
    Q_OBJECT
private slots:
    void taken() {
        const std::string text = "\xEF\xBB\xBF" + kGood.toStdString() +
                                 "\r\n\n  \t\n"
                                 R"({"answer": 0, "id": {"deep": [1, null, 2.5]}, "choices": ["\u4f60 ", "b", " c"],)"
                                 R"( "context": ""})";
        const std::vector<MultipleChoiceItem> items = parseMultipleChoiceTask(text, "task.jsonl");
        QCOMPARE(items.size(), std::size_t{2});
        QCOMPARE(items[0].line, std::size_t{1});
        QCOMPARE(items[0].context, std::string("The sky is"));
        QCOMPARE(items[0].choices, (std::vector<std::string>{" blue.", " red."}));
        QCOMPARE(items[0].answer, std::size_t{1});
        QCOMPARE(items[1].line, std::size_t{4});
        QCOMPARE(items[1].context, std::string());
        QCOMPARE(items[1].choices, (std::vector<std::string>{"\xE4\xBD\xA0 ", "b", " c"}));
    }

    void refused_data() {
        QTest::addColumn<QByteArray>("line");
        QTest::addColumn<QByteArray>("what");
        const auto add = [](const char* name, QByteArray line, const char* what) {
            QTest::newRow(name) << line << QByteArray(what);
        };
        const auto changed = [](const char* from, const QByteArray& to) { return QByteArray(kGood).replace(from, to); };
        add("no JSON", "nonsense", "malformed at byte 2");
        add("cut off", kGood.chopped(1), "malformed");
        add("two on a line", kGood + " " + kGood, "malformed");
        add("a comma after it", kGood + ",", "malformed");
        add("an array", "[]", "not an object");
        add("a string", "\"x\"", "not an object");
        add("invalid UTF-8", changed("sky", "\xFF"), "malformed");
        add("half a surrogate pair", changed("sky", "\\ud800"), "malformed");
        add("a control character", changed("sky", "\x01"), "malformed");
        add("a number out of range", changed("1}", "1e999}"), "out of range");
        add("nested too deeply", changed("1}", "1, \"x\": " + QByteArray(16, '[') + QByteArray(16, ']') + "}"),
            "nested too deeply");
        add("a bomb of brackets", QByteArray(500000, '['), "nested too deeply");
        add("too long", changed("sky", QByteArray(1 << 20, 'x')), "larger than 1048576 bytes");
        add("no context", changed("context", "ctx"), "no \"context\"");
        add("no choices", changed("choices", "endings"), "no \"choices\"");
        add("no answer", changed("answer", "label"), "no \"answer\"");
        add("a key twice", changed("1}", "1, \"answer\": 0}"), "\"answer\" twice");
        add("context is a number", changed("\"The sky is\"", "5"), "\"context\" is not a string");
        add("choices is an object", changed("[\" blue.\", \" red.\"]", "{}"), "\"choices\" is not an array");
        add("one choice", changed(", \" red.\"", ""), "\"choices\" has 1 entries");
        add("too many choices", changed("\" red.\"", QByteArray("\"x\", ").repeated(1030) + "\"y\""),
            "has 1032 entries");
        add("a choice is null", changed("\" red.\"", "null"), "choice 1 is not a string");
        add("an empty choice", changed("\" red.\"", "\"\""), "choice 1 is blank");
        add("a blank choice", changed("\" blue.\"", "\" \\n\""), "choice 0 is blank");
        add("answer is a string", changed("1}", "\"1\"}"), "\"answer\" is not a whole number");
        add("answer is a fraction", changed("1}", "1.0}"), "\"answer\" is not a whole number");
        add("answer is true", changed("1}", "true}"), "\"answer\" is not a whole number");
        add("answer below", changed("1}", "-1}"), "\"answer\" is -1");
        add("answer beyond", changed("1}", "2}"), "\"answer\" is 2; the choices are numbered from 0 to 1");
        add("answer far beyond", changed("1}", "18446744073709551615}"), "\"answer\" is 18446744073709551615");
    }
    void refused() {
        QFETCH(QByteArray, line);
        QFETCH(QByteArray, what);
        const QByteArray text = kGood + "\n\n" + line + "\n" + kGood + "\n";
        const Error error = errorOf([&] { (void)parseMultipleChoiceTask(text.toStdString(), "task.jsonl"); });
        QCOMPARE(error.code(), ErrorCode::FileDamaged);
        const QByteArray sentence = error.what();
        QVERIFY2(sentence.startsWith("task.jsonl, line 3: ") && sentence.contains(what),
                 sentence.left(300).constData());
        QVERIFY(sentence.endsWith("Nothing was evaluated."));
        QVERIFY(sentence.size() < 300);
    }

    void nothingInIt() {
        for (const char* text : {"", "\n", " \r\n\t\n"}) {
            const Error error = errorOf([&] { (void)parseMultipleChoiceTask(text, "task.jsonl"); });
            QCOMPARE(error.code(), ErrorCode::FileDamaged);
            QVERIFY(QString(error.what()).contains("no item"));
        }
    }

    void files() {
        QTemporaryDir folder;
        const auto code = [](const QString& path) {
            return errorOf([&] { (void)readMultipleChoiceTask(path.toStdString()); }).code();
        };
        QCOMPARE(code(folder.filePath("none")), ErrorCode::FileMissing);
        QCOMPARE(code(folder.path()), ErrorCode::FileUnreadable);
        QFile file(folder.filePath("huge.jsonl"));
        QVERIFY(file.open(QIODevice::WriteOnly) && file.resize(static_cast<qint64>(kTaskFileLimit) + 1));  // sparse
        QCOMPARE(code(file.fileName()), ErrorCode::FileDamaged);
        QCOMPARE(readMultipleChoiceTask(ALCOVE_FIXTURES "/measures/task.jsonl").size(), std::size_t{7});
    }
};

ALCOVE_TEST(TestMultipleChoiceTask)
#include "test_multiple_choice_task.moc"
