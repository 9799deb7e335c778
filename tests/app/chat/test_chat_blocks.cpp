// Messages in blocks: the same for every way of cutting the text, and finished blocks stay as they are.
#include <QtCore/QRandomGenerator>
#include <QtTest/QSignalSpy>
#include <QtTest/QTest>

#include "app/chat/block_splitter.h"
#include "app/chat/message_block_model.h"
#include "tests/rig/test_registry.h"

using namespace alcove;

namespace {

// Splits on to the end.
void split(BlockSplitter& splitter) {
    do {
        splitter.split(BlockSplitter::kBlockCharacters);
    } while (splitter.waiting());
}

QList<MessageBlock> whole(const QString& text, BlockSplitter::Form form = BlockSplitter::Form::Markdown) {
    BlockSplitter splitter(form);
    splitter.append(text);
    splitter.finish();
    split(splitter);
    return splitter.blocks();
}

MessageBlock block(MessageBlock::Kind kind, const QString& text, const QString& language = {}) {
    return {.kind = kind, .text = text, .language = language, .open = false};
}
MessageBlock markdown(const QString& text) {
    return block(MessageBlock::Kind::Markdown, text);
}
MessageBlock code(const QString& text, const QString& language = {}) {
    return block(MessageBlock::Kind::Code, text, language);
}
MessageBlock goesOn(MessageBlock block, bool midLine = false) {
    block.continues = true;
    block.midLine = midLine;
    return block;
}

MessageBlock inList(MessageBlock block, int level = 1) {
    block.level = level;
    return block;
}

QString lines(const QString& line, qsizetype count) {
    return QStringList(count, line).join(u'\n');
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
            {markdown("1. do"), inList(code("ls\n  -l", "sh")), markdown("2. done\n\n    still")});
        row("text after a fence in a list",
            "- a\n  ```\n  x\n  ```\n  more\n  - b\n\n    ~~~\n    y\n    ~~~\n- c\n\nend",
            {markdown("- a"), inList(code("x")), inList(markdown("more\n- b")), inList(code("y"), 2), markdown("- c"),
             markdown("end")});
        row("an item ends what follows a fence", "1. a\n\n   ```\n   x\n   ```\n\n   more\nlazy\n2. b",
            {markdown("1. a"), inList(code("x")), inList(markdown("more\nlazy")), markdown("2. b")});
        row("indented code", "see\n\n    a\n\n      b\n\n\nend", {markdown("see"), code("a\n\n  b"), markdown("end")});
        row("tab", "\tx\n\ty", {code("x\ny")});
        row("table after code", "```\nx\n```\n| a |\n|---|\n| b |", {code("x"), markdown("| a |\n|---|\n| b |")});
        row("windows lines", "a\r\n\r\n```\r\nx\r\n```\r\nb", {markdown("a"), code("x"), markdown("b")});
        row("emphasis is no list", "- a\n\n**b**", {markdown("- a"), markdown("**b**")});
        row("other ends of lines", QString::fromUtf8("a\u2029\u2028b"), {markdown("a"), markdown("b")});
        row("language", "```" + QString(50, u'c') + "\nx", {code("x", QString(40, u'c'))});

        constexpr qsizetype kLines = BlockSplitter::kBlockLines;
        constexpr qsizetype kLine = BlockSplitter::kLineCharacters;
        row("many lines", lines("a", kLines + 1), {markdown(lines("a", kLines)), goesOn(markdown("a"))});
        row("much code", "```c\n" + lines("a", 2 * kLines + 1) + "\n```",
            {code(lines("a", kLines), "c"), goesOn(code(lines("a", kLines), "c")), goesOn(code("a", "c"))});
        row("long lines", QString(kLine, u'a') + "\n" + QString(kLine, u'b'),
            {markdown(QString(kLine, u'a')), goesOn(markdown(QString(kLine, u'b')))});
        row("unbroken", QString(kLine + 3, u'a'), {markdown(QString(kLine, u'a')), goesOn(markdown("aaa"), true)});
        row("broken after a word", QString("word ").repeated(401),
            {markdown(QString("word ").repeated(400)), goesOn(markdown("word "), true)});
        row("nothing begins in the middle of a line", QString(kLine, u'a') + "```\n- b",
            {markdown(QString(kLine, u'a')), goesOn(markdown("```\n- b"), true)});
        row("pairs stay together", QString(kLine - 1, u'a') + QString::fromUtf8("🦙b"),
            {markdown(QString(kLine - 1, u'a')), goesOn(markdown(QString::fromUtf8("🦙b")), true)});
        row("marks stay with their letters", QString(kLine, u'a') + QString::fromUtf8("\u0301b"),
            {markdown(QString(kLine - 1, u'a')), goesOn(markdown(QString::fromUtf8("a\u0301b")), true)});
        // A cell weighs as much as twenty letters.
        const QString cells = "|" + QString(700, u'b') + "|";
        row("a table's head again", "|a|\n|---|\n" + lines(cells, 6),
            {markdown("|a|\n|---|\n" + lines(cells, 4)), goesOn(markdown("|a|\n|---|\n" + lines(cells, 2)))});
        row("blank lines in code", "    a" + QString(200, u'\n') + "    b", {code("a" + QString(31, u'\n') + "b")});
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
                split(splitter);
                at += size;
                const QList<MessageBlock>& now = splitter.blocks();
                QVERIFY2(now.size() >= before.size(), qPrintable(text));
                for (qsizetype i = 0; i + 1 < before.size(); ++i) {
                    QVERIFY2(now[i] == before[i], qPrintable(text));
                }
                before = now;
            }
            splitter.finish();
            split(splitter);
            QVERIFY2(splitter.blocks() == whole(text), qPrintable(text));
            for (qsizetype i = 0; i + 1 < before.size(); ++i) {
                QVERIFY2(splitter.blocks()[i] == before[i], qPrintable(text));
            }
        }
    }

    // In the sizes at which blocks and lines are cut.
    void anyCutOfLongTextsGivesTheSame() {
        const QStringList snippets = {QString(700, u'a'),
                                      QString("word ").repeated(150),
                                      QString("line\n").repeated(45),
                                      "\n\n",
                                      "```\n",
                                      "- ",
                                      "|a|b|\n|-|-|\n",
                                      "\r\n",
                                      "    ",
                                      QString(300, u'\n'),
                                      QString::fromUtf8("é🦙").repeated(200)};
        QRandomGenerator random(20261128);
        for (int round = 0; round < 300; ++round) {
            const auto form = round % 4 == 0 ? BlockSplitter::Form::Plain : BlockSplitter::Form::Markdown;
            QString text;
            const int length = random.bounded(1, 14);
            for (int i = 0; i < length; ++i) {
                text += snippets[random.bounded(static_cast<int>(snippets.size()))];
            }
            BlockSplitter splitter(form);
            QList<MessageBlock> before;
            for (qsizetype at = 0; at < text.size();) {
                const qsizetype size = random.bounded(1, 900);
                splitter.append(text.mid(at, size));
                splitter.split(random.bounded(1, 3000));  // it may stay behind
                at += size;
                const QList<MessageBlock>& now = splitter.blocks();
                QVERIFY(now.size() >= before.size());
                for (qsizetype i = 0; i + 1 < before.size(); ++i) {
                    QVERIFY(now[i] == before[i]);
                }
                before = now;
            }
            splitter.finish();
            split(splitter);
            QCOMPARE(splitter.blocks(), whole(text, form));
        }
    }

    void aPersonsWordsAreOneTextInParts() {
        const QString text = "- a\n\n```\n  b  \n" + lines("word", 250) + "\n" + QString(5000, u'x') + "\nend";
        QString joined;
        const QList<MessageBlock> blocks = whole(text, BlockSplitter::Form::Plain);
        QVERIFY(blocks.size() > 4);
        for (const MessageBlock& part : blocks) {
            QCOMPARE(part.kind, MessageBlock::Kind::Plain);
            joined += (joined.isEmpty() || part.midLine ? "" : "\n") + part.text;
        }
        QCOMPARE(joined, text);
    }

    void codeIsCopiedWhole() {
        const QString written = lines("int a;", 150) + "\n" + QString(4500, u'x') + "\n\n  end";
        BlockSplitter splitter;
        splitter.append("See:\n```c\n" + written + "\n```\nand\n```\nother\n```\n");
        splitter.split(1500);  // the rest is found when it is asked for
        QCOMPARE(splitter.codeAt(1), written);
        split(splitter);
        QCOMPARE(splitter.codeAt(1), written);
        QCOMPARE(splitter.codeAt(2), written);
        QCOMPARE(splitter.codeAt(splitter.blocks().size() - 1), QString("other"));
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
