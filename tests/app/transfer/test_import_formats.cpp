// Each chat format, read from a small file of it; what is recognised, and what is damaged.
#include <zip.h>

#include <QTemporaryDir>
#include <QTest>

#include "app/transfer/message_forest.h"
#include "app/transfer/read_conversations.h"
#include "engine/base/error.h"
#include "tests/app/transfer/collected.h"
#include "tests/rig/test_files.h"
#include "tests/rig/test_registry.h"

using namespace alcove;
using namespace alcove::tests;

namespace {

const QString kImports = QStringLiteral(ALCOVE_FIXTURES "/imports/");

void readAll(const QStringList& paths, Collected& collected, const engine::Cancellation& cancel = {}) {
    readConversations(paths, collected, cancel);
}

void makeZip(const QString& path, const QList<std::pair<QString, QByteArray>>& entries) {
    int code = 0;
    zip_t* archive = zip_open(QFile::encodeName(path).constData(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    QVERIFY(archive != nullptr);
    for (const auto& [name, bytes] : entries) {
        zip_source_t* source =
            zip_source_buffer(archive, bytes.constData(), static_cast<zip_uint64_t>(bytes.size()), 0);
        QVERIFY(zip_file_add(archive, name.toUtf8().constData(), source, ZIP_FL_ENC_UTF_8) >= 0);
    }
    QCOMPARE(zip_close(archive), 0);
}

}  // namespace

class TestImportFormats : public QObject {
    Q_OBJECT

private slots:
    void formats_data() {
        QTest::addColumn<QString>("file");
        QTest::addColumn<QString>("expected");
        QTest::addColumn<QString>("passedOver");
        QTest::newRow("chatgpt")
            << "chatgpt.json"
            << "chatgpt:c-tides | Tides |  | archived | \n"
               "*q1 <  user: Why are there tides?\n"
               "*a1 < q1 reply: ```thoughts\\n**Moon first**\\n\\nThe Moon pulls.\\n\\nSo does the Sun.\\n\\n"
               "Thought for 2 seconds\\n```\\n\\nBecause of the Moon. (o-test)\n"
               "*q2 < a1 user: [Image: file-abc]\\nAnd this picture?\\n\\n[File: notes.pdf]\n"
               "*code < q2 reply: ```python\\nprint(`1`)\\n``` (auto)\n"
               " q2b < a1 user: Thank you.\n"
               " a2 < q1 reply: Gravity, mostly. (o-test) stopped\n"
               "chatgpt:c-half | Half a surrogate � |  |  | \n"
               "*x <  user: Hi 😀\n"
               "*y < x reply: Hello.\n"
            << "chatgpt.json, conversation 1: Outputs of tools are left out: 1.\n"
               "chatgpt.json, conversation 3: The conversation holds no messages.";
        QTest::newRow("lm studio")
            << "lm-studio/Recipes/1764374400000.conversation.json"
            << "lmstudio:1764374400000 | Bread |  | pinned | Answer as a baker.\n"
               "*0.0 <  user: How long does bread rise?\n"
               " 1.0 < 0.0 reply: An hour. (small-model)\n"
               "*1.1 < 0.0 reply: ```thoughts\\nIt depends.\\n```\\n\\nOne to two hours. (small-model-q4)\n"
               "*2.0 < 1.1 user: Thanks.\n"
            << "";
        QTest::newRow("lm studio, a folder")
            << "lm-studio"
            << "lmstudio:1764374500000 | What is yeast? |  |  | \n"
               "*0.0 <  user: What is yeast?\n"
               "lmstudio:1764374400000 | Bread | Recipes | pinned | Answer as a baker.\n"
               "*0.0 <  user: How long does bread rise?\n"
               " 1.0 < 0.0 reply: An hour. (small-model)\n"
               "*1.1 < 0.0 reply: ```thoughts\\nIt depends.\\n```\\n\\nOne to two hours. (small-model-q4)\n"
               "*2.0 < 1.1 user: Thanks.\n"
            << "";
        QTest::newRow("llama.cpp lines")
            << "llama.jsonl"
            << "llamacpp:ll-1 | Stars |  | pinned | \n"
               "*m1 <  user: How far is the next star?\\n\\n[File: list.txt]\\n```\\nProxima\\n```\\n\\n[Image: "
               "sky.png]\n"
               " m2 < m1 reply: ```thoughts\\nProxima Centauri.\\n```\\n\\nFour light years. (tiny.gguf)\n"
               " m3 < m2 user: Thanks!\n"
               "*m4 < m1 reply: About 4.2 light years.\n"
               "llamacpp:ll-3 | Tool |  |  | \n"
               "*t1 <  user: What time is it?\n"
            << "llama.jsonl, line 8: The conversation holds no messages.\n"
               "llama.jsonl, line 9: Outputs of tools are left out: 1.\n"
               "llama.jsonl: Parts that are no conversations: 1.";
        QTest::newRow("llama.cpp, older")
            << "llama-old.json"
            << "llamacpp:conv-1700000000000 | Old |  |  | \n"
               "*1764374401000 <  user: Hello\n"
               "*1764374402000 < 1764374401000 reply: ```thoughts\\nA greeting.\\n```\\n\\nHi.\n"
            << "";
        QTest::newRow("open webui")
            << "open-webui.json"
            << "openwebui:ow-1 | Rivers |  | pinned | Be brief.\n"
               "*z1 <  user: Longest river?\n"
               "*b3 < z1 reply: ```thoughts\\nNile or Amazon.\\nNile.\\n```\\n\\nThe Nile. (m:1b)\n"
               " a2 < z1 reply: The Amazon. (m:1b) interrupted\n"
               "openwebui:97019f6cceef1abd07ee5be8d3af89d4 | Old and flat |  |  | \n"
               "*o1 <  user: An older export\n"
            << "";
        for (int version = 0; version <= 12; ++version) {
            const QString attached = version >= 10 ? "\\n\\n[File: list.txt]" : "";
            const QString thoughts = version >= 12 ? "```thoughts\\nMilk is on the list.\\n```\\n\\nWell: \\n\\n" : "";
            QTest::newRow(qPrintable(QString("gpt4all %1").arg(version)))
                << QString("gpt4all/gpt4all-v%1.chat").arg(version)
                << QString(
                       "gpt4all:id-%1 | Shopping %1 |  |  | \n*0 <  user: What is on the list?%2\n*1 < 0 reply: "
                       "%3Milk. (tiny.gguf) stopped\n")
                       .arg(version)
                       .arg(attached, thoughts)
                << (version >= 12 ? "gpt4all-v12.chat: Calls of tools are left out: 1." : "");
        }
    }
    void formats() {
        QFETCH(QString, file);
        QFETCH(QString, expected);
        QFETCH(QString, passedOver);
        Collected collected;
        readAll({kImports + file}, collected);
        QCOMPARE(collected.described(), expected);
        QCOMPARE(collected.passedOver.join('\n'), passedOver);
        QVERIFY(!collected.damaged);
        QCOMPARE(collected.done, collected.total);
    }

    void facts() {
        Collected collected;
        readAll({kImports + "lm-studio/Recipes/1764374400000.conversation.json", kImports + "llama.jsonl",
                 kImports + "chatgpt.json"},
                collected);
        const MessageRecord bread = collected.conversations[0].messages[2];
        QCOMPARE(bread.statistics.tokensPerSecond, 12.5);
        QCOMPARE(bread.statistics.promptTokens, 9);
        QCOMPARE(bread.statistics.generatedTokens, 6);
        QCOMPARE(bread.statistics.stopReason, QString("endOfText"));
        const MessageRecord star = collected.conversations[1].messages[1];
        QCOMPARE(star.statistics.tokensPerSecond, 20.0);
        QCOMPARE(star.statistics.prefillSeconds, 0.5);
        QCOMPARE(star.createdAt.toMSecsSinceEpoch(), 1764374420000);
        const ConversationRecord tides = collected.conversations[3];
        QCOMPARE(tides.createdAt.toMSecsSinceEpoch(), 1764374400250);
        QCOMPARE(tides.updatedAt.toMSecsSinceEpoch(), 1764374500500);
        QCOMPARE(collected.conversations[1].createdAt.toMSecsSinceEpoch(), 1764374410000);  // of its first message
    }

    void broken() {
        Collected cut;
        readAll({kImports + "chatgpt-cut.json"}, cut);
        QCOMPARE(cut.conversations.size(), 1);
        QVERIFY(cut.damaged);
        QVERIFY2(cut.passedOver.last().startsWith("chatgpt-cut.json, line 59, byte 37"),
                 qPrintable(cut.passedOver.last()));
        Collected lines;
        readAll({kImports + "llama-broken.jsonl"}, lines);
        QCOMPARE(lines.conversations.size(), 2);
        QCOMPARE(lines.conversations[0].messages.size(), 3);  // what followed the lost one has become a beginning
        QCOMPARE(lines.passedOver.first(),
                 QString("llama-broken.jsonl, line 4, byte 733: Damaged: its JSON ends early."));
    }

    // However a binary file is cut, what was read before is kept or nothing is.
    void brokenGpt4All_data() {
        QTest::addColumn<int>("version");
        for (const int version : {0, 6, 12}) {
            QTest::newRow(qPrintable(QString::number(version))) << version;
        }
    }
    void brokenGpt4All() {
        QFETCH(int, version);
        const QTemporaryDir folder;
        const QByteArray whole = contents(kImports + QString("gpt4all/gpt4all-v%1.chat").arg(version));
        for (qsizetype size = 16; size < whole.size(); size += 11) {
            write(folder.filePath("a.chat"), whole.left(size));
            Collected collected;
            readAll({folder.filePath("a.chat")}, collected);
            QVERIFY(collected.damaged);
            QVERIFY(collected.conversations.size() <= 1);
            if (!collected.conversations.isEmpty()) {
                QCOMPARE(collected.conversations[0].messages.first().text.left(20), QString("What is on the list?"));
            }
        }
        QByteArray newer = whole;
        if (version > 0) {
            newer[7] = 13;
            write(folder.filePath("a.chat"), newer);
            Collected collected;
            readAll({folder.filePath("a.chat")}, collected);
            QCOMPARE(collected.passedOver, QStringList("a.chat: The file goes on with something unknown at byte 8."));
        }
    }

    void archives() {
        const QTemporaryDir folder;
        const QByteArray chatgpt = contents(kImports + "chatgpt.json");
        const QByteArray old = contents(kImports + "llama-old.json");
        makeZip(folder.filePath("export"), {{"conversations-000.json", chatgpt},
                                            {"conversations-001.json", old},
                                            {"user.json", "{\"id\":\"me\"}"},
                                            {"chat.html", "<html>"},
                                            {"image.png", QByteArray(100000, 'x')}});
        Collected collected;
        readAll({folder.filePath("export")}, collected);
        QCOMPARE(collected.conversations.size(), 3);
        QCOMPARE(collected.passedOver.last(),
                 QString("export/user.json: Files that hold no conversations: 3; this is the first."));
        QVERIFY(collected.passedOver.first().startsWith("export/conversations-000.json, conversation 1: "));
        QVERIFY(!collected.damaged);
        QCOMPARE(collected.done, collected.total);

        QByteArray bytes = contents(folder.filePath("export"));
        const qsizetype middle = 600;  // of the first entry
        bytes[middle] = static_cast<char>(~bytes[middle]);
        write(folder.filePath("damaged"), bytes);
        Collected damaged;
        readAll({folder.filePath("damaged")}, damaged);
        QVERIFY(damaged.damaged);
        QVERIFY(damaged.conversations.size() >= 1);  // of the second entry

        write(folder.filePath("cut"), bytes.left(bytes.size() / 2));
        Collected cut;
        readAll({folder.filePath("cut")}, cut);
        QCOMPARE(cut.passedOver, QStringList("cut: The archive is damaged."));
    }

    void otherFiles_data() {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<QString>("why");
        const QString unknown = "The file holds no conversations of a format that Alcove knows.";
        QTest::newRow("empty") << QByteArray() << "The file is empty.";
        QTest::newRow("words") << QByteArray("some words that are no chat at all") << unknown;
        QTest::newRow("another JSON") << QByteArray("[{\"a\":1},{\"b\":2}]") << unknown;
        QTest::newRow("an empty array") << QByteArray("[]") << unknown;
        QTest::newRow("a database") << QByteArray("SQLite format 3") + QByteArray(100, '\0')
                                    << "This is a database. If it is a backup of Alcove's, restore it.";
    }
    void otherFiles() {
        QFETCH(QByteArray, bytes);
        QFETCH(QString, why);
        const QTemporaryDir folder;
        write(folder.filePath("a"), bytes);
        Collected collected;
        readAll({folder.filePath("a")}, collected);
        QCOMPARE(collected.passedOver, QStringList("a: " + why));
        QVERIFY(collected.damaged);
    }

    void missingFilesAndCancellation() {
        Collected collected;
        QVERIFY_EXCEPTION_THROWN(readAll({kImports + "none.json"}, collected), InputError);
        int asked = 0;
        const engine::Cancellation cancel([&asked] { return ++asked > 2; });
        try {
            readAll({kImports + "gpt4all"}, collected, cancel);
            QFAIL("It went on.");
        } catch (const engine::Error& error) {
            QCOMPARE(error.code(), engine::ErrorCode::Cancelled);
        }
        QVERIFY(collected.conversations.size() < 13);
    }

    // Circles, unknown parents, ids that are there twice: nothing is lost, and nothing runs on.
    void contradictoryTrees() {
        const auto message = [](const QString& id, const QString& parent, bool shown = true,
                                const QString& thoughts = {}) {
            ForeignMessage one;
            one.message.id = id;
            one.message.parentId = parent;
            one.message.text = id;
            one.message.author = id.startsWith('r') ? Author::Assistant : Author::User;
            one.shown = shown;
            one.thoughts = thoughts;
            return one;
        };
        const auto planted = [](std::vector<ForeignMessage> messages, const QString& leaf) {
            ConversationRecord record;
            plantMessages(std::move(messages), leaf, record);
            QString text;
            for (const MessageRecord& one : record.messages) {
                text += one.id + '<' + one.parentId + ' ';
            }
            return text + record.leafId;
        };
        QCOMPARE(planted({message("a", "b"), message("b", "a")}, "a"), QString("a< b<a a"));
        QCOMPARE(planted({message("a", "a")}, "x"), QString("a< "));
        QCOMPARE(planted({message("b", "none"), message("a", "")}, "a"), QString("b< a< a"));
        QCOMPARE(planted({message("a", ""), message("a", ""), message("b", "a")}, "b"), QString("a< b<a b"));
        QCOMPARE(planted({message("h", "", false), message("a", "h"), message("b", "h")}, "h"), QString("a< b< "));
        // Thoughts go to the reply that follows; where a question follows, or nothing, they stand by themselves.
        ConversationRecord record;
        plantMessages({message("a", ""), message("t", "a", false, "one"), message("u", "t", false, "two"),
                       message("r", "u"), message("b", "u"), message("v", "r", false, "three")},
                      "v", record);
        QStringList lines;
        for (const MessageRecord& one : record.messages) {
            lines << one.id + '<' + one.parentId + ' ' + one.text.simplified();
        }
        QCOMPARE(lines.join('\n'), QString("a< a\n"
                                           "r<a ```thoughts one two ``` r\n"
                                           "thoughts of v<r ```thoughts three ```\n"
                                           "thoughts of u<a ```thoughts one two ```\n"
                                           "b<thoughts of u b"));
    }
};

ALCOVE_TEST(TestImportFormats)
#include "test_import_formats.moc"
