import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// The whole journey without a mouse.
TestCase {
    id: test

    name: "Keyboard"

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
    function exchange(text) {
        fixture.type(text);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
    }

    function test_journey() {
        verify(fixture.open({ replies: ["reply a", "reply b", "reply c"] }));
        ready();
        compare(fixture.focused().objectName, "composerText");
        exchange("First");
        const first = test.chat.conversationId;

        fixture.key(Qt.Key_N, Qt.ControlModifier);
        compare(test.chat.conversationId, 0);
        exchange("Second");
        const second = test.chat.conversationId;
        verify(second !== first);

        fixture.key(Qt.Key_Tab, Qt.ControlModifier);
        compare(test.chat.conversationId, first);
        fixture.key(Qt.Key_PageUp, Qt.ControlModifier);
        compare(test.chat.conversationId, second);
        fixture.key(Qt.Key_PageDown, Qt.ControlModifier);
        compare(test.chat.conversationId, first);

        fixture.key(Qt.Key_R, Qt.ControlModifier);
        tryVerify(() => test.chat.messages.lastReply() === "reply c");
        tryCompare(test.chat, "state", ChatController.Idle);
        fixture.key(Qt.Key_C, Qt.ControlModifier | Qt.ShiftModifier);
        compare(fixture.clipboard(), "reply c");

        fixture.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => fixture.find("checkpointList"));
        tryVerify(() => fixture.find("checkpointList").activeFocus);
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Return);
        tryCompare(fixture.application.running, "name", "second");
        tryVerify(() => fixture.focused().objectName === "composerText");

        fixture.key(Qt.Key_F2);
        tryVerify(() => fixture.find("renameField"));
        fixture.type("Renamed");
        fixture.key(Qt.Key_Return);
        compare(test.chat.title, "Renamed");
        tryVerify(() => !fixture.find("renameField"));
    }

    function test_sidebarAndPages() {
        verify(fixture.open({}));
        ready();
        verify(fixture.find("sidebar"));
        fixture.key(Qt.Key_B, Qt.ControlModifier);
        tryVerify(() => !fixture.find("sidebar"));
        verify(fixture.find("showSidebar"));
        fixture.key(Qt.Key_B, Qt.ControlModifier);
        tryVerify(() => fixture.find("sidebar"));

        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("themeChoice"));
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("themeChoice"));

        fixture.key(Qt.Key_F1);
        tryVerify(() => fixture.shows("New line"));
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.shows("New line"));
    }

    function test_escapeReturnsToTheComposer() {
        verify(fixture.open({}));
        ready();
        fixture.find("conversationList").forceActiveFocus();
        verify(fixture.focused().objectName !== "composerText");
        fixture.key(Qt.Key_Escape);
        compare(fixture.focused().objectName, "composerText");
        fixture.find("conversationList").forceActiveFocus();
        fixture.key(Qt.Key_L, Qt.ControlModifier);
        compare(fixture.focused().objectName, "composerText");
    }

    function test_listOfConversations() {
        verify(fixture.open({ replies: ["reply a", "reply b"] }));
        ready();
        exchange("First");
        const first = test.chat.conversationId;
        fixture.key(Qt.Key_N, Qt.ControlModifier);
        exchange("Second");
        fixture.find("conversationList").forceActiveFocus();
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Return);
        compare(test.chat.conversationId, first);
        fixture.find("conversationList").forceActiveFocus();
        fixture.key(Qt.Key_Delete);
        compare(test.conversations.count, 1);
    }

    function test_messagesAreWalkedAndCopied() {
        verify(fixture.open({ replies: ["the reply"] }));
        ready();
        exchange("The question");
        const list = fixture.find("messageList");
        list.forceActiveFocus();
        verify(list.itemAtIndex(1).current);
        fixture.key(Qt.Key_C, Qt.ControlModifier);
        compare(fixture.clipboard(), "the reply");
        fixture.key(Qt.Key_Up);
        fixture.key(Qt.Key_C, Qt.ControlModifier);
        compare(fixture.clipboard(), "The question");
    }

    // Tab reaches everything and comes back; every stop says what it is.
    function test_tabOrder() {
        verify(fixture.open({}));
        ready();
        exchange("Hello");
        fixture.type("x");
        const seen = [];
        for (let i = 0; i < 40; ++i) {
            fixture.key(Qt.Key_Tab);
            const item = fixture.focused();
            verify(item);
            if (seen.length > 1 && item.objectName === "composerText")
                break;
            verify(item.Accessible.name !== "", "a stop without a name: " + item);
            let stop = item;
            while (stop && stop.objectName === "")
                stop = stop.parent;
            seen.push(stop ? stop.objectName : "");
        }
        compare(fixture.focused().objectName, "composerText");
        for (const stop of ["sendButton", "newConversation", "conversationList", "openSettings", "openHelp",
                            "hideSidebar", "checkpointButton", "messageList"])
            verify(seen.includes(stop), stop + " is not reached: " + seen);
    }
}
