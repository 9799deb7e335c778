import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// Where a person writes.
TestCase {
    id: test

    name: "Composer"

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
    function editor() {
        return house.find("composerText");
    }

    function test_shiftEnterBreaksTheLine() {
        verify(house.open({}));
        house.type("one");
        house.key(Qt.Key_Return, Qt.ShiftModifier);
        house.type("two");
        compare(editor().text, "one\ntwo");
        compare(test.chat.messages.count, 0);
        house.key(Qt.Key_Enter);
        compare(test.chat.messages.count, 2);
        verify(house.shows("one\ntwo"));
    }

    function test_blankIsNotSent() {
        verify(house.open({}));
        house.type("   ");
        house.key(Qt.Key_Return);
        compare(test.chat.messages.count, 0);
        compare(editor().text, "   ");
    }

    function test_enterBelongsToTheInputMethodWhileItComposes() {
        verify(house.open({}));
        house.type("a");
        house.compose("ni");
        verify(editor().inputMethodComposing);
        house.key(Qt.Key_Return);
        compare(test.chat.messages.count, 0);
        house.commit("你");
        verify(editor().text.includes("你"));
        house.key(Qt.Key_Return);
        verify(test.chat.messages.count > 0);
    }

    function test_growsToEightLines() {
        verify(house.open({}));
        const one = house.find("composer").height;
        house.type("a");
        house.key(Qt.Key_Return, Qt.ShiftModifier);
        const two = house.find("composer").height;
        verify(two > one);
        for (let i = 0; i < 6; ++i)
            house.key(Qt.Key_Return, Qt.ShiftModifier);
        const eight = house.find("composer").height;
        verify(eight > two);
        for (let i = 0; i < 20; ++i)
            house.key(Qt.Key_Return, Qt.ShiftModifier);
        compare(house.find("composer").height, eight);
    }

    function test_pastesPlainText() {
        verify(house.open({}));
        house.setClipboardHtml("<b>bold</b>", "<b>plain</b>");
        house.key(Qt.Key_V, Qt.ControlModifier);
        compare(editor().text, "<b>plain</b>");
    }

    function test_draftsBelongToTheirConversation() {
        verify(house.open({}));
        tryVerify(() => house.application.running.name !== "");
        house.type("Begin");
        house.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        const id = test.chat.conversationId;
        house.type("half a thought");
        compare(test.chat.draft, "half a thought");
        house.key(Qt.Key_N, Qt.ControlModifier);
        compare(editor().text, "");
        test.chat.openConversation(id);
        compare(editor().text, "half a thought");
        compare(editor().cursorPosition, 14);
    }

    function test_usableWhileACheckpointLoads() {
        verify(house.open({ holdOpen: 1, replies: ["at last"] }));
        tryVerify(() => house.find("loadPercent"));
        tryVerify(() => house.application.running.loading);
        house.type("Good morning");
        house.key(Qt.Key_Return);
        compare(test.chat.state, ChatController.WaitingForCheckpoint);
        tryVerify(() => house.shows("Waiting for the model…"));
        house.type("and more");
        compare(editor().text, "and more");
        house.letGo();
        tryVerify(() => house.shows("at last"));
        verify(house.shows("Good morning"));
        compare(editor().text, "and more");
    }

    function test_suggestionGoesIntoTheComposer() {
        verify(house.open({}));
        tryVerify(() => house.find("suggestion"));
        verify(house.click("suggestion"));
        verify(editor().text.length > 10);
        compare(house.focused(), editor());
        compare(test.chat.messages.count, 0);
    }
}
