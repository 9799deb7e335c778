import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// How messages look: what is markup and what is not, code, length, scrolling, the model's memory.
TestCase {
    id: test

    name: "Messages"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function ready() {
        tryVerify(() => fixture.application.running.name !== "");
    }
    function ask(text) {
        fixture.type(text);
        fixture.key(Qt.Key_Return);
    }
    function exchange(text) {
        ask(text);
        tryCompare(test.chat, "state", ChatController.Idle);
    }
    function scrollUp(list) {
        tryVerify(() => {
            mouseWheel(list, list.width / 2, list.height / 2, 0, 600);
            return fixture.find("jumpToNewest") !== null;
        });
    }
    function atEnd(list) {
        return list.contentY + list.height >= list.originY + list.contentHeight - 2;
    }

    function test_thePersonsWordsAreNeverMarkup() {
        verify(fixture.open({}));
        ready();
        exchange("<b>a</b> *b* <img src=x>");
        const said = fixture.find("userText");
        compare(said.textFormat, TextEdit.PlainText);
        compare(said.text, "<b>a</b> *b* <img src=x>");
        compare(said.getText(0, said.length), "<b>a</b> *b* <img src=x>");
    }

    function test_repliesAreMarkdown() {
        verify(fixture.open({ replies: ["Some **bold** words"] }));
        ready();
        exchange("Hi");
        tryVerify(() => fixture.find("replyText"));
        const reply = fixture.find("replyText");
        compare(reply.textFormat, TextEdit.PlainText);  // its markup is the program's own
        compare(reply.getText(0, reply.length), "Some bold words");
        verify(reply.readOnly && reply.selectByMouse);
    }

    function test_textCanBeSelected() {
        verify(fixture.open({ replies: ["selectable words here"] }));
        ready();
        exchange("Hi");
        tryVerify(() => fixture.find("replyText"));
        const reply = fixture.find("replyText");
        mouseDoubleClickSequence(reply, 10, 10);
        compare(reply.selectedText, "selectable");
    }

    function test_codeIsCopied() {
        verify(fixture.open({ replies: ["Try:\n\n```python\nprint(1)\nprint(2)\n```\n\nDone."] }));
        ready();
        exchange("Code, please");
        tryVerify(() => fixture.find("copyCode"));
        verify(fixture.shows("python"));
        verify(fixture.click("copyCode"));
        compare(fixture.clipboard().trim(), "print(1)\nprint(2)");
    }

    function test_longCodeScrollsSideways() {
        verify(fixture.open({ replies: ["```\n" + "x".repeat(400) + "\n```\n"] }));
        ready();
        exchange("Long");
        tryVerify(() => fixture.find("codeScroller"));
        const scroller = fixture.find("codeScroller");
        verify(scroller.contentWidth > scroller.width);
        verify(fixture.find("codeScrollBar").size < 1);
        verify(scroller.width < fixture.window.width);
    }

    function test_longMessageStaysInsideTheWindow() {
        verify(fixture.open({ width: 480, height: 500, contextSize: 8192 }));
        ready();
        test.chat.draft = "word ".repeat(2000) + "w".repeat(500);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat.messages, "count", 2);  // it is counted first
        tryCompare(test.chat, "state", ChatController.Idle);
        const list = fixture.find("messageList");
        list.positionViewAtBeginning();
        tryVerify(() => fixture.find("userText"));
        const said = fixture.find("userText");
        const left = said.mapToItem(null, 0, 0).x;
        verify(left > 0);
        verify(left + said.width < 480);
        verify(said.height > 1000);
    }

    function test_sticksToTheEndUnlessTheReaderScrollsUp() {
        verify(fixture.open({ width: 800, height: 500, replies: ["a line\n\n".repeat(60), "b line\n\n".repeat(60)] }));
        ready();
        exchange("More");
        const list = fixture.find("messageList");
        tryVerify(() => fixture.count("replyText") === 60 && atEnd(list));  // a reply comes turn by turn
        tryVerify(() => !fixture.find("jumpToNewest"));

        scrollUp(list);
        tryCompare(list, "moving", false);
        const where = list.contentY;
        test.chat.regenerate();
        tryCompare(test.chat, "state", ChatController.Idle);
        tryVerify(() => !atEnd(list));

        verify(fixture.click("jumpToNewest"));
        tryVerify(() => atEnd(list));
        verify(!fixture.find("jumpToNewest"));
    }

    function test_sendingReturnsToTheEnd() {
        verify(fixture.open({ width: 800, height: 500, replies: ["a line\n\n".repeat(60)] }));
        ready();
        exchange("More");
        const list = fixture.find("messageList");
        tryVerify(() => fixture.count("replyText") === 60 && atEnd(list));
        scrollUp(list);
        exchange("Again");
        tryVerify(() => atEnd(list));
    }

    function test_whereTheMemoryBegins() {
        verify(fixture.open({ firstTurnInContext: 2 }));
        ready();
        exchange("one");
        exchange("two");
        tryVerify(() => fixture.shows("Earlier messages are no longer in context"));
    }

    function test_figures() {
        verify(fixture.open({}));
        ready();
        exchange("one");
        tryVerify(() => fixture.find("deviceName"));
        compare(fixture.find("deviceName").text, "Fake device");
        verify(!fixture.find("speed"));  // the reply says its own
        compare(fixture.find("context").text, test.chat.contextUsed + " of 2,048 tokens");
    }

    function test_speedWhileAReplyIsMade() {
        verify(fixture.open({ holdToken: 2 }));
        ready();
        ask("one");
        tryVerify(() => fixture.find("speed"));
        fixture.letGo();
        tryVerify(() => !fixture.find("speed"));
    }

    function test_narrowStatusLineKeepsTheDevice() {
        verify(fixture.open({ width: 360, height: 500, holdToken: 2, devices: ["AMD Radeon 780M|graphics"] }));
        ready();
        ask("one");
        tryCompare(test.chat, "state", ChatController.Writing);
        verify(!fixture.find("speed"));
        verify(!fixture.find("deviceName").truncated);
    }

    function test_cutOffRepliesSaySo() {
        verify(fixture.open({ replies: ["one two three four"] }));
        ready();
        fixture.application.settings.maxTokens = 2;
        exchange("Count");
        tryVerify(() => fixture.find("replyEnd"));
        verify(fixture.find("replyEnd").text.startsWith("Stopped at the maximum reply length"));
    }

    function test_whereTheModelChanges() {
        verify(fixture.open({}));
        ready();
        exchange("one");
        fixture.application.library.select("/checkpoints/second");
        tryCompare(fixture.application.running, "name", "second");
        exchange("two");
        tryVerify(() => fixture.shows("Switched to second"));
        exchange("three");
        tryVerify(() => fixture.count("replyText") === 3);
        verify(!fixture.shows("Switched to first"));
    }

    function test_quotesAndRulesAreDrawn() {
        verify(fixture.open({ replies: ["> a\n>\n> > b\n\nthen\n\n---\n\nend"] }));
        ready();
        exchange("Quote");
        tryVerify(() => fixture.count("quoteBar") === 2 && fixture.count("rule") === 1);
    }

    function test_wideTablesScroll() {
        const cells = "| " + "unbreakable".repeat(2) + " ";
        verify(fixture.open({ width: 600, replies: [cells.repeat(6) + "|\n" + "|--:".repeat(6) + "|\n" + "| x ".repeat(6) + "|\n\n| a | b |\n|---|---|\n| c | d |"] }));
        ready();
        exchange("Table");
        tryVerify(() => fixture.count("tableScroller") === 2);
        const wide = fixture.find("tableScroller");
        tryVerify(() => wide.contentWidth > wide.width + 100);
    }

    function test_menuOfAMessage() {
        verify(fixture.open({ replies: ["selectable words here"] }));
        ready();
        exchange("Hi");
        tryVerify(() => fixture.find("replyText"));
        const reply = fixture.find("replyText");
        mouseDoubleClickSequence(reply, 10, 10);
        compare(reply.selectedText, "selectable");
        mouseClick(reply, 10, 10, Qt.RightButton);
        tryVerify(() => fixture.find("copySelectionItem"));
        verify(fixture.click("copySelectionItem"));
        compare(fixture.clipboard(), "selectable");
        tryVerify(() => !fixture.find("copySelectionItem"));
        fixture.find("messageList").forceActiveFocus(Qt.TabFocusReason);
        fixture.key(Qt.Key_Menu);
        tryVerify(() => fixture.find("copyMessageItem"));
        verify(fixture.click("copyMessageItem"));
        compare(fixture.clipboard(), "selectable words here");
    }
}
