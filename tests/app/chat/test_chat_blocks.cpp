// Messages in blocks: the same for every way of cutting the text, and finished blocks stay as they are.
#include <QtCore/QRandomGenerator>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/chat/block_splitter.h"
#include "app/chat/message_block_model.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

QList<MessageBlock> whole(const QString& text) {
    BlockSplitter splitter;
    splitter.append(text);
    splitter.finish();
    return splitter.blocks();
}

MessageBlock markdown(const QString& text) {
    return {false, text, {}, false};
}
MessageBlock code(const QString& text, const QString& language = {}) {
    return {true, text, language, false};
}

}  // namespace

class TestChatBlocks : public QObject {
    Q_OBJECT

private slots:
    void splits_data() {
        QTest::addColumn<QString>("text");
        QTest::addColumn<QList<MessageBlock>>("blocks");
        const auto row = [](const char* name, const QString& text, const QList<MessageBlock>& blocks) {
            QTest::newRow(name) << text << blocks;
        };
        row("nothing", "", {});
        row("blank", " \n\n  \n", {});
        row("paragraphs", "one\ntwo\n\n\nthree", {markdown("one\ntwo"), markdown("three")});
        row("fence", "look:\n```cpp\nint a;\n\nint b;\n```\ndone",
            {markdown("look:"), code("int a;\n\nint b;", "cpp"), markdown("done")});
        row("tildes", "~~~~\n~~~\n~~~~", {code("~~~")});
        row("long fence", "````md\n```\nx\n```\n````", {code("```\nx\n```", "md")});
        row("open fence", "```py\nprint(1)\n", {code("print(1)", "py")});
        row("empty fence", "```\n```", {code("")});
        row("info string", "```js {1,2} title\nx\n```", {code("x", "js")});
        row("inline code is no fence", "```x``` is code", {markdown("```x``` is code")});
        row("list stays whole", "- a\n\n- b\n\n  more\n\nend", {markdown("- a\n\n- b\n\n  more"), markdown("end")});
        row("numbers", "1. a\n\n2. b\n\n3 apples", {markdown("1. a\n\n2. b"), markdown("3 apples")});
        row("fence in list", "1. do\n\n   ```sh\n   ls\n     -l\n   ```\n\n2. done\n\n    still",
            {markdown("1. do"), code("ls\n  -l", "sh"), markdown("2. done\n\n    still")});
        row("indented code", "see\n\n    a\n\n      b\n\n\nend", {markdown("see"), code("a\n\n  b"), markdown("end")});
        row("tab", "\tx\n\ty", {code("x\ny")});
        row("table after code", "```\nx\n```\n| a |\n|---|\n| b |", {code("x"), markdown("| a |\n|---|\n| b |")});
        row("windows lines", "a\r\n\r\n```\r\nx\r\n```\r\nb", {markdown("a"), code("x"), markdown("b")});
        row("emphasis is no list", "- a\n\n**b**", {markdown("- a"), markdown("**b**")});
    }

    void splits() {
        QFETCH(QString, text);
        QFETCH(QList<MessageBlock>, blocks);
        QCOMPARE(whole(text), blocks);
    }

    void anyCutGivesTheSame() {
        const QStringList snippets = {
            "word ", "two\n", "\n",      "\n\n",  "```",  "```cpp\n",   "\n```\n", "~~~", "~",
            "`",     "- ",    "-",       "1",     ". ",   "12. item\n", "    ",    "  ",  "\t",
            "* ",    "**b**", "| a |\n", "# h\n", "\r\n", "> q\n",      "`c`",     "<b>", QString::fromUtf8("é🦙")};
        QRandomGenerator random(20261123);
        for (int round = 0; round < 3000; ++round) {
            QString text;
            const int length = random.bounded(1, 30);
            for (int i = 0; i < length; ++i) {
                text += snippets[random.bounded(static_cast<int>(snippets.size()))];
            }
            BlockSplitter splitter;
            QList<MessageBlock> before;
            for (qsizetype at = 0; at < text.size();) {
                const qsizetype size = random.bounded(1, 6);
                splitter.append(text.mid(at, size));
                at += size;
                const QList<MessageBlock>& now = splitter.blocks();
                QVERIFY2(now.size() >= before.size(), qPrintable(text));
                for (qsizetype i = 0; i + 1 < before.size(); ++i) {
                    QVERIFY2(now[i] == before[i], qPrintable(text));
                }
                before = now;
            }
            splitter.finish();
            QVERIFY2(splitter.blocks() == whole(text), qPrintable(text));
            for (qsizetype i = 0; i + 1 < before.size(); ++i) {
                QVERIFY2(splitter.blocks()[i] == before[i], qPrintable(text));
            }
        }
    }

    void growingCodeIsShown() {
        MessageBlockModel model;
        model.append("```py\npri");
        QCOMPARE(model.count(), 1);
        const auto value = [&model](MessageBlockModel::Role role) { return model.data(model.index(0), role); };
        QCOMPARE(value(MessageBlockModel::KindRole).toString(), QString("code"));
        QCOMPARE(value(MessageBlockModel::TextRole).toString(), QString("pri"));
        QCOMPARE(value(MessageBlockModel::LanguageRole).toString(), QString("py"));
        QVERIFY(value(MessageBlockModel::OpenRole).toBool());
        model.append("nt(1)\n```\n");
        QCOMPARE(value(MessageBlockModel::TextRole).toString(), QString("print(1)"));
        QVERIFY(!value(MessageBlockModel::OpenRole).toBool());
    }

    void onlyTheLastRowChanges() {
        MessageBlockModel model;
        QSignalSpy changed(&model, &QAbstractItemModel::dataChanged);
        QSignalSpy inserted(&model, &QAbstractItemModel::rowsInserted);
        QSignalSpy reset(&model, &QAbstractItemModel::modelReset);
        model.append("First");
        QCOMPARE(inserted.count(), 1);
        QCOMPARE(changed.count(), 0);
        model.append(" paragraph");
        QCOMPARE(changed.count(), 1);
        model.append("\n\n");  // nothing to see
        QCOMPARE(changed.count(), 1);
        model.append("Second");  // the first is finished
        QCOMPARE(inserted.count(), 2);
        QCOMPARE(changed.count(), 2);
        changed.clear();
        for (int i = 0; i < 50; ++i) {
            model.append(" word");
        }
        model.finish();
        QCOMPARE(changed.count(), 51);
        for (const QList<QVariant>& change : changed) {
            QCOMPARE(change[0].toModelIndex().row(), 1);
            QCOMPARE(change[1].toModelIndex().row(), 1);
        }
        QCOMPARE(reset.count(), 0);
        QCOMPARE(model.count(), 2);
    }
};

ALCOVE_TEST(TestChatBlocks)
#include "test_chat_blocks.moc"
