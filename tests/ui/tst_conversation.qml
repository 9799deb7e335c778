import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Controls
import Alcove.Test

// Sending, stopping, regenerating; the list of conversations; themes.
TestCase {
    id: test

    name: "Conversation"

    House {
        id: house
    }

    readonly property var chat: house.application ? house.application.chat : null
    readonly property var conversations: house.application ? house.application.conversations : null

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
    function answered() {
        tryCompare(test.chat, "state", ChatController.Idle);
    }

    function test_typingAndSending() {
        verify(house.open({ replies: ["Hello **you**."] }));
        ready();
        verify(house.find("emptyState"));
        verify(!house.find("sendButton").enabled);
        house.type("Hi");
        verify(house.find("sendButton").enabled);
        verify(house.click("sendButton"));
        answered();
        compare(test.chat.messages.count, 2);
        compare(house.find("composerText").text, "");
        verify(!house.find("emptyState"));
        verify(house.shows("Hi"));
        compare(test.chat.messages.lastReply(), "Hello **you**.");
        compare(house.count("userText"), 1);
        compare(house.count("replyText"), 1);
        compare(test.conversations.count, 1);
    }

    function test_stopByKeyAndByButton() {
        verify(house.open({ replies: ["one two three four"], holdToken: 2 }));
        ready();
        ask("Count");
        tryCompare(test.chat, "state", ChatController.Writing);
        tryVerify(() => house.find("stopButton"));
        house.key(Qt.Key_Escape);
        compare(test.chat.state, ChatController.Stopping);
        house.letGo();
        answered();
        tryVerify(() => house.shows("Stopped"));
        verify(!house.find("stopButton"));
    }

    function test_stopButton() {
        verify(house.open({ replies: ["one two three four"], holdToken: 1 }));
        ready();
        ask("Count");
        tryVerify(() => house.find("stopButton"));
        tryCompare(test.chat, "state", ChatController.Writing);
        verify(house.click("stopButton"));
        house.letGo();
        answered();
        verify(test.chat.messages.lastReply() !== "one two three four");
    }

    function test_regenerate() {
        verify(house.open({ replies: ["first answer", "second answer"] }));
        ready();
        ask("Hi");
        answered();
        tryVerify(() => house.shows("first answer"));
        tryVerify(() => house.find("regenerate"));
        verify(house.click("regenerate"));
        tryVerify(() => house.shows("second answer"));
        answered();
        compare(test.chat.messages.count, 2);
        verify(!house.shows("first answer"));
    }

    function test_copyMessage() {
        verify(house.open({ replies: ["keep *this*"] }));
        ready();
        ask("Hi");
        answered();
        tryVerify(() => house.find("regenerate"));
        house.key(Qt.Key_C, Qt.ControlModifier | Qt.ShiftModifier);
        compare(house.clipboard(), "keep *this*");
    }

    function test_renameDeleteUndo() {
        verify(house.open({}));
        ready();
        ask("The tides");
        answered();
        house.key(Qt.Key_F2);
        tryVerify(() => house.find("renameField"));
        compare(house.find("renameField").text, test.chat.title);
        house.type("Moon and sea");
        verify(house.click("renameConfirm"));
        tryCompare(test.chat, "title", "Moon and sea");
        tryVerify(() => house.shows("Moon and sea"));
        tryVerify(() => !house.find("renameField"));

        const list = house.find("conversationList");
        list.forceActiveFocus();
        house.key(Qt.Key_Delete);
        compare(test.conversations.count, 0);
        tryVerify(() => house.find("noticeAction"));
        verify(house.click("noticeAction"));
        compare(test.conversations.count, 1);
        tryVerify(() => house.shows("Moon and sea"));
        tryVerify(() => !house.find("noticeAction"));
    }

    function test_blankTitleIsRefused() {
        verify(house.open({}));
        ready();
        ask("The tides");
        answered();
        house.key(Qt.Key_F2);
        tryVerify(() => house.find("renameField"));
        house.find("renameField").text = "   ";
        verify(!house.find("renameConfirm").enabled);
        house.key(Qt.Key_Return);
        verify(house.find("renameField"));
        compare(test.chat.title, "The tides");
    }

    function test_openingAnotherConversationByClick() {
        verify(house.open({ replies: ["about bread", "about rain"] }));
        ready();
        ask("Bread");
        answered();
        verify(house.click("newConversation"));
        compare(test.chat.conversationId, 0);
        tryVerify(() => house.find("emptyState"));
        ask("Rain");
        answered();
        tryVerify(() => house.shows("about rain"));
        const list = house.find("conversationList");
        compare(list.count, 2);
        mouseClick(list.itemAtIndex(1));
        tryVerify(() => house.shows("about bread"));
        verify(!house.shows("about rain"));
    }

    function test_themes() {
        verify(house.open({ theme: "light" }));
        ready();
        const light = house.pixel(900, 120);
        verify(light.hslLightness > 0.9);
        house.application.settings.theme = "dark";
        verify(Theme.dark);
        verify(house.pixel(900, 120).hslLightness < 0.2);
        verify(house.pixel(20, 400).hslLightness < 0.2);
        house.application.settings.theme = "light";
        compare(house.pixel(900, 120), light);
    }

    function test_themeIsChosenInSettings() {
        verify(house.open({ theme: "light" }));
        verify(house.click("openSettings"));
        tryVerify(() => house.find("themeChoice"));
        house.find("themeChoice").chosen("dark");
        compare(house.application.settings.theme, "dark");
        house.find("temperature").moved(0.25);
        compare(house.application.settings.temperature, 0.25);
        house.key(Qt.Key_Escape);
        tryVerify(() => !house.find("themeChoice"));
        compare(house.focused().objectName, "composerText");
    }

    function test_narrowWindow() {
        verify(house.open({ width: 480, height: 400 }));
        ready();
        verify(!house.find("sidebar"));
        verify(house.click("showSidebar"));
        tryVerify(() => house.find("sidebar"));
        tryCompare(house.find("sidebar"), "x", 0);
        verify(house.click("newConversation"));
        tryVerify(() => !house.find("sidebar"));
        ask("Small");
        answered();
        const send = house.find("sendButton");
        const corner = send.mapToItem(null, send.width, send.height);
        verify(corner.x <= 480 && corner.y <= 400);
    }
}
