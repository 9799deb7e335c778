import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Conversations
import Alcove.Test

// Order in the list: pins, folders, the archive, several at once, the bin.
TestCase {
    id: test

    name: "Order"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var conversations: fixture.application ? fixture.application.conversations : null
    readonly property var folders: fixture.application ? fixture.application.folders : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function openWith(talks) {
        verify(fixture.open({}));
        tryVerify(() => fixture.application.running.name !== "");
        for (const talk of talks) {
            fixture.key(Qt.Key_N, Qt.ControlModifier);
            fixture.type(talk);
            fixture.key(Qt.Key_Return);
            tryCompare(test.chat, "state", ChatController.Idle);
        }
        compare(test.conversations.count, talks.length);
    }
    function row(index) {
        const list = fixture.find("conversationList");
        list.forceLayout();
        return list.itemAtIndex(index);
    }
    function titles() {
        const all = [];
        for (let i = 0; i < test.conversations.count; ++i)
            all.push(test.conversations.data(test.conversations.index(i, 0), Qt.DisplayRole));
        return all;
    }

    function test_pinnedComesFirst() {
        openWith(["Bread", "Rain", "Tides"]);
        compare(titles(), ["Tides", "Rain", "Bread"]);
        row(2).pinRequested(true);
        tryVerify(() => fixture.shows("Pinned"));
        compare(titles(), ["Bread", "Tides", "Rain"]);
        row(0).pinRequested(false);
        compare(titles(), ["Tides", "Rain", "Bread"]);
        test.conversations.byName = true;
        compare(titles(), ["Bread", "Rain", "Tides"]);
    }

    function test_foldersByKeyAndMouse() {
        openWith(["Bread", "Rain"]);
        verify(fixture.click("newFolder"));
        tryVerify(() => fixture.find("folderName"));
        fixture.type("Recipes");
        fixture.key(Qt.Key_Return);
        tryVerify(() => fixture.find("folderRow"));
        row(1).moveRequested();
        tryVerify(() => fixture.find("moveTargets"));
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Return);
        tryCompare(test.conversations, "count", 1);
        tryVerify(() => !fixture.find("moveTargets"));
        verify(fixture.click("folderRow"));
        tryVerify(() => fixture.find("leavePlace"));
        compare(titles(), ["Bread"]);
        verify(fixture.click("leavePlace"));
        compare(titles(), ["Rain"]);
        fixture.find("folderRow").removeRequested();
        tryVerify(() => !fixture.find("folderRow"));
        verify(fixture.click("noticeAction"));
        tryVerify(() => fixture.find("folderRow"));
    }

    function test_severalAtOnce() {
        openWith(["Bread", "Rain", "Tides"]);
        mouseClick(row(0), 20, 10, Qt.LeftButton, Qt.ControlModifier);
        mouseClick(row(2), 20, 10, Qt.LeftButton, Qt.ShiftModifier);
        compare(test.conversations.selectedCount, 3);
        mouseClick(row(1), 20, 10, Qt.LeftButton, Qt.ControlModifier);
        compare(test.conversations.selectedCount, 2);
        row(0).removeRequested();
        compare(titles(), ["Rain"]);
        verify(fixture.click("noticeAction"));
        tryCompare(test.conversations, "count", 3);
    }

    function test_archiveAndBin() {
        openWith(["Bread", "Rain"]);
        row(0).archiveRequested(true);
        compare(titles(), ["Bread"]);
        test.conversations.place = ConversationListModel.Archive;
        compare(titles(), ["Rain"]);
        row(0).archiveRequested(false);
        verify(fixture.click("leavePlace"));
        compare(titles(), ["Rain", "Bread"]);

        row(0).removeRequested();
        row(0).removeRequested();
        compare(test.conversations.count, 0);
        fixture.find("sidebar").binRequested();
        tryVerify(() => fixture.count("restoreItem") === 2);
        verify(fixture.click("restoreItem"));
        tryCompare(test.conversations, "count", 1);
        verify(fixture.click("emptyBin"));
        verify(fixture.click("emptyBin"));
        tryCompare(fixture.application.bin, "count", 0, 10000);
        tryCompare(fixture.application.bin, "busy", false);
        compare(test.conversations.count, 1);
    }
}
