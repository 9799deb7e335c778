// What is written into a GGUF file for other programs makes the same prompt there as here. Rendered by Jinja itself.
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTest>

#include "engine/conversion/jinja_template.h"
#include "tests/rig/test_registry.h"

using namespace alcove::engine;

namespace {

const char* const kScript = R"(
import json, sys, jinja2
given = json.load(sys.stdin)
text = jinja2.Environment(undefined=jinja2.StrictUndefined).from_string(given["template"]).render(
    messages=given["messages"], add_generation_prompt=given["reply"])
sys.stdout.buffer.write(text.encode())
)";

QString renderedByJinja(const std::string& chatTemplate, const std::vector<Message>& messages, bool reply) {
    QJsonArray list;
    for (const Message& message : messages) {
        const char* role = message.role == Role::System ? "system" : message.role == Role::User ? "user" : "assistant";
        list.append(QJsonObject{{"role", role}, {"content", QString::fromStdString(message.text)}});
    }
    const QJsonObject given{{"template", QString::fromStdString(chatTemplate)}, {"messages", list}, {"reply", reply}};
    QProcess python;
    python.start(ALCOVE_PYTHON, {"-c", kScript});
    python.write(QJsonDocument(given).toJson());
    python.closeWriteChannel();
    if (!python.waitForFinished() || python.exitCode() != 0) {
        return "Python (with the package python3-jinja2) said: " + QString::fromUtf8(python.readAllStandardError());
    }
    return QString::fromUtf8(python.readAllStandardOutput());
}

}  // namespace

class TestJinjaTemplate : public QObject {
    Q_OBJECT

private slots:
    void makesTheSamePrompt_data() {
        QTest::addColumn<QString>("name");
        QTest::addColumn<bool>("withExample");
        QTest::addColumn<std::vector<Message>>("messages");
        const std::vector<Message> one = {{Role::User, "\"Hi\" \\ {{ 1 }} {% x %} 'é' 你好"}};
        const std::vector<Message> three = {{Role::User, "Hi"}, {Role::Assistant, "Hello!"}, {Role::User, "Why?\n"}};
        std::vector<Message> system = three;
        system.insert(system.begin(), {Role::System, "Be brief."});
        for (const ChatTemplate& candidate : builtInTemplates()) {
            for (const bool example : {false, true}) {
                const QByteArray name =
                    QByteArray::fromStdString(candidate.name) + (example ? " with its example" : "");
                const QString id = QString::fromStdString(candidate.name);
                QTest::newRow(name + ", a question") << id << example << one;
                QTest::newRow(name + ", three turns") << id << example << three;
                QTest::newRow(name + ", own system message") << id << example << system;
            }
        }
    }

    void makesTheSamePrompt() {
        QFETCH(const QString, name);
        QFETCH(const bool, withExample);
        QFETCH(const std::vector<Message>, messages);
        const ChatTemplate chatTemplate = templateNamed(name.toStdString());
        QCOMPARE(renderedByJinja(jinjaTemplate(chatTemplate, withExample), messages, true),
                 QString::fromStdString(renderPrompt(chatTemplate, messages, 0, withExample)));
    }

    void endsWithTheMessagesIfNoReplyIsAskedFor() {
        const ChatTemplate chat = templateNamed("starter");
        QCOMPARE(
            renderedByJinja(jinjaTemplate(chat, false), {{Role::User, "Hi"}, {Role::Assistant, " Hello! \n"}}, false),
            QString("\n### Human: Hi\n### Assistant: Hello!"));
    }
};

ALCOVE_TEST(TestJinjaTemplate)
#include "test_jinja_template.moc"
