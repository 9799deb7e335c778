import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// How messages look: what is markup and what is not, code, length, scrolling, the model's memory.
TestCase {
    id: test

    name: "Messages"

    House {
        id: house
    }

    readonly property var chat: house.application ? house.application.chat : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        house.close();
    }
    function ready() {
        tryVerify(() => house.application.running.name !== "");
    }
    function ask(text) {
        house.type(text);
        house.key(Qt.Key_Return);
    }
    function exchange(text) {
        ask(text);
        tryCompare(test.chat, "state", ChatController.Idle);
    }
    function atEnd(list) {
        return list.contentY + list.height >= list.originY + list.contentHeight - 2;
    }

    function test_thePersonsWordsAreNeverMarkup() {
        verify(house.open({}));
        ready();
        exchange("<b>a</b> *b* <img src=x>");
        const said = house.find("userText");
        compare(said.textFormat, TextEdit.PlainText);
        compare(said.text, "<b>a</b> *b* <img src=x>");
        compare(said.getText(0, said.length), "<b>a</b> *b* <img src=x>");
    }

    function test_repliesAreMarkdown() {
        verify(house.open({ replies: ["Some **bold** words"] }));
        ready();
        exchange("Hi");
        tryVerify(() => house.find("replyText"));
        const reply = house.find("replyText");
        compare(reply.textFormat, TextEdit.MarkdownText);
        compare(reply.getText(0, reply.length), "Some bold words");
        verify(reply.readOnly && reply.selectByMouse);
    }

    function test_textCanBeSelected() {
        verify(house.open({ replies: ["selectable words here"] }));
        ready();
        exchange("Hi");
        tryVerify(() => house.find("replyText"));
        const reply = house.find("replyText");
        mouseDoubleClickSequence(reply, 10, 10);
        compare(reply.selectedText, "selectable");
    }

    function test_codeIsCopied() {
        verify(house.open({ replies: ["Try:\n\n```python\nprint(1)\nprint(2)\n```\n\nDone."] }));
        ready();
        exchange("Code, please");
        tryVerify(() => house.find("copyCode"));
        verify(house.shows("python"));
        verify(house.click("copyCode"));
        compare(house.clipboard().trim(), "print(1)\nprint(2)");
    }

    function test_longCodeScrollsSideways() {
        verify(house.open({ replies: ["```\n" + "x".repeat(400) + "\n```\n"] }));
        ready();
        exchange("Long");
        tryVerify(() => house.find("codeScroller"));
        const scroller = house.find("codeScroller");
        verify(scroller.contentWidth > scroller.width);
        verify(scroller.width < house.window.width);
    }

    function test_longMessageStaysInsideTheWindow() {
        verify(house.open({ width: 480, height: 500 }));
        ready();
        test.chat.draft = "word ".repeat(2000) + "w".repeat(500);
        house.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        const list = house.find("messageList");
        list.positionViewAtBeginning();
        tryVerify(() => house.find("userText"));
        const said = house.find("userText");
        const left = said.mapToItem(null, 0, 0).x;
        verify(left > 0);
        verify(left + said.width < 480);
        verify(said.height > 1000);
    }

    function test_sticksToTheEndUnlessTheReaderScrollsUp() {
        verify(house.open({ width: 800, height: 500, replies: ["a line\n\n".repeat(60), "b line\n\n".repeat(60)] }));
        ready();
        exchange("More");
        const list = house.find("messageList");
        tryVerify(() => list.contentHeight > list.height && atEnd(list));
        tryVerify(() => !house.find("jumpToNewest"));

        mouseWheel(list, list.width / 2, list.height / 2, 0, 600);
        tryVerify(() => house.find("jumpToNewest"));
        tryCompare(list, "moving", false);
        const where = list.contentY;
        test.chat.regenerate();
        tryCompare(test.chat, "state", ChatController.Idle);
        verify(!atEnd(list));

        verify(house.click("jumpToNewest"));
        tryVerify(() => atEnd(list));
        verify(!house.find("jumpToNewest"));
    }

    function test_sendingReturnsToTheEnd() {
        verify(house.open({ width: 800, height: 500, replies: ["a line\n\n".repeat(60)] }));
        ready();
        exchange("More");
        const list = house.find("messageList");
        tryVerify(() => list.contentHeight > list.height && atEnd(list));
        mouseWheel(list, list.width / 2, list.height / 2, 0, 600);
        tryVerify(() => house.find("jumpToNewest"));
        exchange("Again");
        tryVerify(() => atEnd(list));
    }

    function test_whereTheMemoryBegins() {
        verify(house.open({ firstTurnInContext: 2 }));
        ready();
        exchange("one");
        exchange("two");
        tryVerify(() => house.shows("The model remembers from here on"));
    }

    function test_figures() {
        verify(house.open({}));
        ready();
        exchange("one");
        tryVerify(() => house.find("deviceName"));
        compare(house.find("deviceName").text, "Fake device");
        tryVerify(() => house.find("speed"));
        compare(house.find("context").text, test.chat.contextUsed + " of " + test.chat.contextSize);
    }
}
