import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// Where the focus goes, what a click leaves alone, and how rows and messages are reached without a mouse.
TestCase {
    id: test

    name: "Focus"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var conversations: fixture.application ? fixture.application.conversations : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function open(options) {
        verify(fixture.open(options));
        tryVerify(() => fixture.application.running.name !== "");
    }
    function exchange(text) {
        fixture.type(text);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
    }
    function focusName() {
        return fixture.focused() ? fixture.focused().objectName : "";
    }

    // A reply taller than the view, seen at its middle: neither selecting nor a button inside moves it.
    function test_clicksDoNotScroll() {
        open({ width: 800, height: 500, replies: ["a line\n\n".repeat(30) + "```\ncode\n```\n\n" + "b line\n\n".repeat(30)] });
        exchange("More");
        const list = fixture.find("messageList");
        tryVerify(() => fixture.count("replyText") === 60);
        const reply = list.itemAtIndex(1);
        tryVerify(() => reply.height > 2 * list.height);
        const copier = fixture.find("copyCode");
        list.contentY = Math.round(copier.mapToItem(list.contentItem, 0, 0).y - list.height / 2);
        const where = list.contentY;
        mouseClick(copier);
        compare(list.contentY, where);
        compare(fixture.clipboard().trim(), "code");
        const text = fixture.find("codeText");
        mouseDoubleClickSequence(text, 10, 8);
        compare(list.contentY, where);
        compare(text.selectedText, "code");
        fixture.key(Qt.Key_C, Qt.ControlModifier);
        compare(fixture.clipboard(), "code");
        verify(!reply.current, "the ring is for the keyboard");
    }

    function test_ringAfterTheKeyboardAlone() {
        open({ replies: ["first reply", "second reply"] });
        exchange("one");
        const list = fixture.find("messageList");
        mouseClick(fixture.find("replyText"), 5, 5);
        verify(!list.itemAtIndex(1).current);
        fixture.find("composerText").forceActiveFocus();
        list.forceActiveFocus(Qt.TabFocusReason);  // not the text that was clicked
        verify(list.itemAtIndex(1).current);
        fixture.key(Qt.Key_Up);
        verify(list.itemAtIndex(0).current);
        mouseClick(fixture.find("replyText"), 5, 5);
        verify(!list.itemAtIndex(0).current);
        verify(!list.itemAtIndex(1).current);
        fixture.key(Qt.Key_Up);  // goes on from what was clicked
        verify(list.itemAtIndex(0).current);
    }

    function test_stopGivesTheFocusBack() {
        open({ replies: ["one two three", "next reply"], holdToken: 1 });
        fixture.type("Count");
        verify(fixture.click("sendButton"));
        compare(focusName(), "composerText");
        tryCompare(test.chat, "state", ChatController.Writing);
        verify(fixture.click("stopButton"));
        compare(focusName(), "composerText");
        fixture.type("after");
        fixture.letGo();
        tryCompare(test.chat, "state", ChatController.Idle);
        compare(test.chat.draft, "after");
    }

    // The button that has the focus goes when the reply ends; that of the next reply must not have it.
    function test_theNextStopButtonHasNoFocus() {
        open({ replies: ["one two three"], holdToken: 1 });
        fixture.type("Count");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Writing);
        fixture.find("stopButton").forceActiveFocus(Qt.TabFocusReason);
        fixture.letGo();
        tryCompare(test.chat, "state", ChatController.Idle);
        tryVerify(() => !fixture.find("stopButton"));
        compare(focusName(), "composerText");
    }

    function test_typingAnywhereWritesTheMessage() {
        open({ replies: ["the reply"] });
        exchange("Hello");
        mouseClick(fixture.find("replyText"), 5, 5);
        verify(focusName() !== "composerText");
        fixture.type("Next");
        compare(test.chat.draft, "Next");
        compare(focusName(), "composerText");
        fixture.find("conversationList").forceActiveFocus(Qt.TabFocusReason);
        fixture.type("!");
        compare(test.chat.draft, "Next!");
    }

    function test_undoOfADeletion() {
        open({});
        exchange("The tides");
        test.conversations.remove(test.chat.conversationId);
        compare(test.conversations.count, 0);
        fixture.type("x");
        fixture.key(Qt.Key_Z, Qt.ControlModifier);  // the letter first …
        compare(test.chat.draft, "");
        compare(test.conversations.count, 0);
        fixture.key(Qt.Key_Z, Qt.ControlModifier);  // … then the deletion
        compare(test.conversations.count, 1);

        test.conversations.remove(test.chat.conversationId);
        fixture.find("checkpointButton").forceActiveFocus(Qt.TabFocusReason);
        fixture.key(Qt.Key_Z, Qt.ControlModifier);
        compare(test.conversations.count, 1);
    }

    function test_noticeStaysUnderThePointer() {
        open({});
        exchange("The tides");
        test.conversations.remove(test.chat.conversationId);
        tryVerify(() => fixture.find("noticeAction"));
        const timer = fixture.find("noticeBar").children[0].passing;
        verify(timer.running);
        const button = fixture.find("noticeAction");
        mouseMove(button, button.width / 2, button.height / 2);
        tryVerify(() => !timer.running);
        mouseMove(fixture.find("composerText"), 5, 5);
        tryVerify(() => timer.running);
    }

    function test_rowMenuByShiftF10() {
        open({});
        exchange("The tides");
        fixture.find("conversationList").forceActiveFocus(Qt.TabFocusReason);
        fixture.key(Qt.Key_F10, Qt.ShiftModifier);
        tryVerify(() => fixture.find("renameItem"));
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("renameItem"));
    }

    function test_signOfAConversationThatIsBeingAnswered() {
        open({ replies: ["one two three"], holdToken: 1 });
        fixture.type("Count");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Writing);
        fixture.key(Qt.Key_N, Qt.ControlModifier);
        tryVerify(() => fixture.find("answeringSign"));
        fixture.letGo();
        tryVerify(() => !fixture.find("answeringSign"));
    }

    function test_cutTitlesAreToldWhole() {
        open({});
        exchange("A title that is far too long for the narrow list at the side of the window");
        const row = fixture.find("conversationList").itemAtIndex(0);
        mouseMove(row, 20, row.height / 2);
        tryVerify(() => fixture.find("toolTipText") && fixture.find("toolTipText").text === row.title);
    }
}
