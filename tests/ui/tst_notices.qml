import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// What went wrong, and what can be done about it.
TestCase {
    id: test

    name: "Notices"

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

    function test_failedReplyCanBeTriedAgain() {
        verify(house.open({ failure: "The device ran out of memory.", failAfter: 1, replies: ["all is well"] }));
        tryVerify(() => house.application.running.name !== "");
        house.type("Hello");
        house.key(Qt.Key_Return);
        tryVerify(() => house.find("replyError"));
        verify(house.find("replyError").text.includes("The device ran out of memory."));
        tryVerify(() => house.find("tryAgain"));
        house.stopFailing();
        verify(house.click("tryAgain"));
        tryVerify(() => house.shows("all is well"));
        tryCompare(test.chat, "state", ChatController.Idle);
        verify(!house.find("replyError"));
        compare(test.chat.messages.count, 2);
    }

    function test_noticesStandBetweenHeadAndMessages() {
        verify(house.open({ checkpoints: ["first", "second"], openFailures: ["second"] }));
        tryVerify(() => house.application.running.name !== "");
        house.application.library.select("/checkpoints/second");
        tryVerify(() => house.find("noticeDismiss"));
        const bar = house.find("noticeBar");
        const top = bar.mapToItem(null, 0, 0).y;
        const empty = house.find("emptyState").mapToItem(null, 0, 0).y;
        verify(top >= 56);
        verify(empty >= top + bar.height);
    }
}
