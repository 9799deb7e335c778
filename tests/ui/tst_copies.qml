import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// The offer to make a smaller copy of a checkpoint, and the settings about it.
TestCase {
    id: test

    name: "Copies"

    House {
        id: house
    }

    readonly property var chat: house.application ? house.application.chat : null
    readonly property var running: house.application ? house.application.running : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        house.close();
    }
    function open(options) {
        verify(house.open(Object.assign({ fullPrecision: ["first"] }, options)));
        tryVerify(() => test.running.name !== "");
    }

    function test_offerIsNotInTheWay() {
        open({});
        tryVerify(() => house.find("noticeOther"));
        verify(!house.find("noticeDismiss"));
        verify(!house.find("noticeProgress"));
        compare(house.focused().objectName, "composerText");
        house.type("Hello");
        house.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        compare(test.chat.messages.count, 2);
        verify(house.find("noticeOther"));
        verify(house.click("noticeOther"));
        tryVerify(() => !house.find("noticeAction"));
        compare(house.focused().objectName, "composerText");
        verify(!test.running.fromCopy);
    }

    function test_makesTheCopyAndUsesIt() {
        open({ holdCopy: 2 });
        verify(house.click("noticeAction"));
        tryVerify(() => house.find("noticeProgress"));
        tryVerify(() => house.find("noticeProgress").value > 0.3);
        compare(house.count("noticeAction"), 1);
        compare(house.find("noticeAction").text, "Stop");
        compare(house.focused().objectName, "composerText");
        compare(house.find("deviceName").text, "Fake device");
        house.letGo();
        tryVerify(() => test.running.fromCopy);
        tryVerify(() => !house.find("noticeProgress"));
        compare(house.find("deviceName").text, "Fake device · Q4_0 copy");
        compare(house.find("checkpointButton").label, "first");
    }

    function test_stop() {
        open({ holdCopy: 2 });
        verify(house.click("noticeAction"));
        tryVerify(() => house.find("noticeProgress"));
        verify(house.click("noticeAction"));
        tryVerify(() => !house.find("noticeAction"));
        house.letGo();
        tryVerify(() => !house.application.copies.making);
        verify(!house.find("noticeAction"));
        verify(!test.running.fromCopy);
    }

    function test_keyboardReachesTheOffer() {
        open({});
        tryVerify(() => house.find("noticeOther"));
        for (let i = 0; i < 60 && house.focused().objectName !== "noticeOther"; ++i)
            house.key(Qt.Key_Tab);
        compare(house.focused().objectName, "noticeOther");
        house.key(Qt.Key_Return);
        tryVerify(() => !house.find("noticeOther"));
        compare(house.focused().objectName, "composerText");
    }

    function test_narrowOfferHoldsItsWords() {
        open({ width: 400 });
        tryVerify(() => house.find("noticeOther"));
        const bar = house.find("noticeBar");
        const end = item => item.mapToItem(bar, item.width, item.height);
        verify(end(house.find("noticeOther")).x <= bar.width);
        verify(end(house.find("noticeOther")).y <= bar.height);
    }

    function test_settings() {
        open({});
        verify(house.click("noticeAction"));
        tryVerify(() => test.running.fromCopy);
        house.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => house.find("smallerCopies"));
        verify(house.find("smallerCopies").on);
        verify(house.shows("There is one; it takes 301\u00a0MB of disk."));
        verify(house.find("deleteCopies").enabled);
        house.find("deleteCopies").clicked();
        tryVerify(() => !test.running.fromCopy);
        verify(house.shows("There are none yet."));
        verify(!house.find("deleteCopies").enabled);
        house.find("smallerCopies").forceActiveFocus(Qt.TabFocusReason);
        house.key(Qt.Key_Space);
        compare(house.application.settings.smallerCopies, false);
        verify(!house.find("smallerCopies").on);
        house.key(Qt.Key_Return);
        compare(house.application.settings.smallerCopies, true);
        tryVerify(() => house.find("noticeOther"));  // asked again
    }
}
