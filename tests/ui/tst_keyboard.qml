import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// The whole journey without a mouse.
TestCase {
    id: test

    name: "Keyboard"

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
    function exchange(text) {
        house.type(text);
        house.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
    }

    function test_journey() {
        verify(house.open({ replies: ["reply a", "reply b", "reply c"] }));
        ready();
        compare(house.focused().objectName, "composerText");
        exchange("First");
        const first = test.chat.conversationId;

        house.key(Qt.Key_N, Qt.ControlModifier);
        compare(test.chat.conversationId, 0);
        exchange("Second");
        const second = test.chat.conversationId;
        verify(second !== first);

        house.key(Qt.Key_Tab, Qt.ControlModifier);
        compare(test.chat.conversationId, first);
        house.key(Qt.Key_PageUp, Qt.ControlModifier);
        compare(test.chat.conversationId, second);
        house.key(Qt.Key_PageDown, Qt.ControlModifier);
        compare(test.chat.conversationId, first);

        house.key(Qt.Key_R, Qt.ControlModifier);
        tryVerify(() => test.chat.messages.lastReply() === "reply c");
        tryCompare(test.chat, "state", ChatController.Idle);
        house.key(Qt.Key_C, Qt.ControlModifier | Qt.ShiftModifier);
        compare(house.clipboard(), "reply c");

        house.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => house.find("checkpointList"));
        tryVerify(() => house.find("checkpointList").activeFocus);
        house.key(Qt.Key_Down);
        house.key(Qt.Key_Return);
        tryCompare(house.application.running, "name", "second");
        tryVerify(() => house.focused().objectName === "composerText");

        house.key(Qt.Key_F2);
        tryVerify(() => house.find("renameField"));
        house.type("Renamed");
        house.key(Qt.Key_Return);
        compare(test.chat.title, "Renamed");
        tryVerify(() => !house.find("renameField"));
    }

    function test_sidebarAndPages() {
        verify(house.open({}));
        ready();
        verify(house.find("sidebar"));
        house.key(Qt.Key_B, Qt.ControlModifier);
        tryVerify(() => !house.find("sidebar"));
        verify(house.find("showSidebar"));
        house.key(Qt.Key_B, Qt.ControlModifier);
        tryVerify(() => house.find("sidebar"));

        house.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => house.find("themeChoice"));
        house.key(Qt.Key_Escape);
        tryVerify(() => !house.find("themeChoice"));

        house.key(Qt.Key_F1);
        tryVerify(() => house.shows("Break the line"));
        house.key(Qt.Key_Escape);
        tryVerify(() => !house.shows("Break the line"));
    }

    function test_escapeReturnsToTheComposer() {
        verify(house.open({}));
        ready();
        house.find("conversationList").forceActiveFocus();
        verify(house.focused().objectName !== "composerText");
        house.key(Qt.Key_Escape);
        compare(house.focused().objectName, "composerText");
        house.find("conversationList").forceActiveFocus();
        house.key(Qt.Key_L, Qt.ControlModifier);
        compare(house.focused().objectName, "composerText");
    }

    function test_listOfConversations() {
        verify(house.open({ replies: ["reply a", "reply b"] }));
        ready();
        exchange("First");
        const first = test.chat.conversationId;
        house.key(Qt.Key_N, Qt.ControlModifier);
        exchange("Second");
        house.find("conversationList").forceActiveFocus();
        house.key(Qt.Key_Down);
        house.key(Qt.Key_Return);
        compare(test.chat.conversationId, first);
        house.find("conversationList").forceActiveFocus();
        house.key(Qt.Key_Delete);
        compare(test.conversations.count, 1);
    }

    function test_messagesAreWalkedAndCopied() {
        verify(house.open({ replies: ["the reply"] }));
        ready();
        exchange("The question");
        const list = house.find("messageList");
        list.forceActiveFocus();
        compare(list.currentIndex, 1);
        house.key(Qt.Key_C, Qt.ControlModifier);
        compare(house.clipboard(), "the reply");
        house.key(Qt.Key_Up);
        house.key(Qt.Key_C, Qt.ControlModifier);
        compare(house.clipboard(), "The question");
    }

    // Tab reaches everything and comes back; every stop says what it is.
    function test_tabOrder() {
        verify(house.open({}));
        ready();
        exchange("Hello");
        house.type("x");
        const seen = [];
        for (let i = 0; i < 40; ++i) {
            house.key(Qt.Key_Tab);
            const item = house.focused();
            verify(item);
            if (seen.length > 1 && item.objectName === "composerText")
                break;
            verify(item.Accessible.name !== "", "a stop without a name: " + item);
            let stop = item;
            while (stop && stop.objectName === "")
                stop = stop.parent;
            seen.push(stop ? stop.objectName : "");
        }
        compare(house.focused().objectName, "composerText");
        for (const stop of ["sendButton", "newConversation", "conversationList", "openSettings", "openHelp",
                            "hideSidebar", "checkpointButton", "messageList"])
            verify(seen.includes(stop), stop + " is not reached: " + seen);
    }
}
