import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// Where a person writes.
TestCase {
    id: test

    name: "Composer"

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
    function editor() {
        return fixture.find("composerText");
    }

    function test_shiftEnterBreaksTheLine() {
        verify(fixture.open({}));
        fixture.type("one");
        fixture.key(Qt.Key_Return, Qt.ShiftModifier);
        fixture.type("two");
        compare(editor().text, "one\ntwo");
        compare(test.chat.messages.count, 0);
        fixture.key(Qt.Key_Enter);
        compare(test.chat.messages.count, 2);
        verify(fixture.shows("one\ntwo"));
    }

    function test_blankIsNotSent() {
        verify(fixture.open({}));
        fixture.type("   ");
        fixture.key(Qt.Key_Return);
        compare(test.chat.messages.count, 0);
        compare(editor().text, "   ");
    }

    function test_enterBelongsToTheInputMethodWhileItComposes() {
        verify(fixture.open({}));
        fixture.type("a");
        fixture.compose("ni");
        verify(editor().inputMethodComposing);
        fixture.key(Qt.Key_Return);
        compare(test.chat.messages.count, 0);
        fixture.commit("你");
        verify(editor().text.includes("你"));
        fixture.key(Qt.Key_Return);
        verify(test.chat.messages.count > 0);
    }

    function test_growsToEightLines() {
        verify(fixture.open({}));
        const one = fixture.find("composer").height;
        fixture.type("a");
        fixture.key(Qt.Key_Return, Qt.ShiftModifier);
        const two = fixture.find("composer").height;
        verify(two > one);
        for (let i = 0; i < 6; ++i)
            fixture.key(Qt.Key_Return, Qt.ShiftModifier);
        const eight = fixture.find("composer").height;
        verify(eight > two);
        for (let i = 0; i < 20; ++i)
            fixture.key(Qt.Key_Return, Qt.ShiftModifier);
        compare(fixture.find("composer").height, eight);
    }

    function test_pastesPlainText() {
        verify(fixture.open({}));
        fixture.setClipboardHtml("<b>bold</b>", "<b>plain</b>");
        fixture.key(Qt.Key_V, Qt.ControlModifier);
        compare(editor().text, "<b>plain</b>");
    }

    function test_draftsBelongToTheirConversation() {
        verify(fixture.open({}));
        tryVerify(() => fixture.application.running.name !== "");
        fixture.type("Begin");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        const id = test.chat.conversationId;
        fixture.type("half a thought");
        compare(test.chat.draft, "half a thought");
        fixture.key(Qt.Key_N, Qt.ControlModifier);
        compare(editor().text, "");
        test.chat.openConversation(id);
        compare(editor().text, "half a thought");
        compare(editor().cursorPosition, 14);
    }

    function test_usableWhileACheckpointLoads() {
        verify(fixture.open({ holdOpen: 1, replies: ["at last"] }));
        tryVerify(() => fixture.find("loadPercent"));
        tryVerify(() => fixture.application.running.loading);
        fixture.type("Good morning");
        fixture.key(Qt.Key_Return);
        compare(test.chat.state, ChatController.WaitingForCheckpoint);
        tryVerify(() => fixture.shows("Waiting for the model…"));
        fixture.type("and more");
        compare(editor().text, "and more");
        fixture.letGo();
        tryVerify(() => fixture.shows("at last"));
        verify(fixture.shows("Good morning"));
        compare(editor().text, "and more");
    }

    function test_tooLongStaysInTheComposer() {
        verify(fixture.open({ contextSize: 64 }));
        tryVerify(() => fixture.application.running.name !== "");
        const text = "word ".repeat(40).trim();
        test.chat.draft = text;
        fixture.key(Qt.Key_Return);
        tryVerify(() => fixture.find("draftProblem"));
        compare(fixture.find("draftSize").text, "44 of 32 tokens");
        verify(fixture.find("draftProblem").text.includes("first"));
        compare(editor().text, text);
        compare(test.chat.messages.count, 0);
        verify(!fixture.find("sendButton").enabled);
        test.chat.draft = "short enough";
        tryVerify(() => !fixture.find("draftProblem"));
        compare(fixture.find("draftSize").text, "7 of 32 tokens");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat.messages, "count", 2);
    }

    function test_menuOfTheText() {
        verify(fixture.open({}));
        fixture.type("some words");
        fixture.key(Qt.Key_F10, Qt.ShiftModifier);
        tryVerify(() => fixture.find("selectAllItem"));
        verify(!fixture.find("cutItem").enabled);
        verify(fixture.click("selectAllItem"));
        tryVerify(() => !fixture.find("selectAllItem"));
        compare(editor().selectedText, "some words");
        mouseClick(editor(), 20, 15, Qt.RightButton);
        tryVerify(() => fixture.find("cutItem"));
        compare(editor().selectedText, "some words");
        verify(fixture.click("cutItem"));
        compare(editor().text, "");
        compare(fixture.clipboard(), "some words");
    }

    // A base model goes on with a text: nothing in the window promises an answer.
    function test_wordsForABaseModel() {
        verify(fixture.open({ checkpoints: ["MobiLlama-05B"], replies: [" there was a fox."] }));
        tryVerify(() => fixture.application.running.name !== "");
        tryVerify(() => fixture.shows("Begin a text"));
        verify(editor().placeholderText.startsWith("Begin a text"));
        verify(!fixture.shows("Draft a letter"));
        fixture.type("Once upon a time");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        const list = fixture.find("messageList");
        tryVerify(() => list.itemAtIndex(0) && !list.itemAtIndex(0).inBubble);
    }

    function test_suggestionGoesIntoTheComposer() {
        verify(fixture.open({}));
        tryVerify(() => fixture.find("suggestion"));
        verify(fixture.click("suggestion"));
        verify(editor().text.length > 10);
        compare(fixture.focused(), editor());
        compare(test.chat.messages.count, 0);
    }
}
