import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// The checkpoint menu, loading, failures, and a machine without a device.
TestCase {
    id: test

    name: "Checkpoints"

    House {
        id: house
    }

    readonly property var chat: house.application ? house.application.chat : null
    readonly property var library: house.application ? house.application.library : null
    readonly property var running: house.application ? house.application.running : null
    readonly property var devices: house.application ? house.application.devices : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        house.close();
    }
    function ready() {
        tryVerify(() => test.running.name !== "");
    }

    function test_switchingKeepsTheConversation() {
        verify(house.open({ checkpoints: ["first", "second"] }));
        ready();
        compare(test.running.name, "first");
        house.type("Hello");
        house.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        const id = test.chat.conversationId;
        verify(house.click("checkpointButton"));
        tryVerify(() => house.find("checkpointList"));
        mouseClick(house.find("checkpointList").itemAtIndex(1));
        tryCompare(test.running, "name", "second");
        tryVerify(() => !house.find("checkpointList"));
        compare(test.chat.conversationId, id);
        compare(test.chat.messages.count, 2);
        verify(house.shows("Hello"));
        compare(house.find("checkpointButton").label, "second");
    }

    function test_brokenOnesSayWhyAndAreNotChosen() {
        verify(house.open({ checkpoints: ["first", "broken"] }));
        ready();
        house.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => house.find("checkpointList"));
        verify(house.shows("model.safetensors is cut short: it should hold 1.07 GB and holds 402 MB."));
        mouseClick(house.find("checkpointList").itemAtIndex(1));
        verify(house.find("checkpointList"));
        compare(test.running.name, "first");
        verify(!test.running.loading);
    }

    function test_failureLeavesTheOldOneAndIsTold() {
        verify(house.open({ checkpoints: ["first", "second"], openFailures: ["second"] }));
        ready();
        test.library.select("/checkpoints/second");
        tryVerify(() => house.find("noticeDismiss"));
        compare(test.running.name, "first");
        compare(house.find("checkpointButton").label, "first");
        compare(house.count("noticeDismiss"), 1);
        verify(house.click("noticeDismiss"));
        tryVerify(() => !house.find("noticeDismiss"));
    }

    function test_loadingCanBeCancelled() {
        verify(house.open({ checkpoints: ["first", "second"], holdOpen: 2 }));
        tryVerify(() => test.running.loading);
        tryVerify(() => house.find("loadPercent"));
        verify(house.click("checkpointButton"));
        tryVerify(() => house.find("cancelLoading"));
        tryVerify(() => house.find("checkpointList").activeFocus);
        verify(house.click("cancelLoading"));
        house.letGo();
        tryCompare(test.running, "loading", false);
        compare(test.running.name, "");
        compare(house.find("checkpointButton").label, "Choose a checkpoint");
    }

    function test_noCheckpointAtAll() {
        verify(house.open({ checkpoints: [] }));
        tryVerify(() => house.find("emptyAdd"));
        verify(house.find("emptyOpenLibrary"));
        verify(house.find("emptyRescan"));
        verify(!house.find("suggestion"));
    }

    function test_cardsAreShownAndSuggestWhatToAsk() {
        const cards = { "first": { description: "A small one that comes with the program.", suggestions: ["What leaves my machine?", "Tell me a story"] },
            "second": { description: "Another." } };
        verify(house.open({ checkpoints: ["first", "second"], cards: cards }));
        ready();
        tryVerify(() => house.count("suggestion") === 2);
        verify(house.shows("What leaves my machine?"));
        verify(house.shows("Tell me a story"));
        verify(!house.shows("Explain something"));
        compare(house.find("suggestion").Accessible.name, "What leaves my machine?");
        house.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => house.find("checkpointList"));
        verify(house.shows("A small one that comes with the program."));
        const row = house.find("checkpointList").itemAtIndex(0);
        compare(row.Accessible.name, "first, A small one that comes with the program., " + row.detail);
        tryVerify(() => house.find("checkpointList").activeFocus);
        house.key(Qt.Key_Down);
        house.key(Qt.Key_Return);
        tryCompare(test.running, "name", "second");
        tryVerify(() => house.count("suggestion") === 4);
        verify(house.shows("Explain something"));  // it names nothing of its own
        test.library.select("/checkpoints/first");
        tryVerify(() => house.count("suggestion") === 2);
        verify(house.click("suggestion"));
        compare(house.find("composerText").text, "What leaves my machine?");
    }

    readonly property var laptop: ({
            devices: ["Small Graphics 600|integrated graphics · driver 1.0", "Four Core Processor|processor · 4 threads"],
            automaticReason: "measured here, an answer of 100 words takes it about 3.1 s, and the processor about 8.4 s.",
            vulkanProblem: "One driver could not be loaded."
        })

    function test_deviceMenuSaysWhy() {
        verify(house.open(test.laptop));
        tryVerify(() => test.running.name !== "");
        house.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => house.find("deviceChoice"));
        verify(house.shows("Automatic: Small Graphics 600 — " + test.laptop.automaticReason + " " + test.laptop.vulkanProblem));
        const menu = house.find("deviceChoice");
        compare(menu.displayText, "Automatic");
        compare(menu.currentIndex, 0);
        verify(house.click("deviceChoice"));
        tryVerify(() => house.shows("processor · 4 threads"));
        verify(house.shows("integrated graphics · driver 1.0"));
        house.key(Qt.Key_Down);
        house.key(Qt.Key_Down);
        house.key(Qt.Key_Return);
        tryCompare(test.running, "deviceName", "Four Core Processor");
        compare(house.application.settings.device, "Four Core Processor");
        compare(menu.displayText, "Four Core Processor");
        verify(house.shows("Now: Four Core Processor. " + test.laptop.vulkanProblem));
    }

    function test_comparingShowsInTheStatus() {
        verify(house.open(Object.assign({ holdComparison: true }, test.laptop)));
        tryVerify(() => house.find("deviceName"));
        verify(house.find("deviceName").text.startsWith("Comparing Small Graphics 600"));
        house.type("Still alive");
        compare(house.find("composerText").text, "Still alive");
        house.letGo();
        tryCompare(test.devices, "activity", "");
        tryVerify(() => house.find("deviceName") && house.find("deviceName").text === "Small Graphics 600");
    }

    function test_lostDeviceStaysToldAndCanBeTriedAgain() {
        verify(house.open(Object.assign({ deviceLostAt: 1, replies: ["one two three"] }, test.laptop)));
        tryVerify(() => test.running.name !== "");
        house.type("Hello");
        house.key(Qt.Key_Return);
        tryVerify(() => house.shows("one two three"));
        tryVerify(() => house.find("noticeAction"));
        compare(house.find("noticeAction").text, "Try it again");
        compare(house.find("deviceName").text, "Four Core Processor");
        verify(house.click("noticeAction"));
        tryCompare(test.running, "deviceName", "Small Graphics 600");
        verify(house.shows("one two three"));
        tryVerify(() => !house.find("noticeAction"));
    }

    function test_noDevice() {
        verify(house.open({ problem: "No Vulkan driver was found. Install mesa-vulkan-drivers." }));
        tryVerify(() => house.find("deviceBanner"));
        verify(house.shows("No Vulkan driver was found. Install mesa-vulkan-drivers."));
        verify(!house.find("deviceName"));
    }
}
