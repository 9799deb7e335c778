import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Controls
import Alcove.Test

// Sending, stopping, regenerating; the list of conversations; themes.
TestCase {
    id: test

    name: "Conversation"

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
    function ready() {
        tryVerify(() => fixture.application.running.name !== "");
    }
    function ask(text) {
        fixture.type(text);
        fixture.key(Qt.Key_Return);
    }
    function answered() {
        tryCompare(test.chat, "state", ChatController.Idle);
    }

    function test_typingAndSending() {
        verify(fixture.open({ replies: ["Hello **you**."] }));
        ready();
        verify(fixture.find("emptyState"));
        verify(!fixture.find("sendButton").enabled);
        fixture.type("Hi");
        verify(fixture.find("sendButton").enabled);
        verify(fixture.click("sendButton"));
        answered();
        compare(test.chat.messages.count, 2);
        compare(fixture.find("composerText").text, "");
        verify(!fixture.find("emptyState"));
        verify(fixture.shows("Hi"));
        compare(test.chat.messages.lastReply(), "Hello **you**.");
        compare(fixture.count("userText"), 1);
        compare(fixture.count("replyText"), 1);
        compare(test.conversations.count, 1);
    }

    function test_stopByKeyAndByButton() {
        verify(fixture.open({ replies: ["one two three four"], holdToken: 2 }));
        ready();
        ask("Count");
        tryCompare(test.chat, "state", ChatController.Writing);
        tryVerify(() => fixture.find("stopButton"));
        fixture.key(Qt.Key_Escape);
        compare(test.chat.state, ChatController.Stopping);
        fixture.letGo();
        answered();
        tryVerify(() => fixture.shows("Stopped"));
        verify(!fixture.find("stopButton"));
    }

    function test_stopButton() {
        verify(fixture.open({ replies: ["one two three four"], holdToken: 1 }));
        ready();
        ask("Count");
        tryVerify(() => fixture.find("stopButton"));
        tryCompare(test.chat, "state", ChatController.Writing);
        verify(fixture.click("stopButton"));
        fixture.letGo();
        answered();
        verify(test.chat.messages.lastReply() !== "one two three four");
    }

    function test_regenerate() {
        verify(fixture.open({ replies: ["first answer", "second answer"] }));
        ready();
        ask("Hi");
        answered();
        tryVerify(() => fixture.shows("first answer"));
        tryVerify(() => fixture.find("regenerate"));
        verify(fixture.click("regenerate"));
        tryVerify(() => fixture.shows("second answer"));
        answered();
        compare(test.chat.messages.count, 2);
        verify(!fixture.shows("first answer"));
    }

    function test_versionsOfAReply() {
        verify(fixture.open({ replies: ["first answer", "second answer"] }));
        ready();
        ask("Hi");
        answered();
        verify(!fixture.find("siblingText"));
        tryVerify(() => fixture.find("regenerate"));
        verify(fixture.click("regenerate"));
        answered();
        tryVerify(() => fixture.shows("2/2"));
        verify(!fixture.find("nextSibling").enabled);
        verify(fixture.click("previousSibling"));
        tryVerify(() => fixture.shows("first answer"));
        verify(fixture.shows("1/2"));
        fixture.find("messageList").forceActiveFocus();
        fixture.key(Qt.Key_Right);
        tryVerify(() => fixture.shows("second answer"));
    }

    function test_editing() {
        verify(fixture.open({ replies: ["first answer", "second answer", "third answer"] }));
        ready();
        ask("Hi");
        answered();
        const list = fixture.find("messageList");
        list.forceActiveFocus();
        fixture.key(Qt.Key_Up);
        fixture.key(Qt.Key_Return);
        tryVerify(() => fixture.find("editorText"));
        compare(fixture.find("editorText").text, "Hi");
        fixture.type(" all");
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("editorText"));
        verify(fixture.shows("first answer"));
        list.forceActiveFocus();
        list.currentIndex = 0;
        tryVerify(() => fixture.find("editMessage"));
        verify(fixture.click("editMessage"));
        tryVerify(() => fixture.find("editorText"));
        fixture.type(" there");
        verify(fixture.click("sendEdit"));
        tryVerify(() => fixture.shows("second answer"));
        answered();
        tryVerify(() => fixture.shows("Hi there"));
        verify(!fixture.find("editorText"));
        compare(test.chat.messages.count, 2);
        tryVerify(() => fixture.shows("2/2"));
    }

    function test_goingOnWithAStoppedReply() {
        verify(fixture.open({ replies: ["one two three four"], holdToken: 2 }));
        ready();
        ask("Count");
        tryCompare(test.chat, "state", ChatController.Writing);
        fixture.key(Qt.Key_Escape);
        fixture.letGo();
        answered();
        tryVerify(() => fixture.find("continueStopped"));
        verify(fixture.click("continueStopped"));
        answered();
        compare(test.chat.messages.lastReply(), "one two three four");
        tryVerify(() => !fixture.find("continueStopped"));
    }

    function test_deletingAMessageAndBranching() {
        verify(fixture.open({ replies: ["an answer"] }));
        ready();
        ask("Hi");
        answered();
        const list = fixture.find("messageList");
        list.forceActiveFocus();
        fixture.key(Qt.Key_Delete);
        compare(test.chat.messages.count, 1);
        tryVerify(() => fixture.find("noticeAction"));
        verify(fixture.click("noticeAction"));
        compare(test.chat.messages.count, 2);
        tryVerify(() => fixture.find("messageMenu"));
        verify(fixture.click("messageMenu"));
        tryVerify(() => fixture.find("forkItem"));
        verify(fixture.click("forkItem"));
        compare(test.conversations.count, 2);
        compare(test.chat.messages.text(0), "Hi");
        verify(test.chat.title.endsWith("(branch)"));
    }

    function test_copyMessage() {
        verify(fixture.open({ replies: ["keep *this*"] }));
        ready();
        ask("Hi");
        answered();
        tryVerify(() => fixture.find("regenerate"));
        fixture.key(Qt.Key_C, Qt.ControlModifier | Qt.ShiftModifier);
        compare(fixture.clipboard(), "keep *this*");
    }

    function test_renameDeleteUndo() {
        verify(fixture.open({}));
        ready();
        ask("The tides");
        answered();
        fixture.key(Qt.Key_F2);
        tryVerify(() => fixture.find("renameField"));
        compare(fixture.find("renameField").text, test.chat.title);
        fixture.type("Moon and sea");
        verify(fixture.click("renameConfirm"));
        tryCompare(test.chat, "title", "Moon and sea");
        tryVerify(() => fixture.shows("Moon and sea"));
        tryVerify(() => !fixture.find("renameField"));

        const list = fixture.find("conversationList");
        list.forceActiveFocus();
        fixture.key(Qt.Key_Delete);
        compare(test.conversations.count, 0);
        tryVerify(() => fixture.find("noticeAction"));
        verify(fixture.click("noticeAction"));
        compare(test.conversations.count, 1);
        tryVerify(() => fixture.shows("Moon and sea"));
        tryVerify(() => !fixture.find("noticeAction"));
    }

    // Desktops show a window's title in lists and keep it in logs.
    function test_windowsTitleTellsNothing() {
        verify(fixture.open({ replies: ["reply"] }));
        tryVerify(() => fixture.application.running.name !== "");
        fixture.type("A secret");
        fixture.key(Qt.Key_Return);
        tryCompare(fixture.application.chat, "title", "A secret");
        compare(fixture.window.title, "Alcove");
        fixture.application.settings.titleInWindow = true;
        compare(fixture.window.title, "A secret — Alcove");
        fixture.application.settings.titleInWindow = false;
        compare(fixture.window.title, "Alcove");
    }

    function test_blankTitleIsRefused() {
        verify(fixture.open({}));
        ready();
        ask("The tides");
        answered();
        fixture.key(Qt.Key_F2);
        tryVerify(() => fixture.find("renameField"));
        fixture.find("renameField").text = "   ";
        verify(!fixture.find("renameConfirm").enabled);
        fixture.key(Qt.Key_Return);
        verify(fixture.find("renameField"));
        compare(test.chat.title, "The tides");
    }

    function test_openingAnotherConversationByClick() {
        verify(fixture.open({ replies: ["about bread", "about rain"] }));
        ready();
        ask("Bread");
        answered();
        verify(fixture.click("newConversation"));
        compare(test.chat.conversationId, 0);
        tryVerify(() => fixture.find("emptyState"));
        ask("Rain");
        answered();
        tryVerify(() => fixture.shows("about rain"));
        const list = fixture.find("conversationList");
        compare(list.count, 2);
        mouseClick(list.itemAtIndex(1));
        tryVerify(() => fixture.shows("about bread"));
        verify(!fixture.shows("about rain"));
    }

    function test_themes() {
        verify(fixture.open({ theme: "light" }));
        ready();
        const light = fixture.pixel(900, 120);
        verify(light.hslLightness > 0.9);
        fixture.application.settings.theme = "dark";
        verify(Theme.dark);
        verify(fixture.pixel(900, 120).hslLightness < 0.2);
        verify(fixture.pixel(20, 400).hslLightness < 0.2);
        fixture.application.settings.theme = "light";
        compare(fixture.pixel(900, 120), light);
    }

    function test_themeIsChosenInSettings() {
        verify(fixture.open({ theme: "light" }));
        verify(fixture.click("openSettings"));
        tryVerify(() => fixture.find("themeChoice"));
        fixture.find("themeChoice").chosen("dark");
        compare(fixture.application.settings.theme, "dark");
        fixture.find("temperature").moved(0.25);
        compare(fixture.application.settings.temperature, 0.25);
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("themeChoice"));
        compare(fixture.focused().objectName, "composerText");
    }

    function test_narrowWindow() {
        verify(fixture.open({ width: 480, height: 400 }));
        ready();
        verify(!fixture.find("sidebar"));
        verify(fixture.click("showSidebar"));
        tryVerify(() => fixture.find("sidebar"));
        tryCompare(fixture.find("sidebar"), "x", 0);
        verify(fixture.click("newConversation"));
        tryVerify(() => !fixture.find("sidebar"));
        ask("Small");
        answered();
        const send = fixture.find("sendButton");
        const corner = send.mapToItem(null, send.width, send.height);
        verify(corner.x <= 480 && corner.y <= 400);
    }
}
