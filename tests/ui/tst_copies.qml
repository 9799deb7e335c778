import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// The offer to make a smaller copy of a checkpoint, and the settings about it.
TestCase {
    id: test

    name: "Copies"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var running: fixture.application ? fixture.application.running : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function open(options) {
        verify(fixture.open(Object.assign({ fullPrecision: ["first"] }, options)));
        tryVerify(() => test.running.name !== "");
    }

    function test_offerIsNotInTheWay() {
        open({});
        tryVerify(() => fixture.find("noticeOther"));
        verify(!fixture.find("noticeDismiss"));
        verify(!fixture.find("noticeProgress"));
        compare(fixture.focused().objectName, "composerText");
        fixture.type("Hello");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        compare(test.chat.messages.count, 2);
        verify(fixture.find("noticeOther"));
        verify(fixture.click("noticeOther"));
        tryVerify(() => !fixture.find("noticeAction"));
        compare(fixture.focused().objectName, "composerText");
        verify(!test.running.fromCopy);
    }

    function test_makesTheCopyAndUsesIt() {
        open({ holdCopy: 2 });
        verify(fixture.click("noticeAction"));
        tryVerify(() => fixture.find("noticeProgress"));
        tryVerify(() => fixture.find("noticeProgress").value > 0.3);
        compare(fixture.count("noticeAction"), 1);
        compare(fixture.find("noticeAction").text, "Stop");
        compare(fixture.focused().objectName, "composerText");
        compare(fixture.find("deviceName").text, "Fake device");
        fixture.letGo();
        tryVerify(() => test.running.fromCopy);
        tryVerify(() => !fixture.find("noticeProgress"));
        compare(fixture.find("deviceName").text, "Fake device · Q4_0 copy");
        compare(fixture.find("checkpointButton").label, "first");
    }

    function test_stop() {
        open({ holdCopy: 2 });
        verify(fixture.click("noticeAction"));
        tryVerify(() => fixture.find("noticeProgress"));
        verify(fixture.click("noticeAction"));
        tryVerify(() => !fixture.find("noticeAction"));
        fixture.letGo();
        tryVerify(() => !fixture.application.copies.making);
        verify(!fixture.find("noticeAction"));
        verify(!test.running.fromCopy);
    }

    function test_keyboardReachesTheOffer() {
        open({});
        tryVerify(() => fixture.find("noticeOther"));
        for (let i = 0; i < 60 && fixture.focused().objectName !== "noticeOther"; ++i)
            fixture.key(Qt.Key_Tab);
        compare(fixture.focused().objectName, "noticeOther");
        fixture.key(Qt.Key_Return);
        tryVerify(() => !fixture.find("noticeOther"));
        compare(fixture.focused().objectName, "composerText");
    }

    function test_narrowOfferHoldsItsWords() {
        open({ width: 400 });
        tryVerify(() => fixture.find("noticeOther"));
        const bar = fixture.find("noticeBar");
        const end = item => item.mapToItem(bar, item.width, item.height);
        tryVerify(() => end(fixture.find("noticeOther")).x <= bar.width);
        tryVerify(() => end(fixture.find("noticeOther")).y <= bar.height);
    }

    function test_settings() {
        open({});
        verify(fixture.click("noticeAction"));
        tryVerify(() => test.running.fromCopy);
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("smallerCopies"));
        verify(fixture.find("smallerCopies").on);
        verify(fixture.shows("There is one; it takes 301\u00a0MB of disk."));
        verify(fixture.find("deleteCopies").enabled);
        fixture.find("deleteCopies").clicked();
        tryVerify(() => !test.running.fromCopy);
        verify(fixture.shows("There are none yet."));
        verify(!fixture.find("deleteCopies").enabled);
        fixture.find("smallerCopies").forceActiveFocus(Qt.TabFocusReason);
        fixture.key(Qt.Key_Space);
        compare(fixture.application.settings.smallerCopies, false);
        verify(!fixture.find("smallerCopies").on);
        fixture.key(Qt.Key_Return);
        compare(fixture.application.settings.smallerCopies, true);
        tryVerify(() => fixture.find("noticeOther"));  // asked again
    }
}
