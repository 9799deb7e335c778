import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// What went wrong, and what can be done about it.
TestCase {
    id: test

    name: "Notices"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null

    // The kernel does not lock the tests in, and the page says so.
    function test_privacyPage() {
        verify(fixture.open({}));
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("showPrivacy"));
        fixture.find("showPrivacy").clicked();
        tryVerify(() => fixture.application.privacy.protections.length === 3);
        verify(!fixture.application.privacy.allEnforced);
        tryVerify(() => fixture.find("privacyProtection"));
        verify(fixture.find("privacyProtection").Accessible.name.endsWith("Not enforced"));
        fixture.key(Qt.Key_Escape);
        tryVerify(() => fixture.focused().objectName === "composerText");
    }

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }

    function test_failedReplyCanBeTriedAgain() {
        verify(fixture.open({ failure: "The device ran out of memory.", failAfter: 1, replies: ["all is well"] }));
        tryVerify(() => fixture.application.running.name !== "");
        fixture.type("Hello");
        fixture.key(Qt.Key_Return);
        tryVerify(() => fixture.find("replyError"));
        verify(fixture.find("replyError").text.includes("The device ran out of memory."));
        tryVerify(() => fixture.find("tryAgain"));
        fixture.stopFailing();
        verify(fixture.click("tryAgain"));
        tryVerify(() => fixture.shows("all is well"));
        tryCompare(test.chat, "state", ChatController.Idle);
        verify(!fixture.find("replyError"));
        compare(test.chat.messages.count, 2);
    }

    function test_noticesStandBetweenHeadAndMessages() {
        verify(fixture.open({ checkpoints: ["first", "second"], openFailures: ["second"] }));
        tryVerify(() => fixture.application.running.name !== "");
        fixture.application.library.select("/checkpoints/second");
        tryVerify(() => fixture.find("noticeDismiss"));
        const bar = fixture.find("noticeBar");
        const top = bar.mapToItem(null, 0, 0).y;
        const empty = fixture.find("emptyState").mapToItem(null, 0, 0).y;
        verify(top >= 56);
        verify(empty >= top + bar.height);
    }
}
