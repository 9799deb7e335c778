import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// Search in all conversations, and finding in the open one.
TestCase {
    id: test

    name: "Search"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var search: fixture.application ? fixture.application.search : null
    readonly property var find: fixture.application ? fixture.application.find : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function ask(text) {
        fixture.type(text);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
    }
    function openWith(options) {
        verify(fixture.open(Object.assign({ replies: ["Use a third of *rye* flour.", "Clouds & <b>rain</b>, no rye."] }, options)));
        tryVerify(() => fixture.application.running.name !== "");
        ask("Bread with rye");
        fixture.key(Qt.Key_N, Qt.ControlModifier);
        ask("The weather");
    }

    function test_resultsWhileTyping() {
        openWith({});
        const weather = test.chat.conversationId;
        fixture.key(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        compare(fixture.focused().objectName, "searchField");
        fixture.type("flou");
        tryCompare(test.search, "count", 1);
        tryVerify(() => fixture.shows("Use a third of *rye* flour."));
        verify(!fixture.find("conversationList"));
        fixture.key(Qt.Key_Backspace);
        fixture.key(Qt.Key_Backspace);
        fixture.key(Qt.Key_Backspace);
        fixture.key(Qt.Key_Backspace);
        fixture.type("rye");
        tryCompare(test.search, "count", 4);
        tryVerify(() => fixture.shows("Clouds & <b>rain</b>, no rye."));
        compare(test.chat.conversationId, weather);

        fixture.key(Qt.Key_Down);
        verify(fixture.find("searchResults").activeFocus);
        fixture.key(Qt.Key_Up);
        compare(fixture.focused().objectName, "searchField");
        fixture.key(Qt.Key_Escape);
        tryVerify(() => fixture.find("conversationList"));
        compare(fixture.focused().objectName, "composerText");
        compare(test.search.text, "");
    }

    function test_enterShowsTheMessage() {
        openWith({});
        fixture.key(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        fixture.type("flour");
        tryCompare(test.search, "count", 1);
        tryVerify(() => fixture.find("snippet"));
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "title", "Bread with rye");
        tryVerify(() => fixture.shows("Use a third of rye flour."));
        tryVerify(() => test.marked() === "flour");
    }
    // What is marked in the messages.
    function marked() {
        const list = fixture.find("messageList");
        for (let row = 0; row < list.count; ++row) {
            const message = list.itemAtIndex(row);
            const words = message ? message.textOfBlock(0) : null;
            if (words && words.selectedText !== "")
                return words.selectedText;
        }
        return "";
    }

    function test_nothingIsFound() {
        openWith({});
        fixture.key(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        fixture.type("xyzzy");
        tryVerify(() => fixture.shows("Nothing was found."));
        fixture.type(" before:never");
        tryVerify(() => fixture.find("searchNote") && fixture.find("searchNote").text.includes("before:never"));
        verify(fixture.click("clearSearch"));
        tryVerify(() => fixture.find("conversationList"));
    }

    function test_findInConversation() {
        openWith({});
        fixture.key(Qt.Key_F, Qt.ControlModifier);
        compare(fixture.focused().objectName, "findField");
        fixture.type("RA");
        tryCompare(test.find, "count", 1);
        tryVerify(() => fixture.shows("1 of 1"));
        tryVerify(() => test.marked() === "ra");
        fixture.type("x");
        tryVerify(() => fixture.shows("None"));
        fixture.key(Qt.Key_Backspace);
        fixture.key(Qt.Key_Backspace);
        fixture.key(Qt.Key_Backspace);
        fixture.type("e");
        tryCompare(test.find, "count", 4);
        compare(test.find.current, 4);
        fixture.key(Qt.Key_Return);
        compare(test.find.current, 1);
        fixture.key(Qt.Key_Return, Qt.ShiftModifier);
        compare(test.find.current, 4);
        verify(fixture.click("findPrevious"));
        compare(test.find.current, 3);
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("findField"));
        compare(test.marked(), "");
        compare(fixture.focused().objectName, "composerText");
    }

    function test_findInAFoldedMessage() {
        const filler = ("Some words of a long reply. ".repeat(90) + "\n\n").repeat(60);
        verify(fixture.open({ replies: [filler + "The needle is here."] }));
        tryVerify(() => fixture.application.running.name !== "");
        ask("Much");
        fixture.key(Qt.Key_F, Qt.ControlModifier);
        fixture.type("needle");
        tryCompare(test.find, "count", 1);
        tryVerify(() => fixture.shows("The needle is here."), 10000);
    }

    function test_narrow() {
        openWith({ width: 380, height: 600 });
        fixture.key(Qt.Key_F, Qt.ControlModifier | Qt.ShiftModifier);
        tryVerify(() => fixture.find("sidebar") && fixture.find("sidebar").x === 0);
        fixture.type("flour");
        tryCompare(test.search, "count", 1);
        fixture.key(Qt.Key_Return);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "title", "Bread with rye");
        tryVerify(() => !fixture.find("sidebar"));
    }
}
