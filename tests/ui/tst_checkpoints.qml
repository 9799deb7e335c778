import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// The checkpoint menu, loading, failures, and a machine without a device.
TestCase {
    id: test

    name: "Checkpoints"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var library: fixture.application ? fixture.application.library : null
    readonly property var running: fixture.application ? fixture.application.running : null
    readonly property var devices: fixture.application ? fixture.application.devices : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function ready() {
        tryVerify(() => test.running.name !== "");
    }

    function test_switchingKeepsTheConversation() {
        verify(fixture.open({ checkpoints: ["first", "second"] }));
        ready();
        compare(test.running.name, "first");
        fixture.type("Hello");
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
        const id = test.chat.conversationId;
        verify(fixture.click("checkpointButton"));
        tryVerify(() => fixture.find("checkpointList"));
        mouseClick(fixture.find("checkpointList").itemAtIndex(1));
        tryCompare(test.running, "name", "second");
        tryVerify(() => !fixture.find("checkpointList"));
        compare(test.chat.conversationId, id);
        compare(test.chat.messages.count, 2);
        verify(fixture.shows("Hello"));
        compare(fixture.find("checkpointButton").label, "second");
    }

    function test_brokenOnesSayWhyAndAreNotChosen() {
        verify(fixture.open({ checkpoints: ["first", "broken"] }));
        ready();
        fixture.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => fixture.find("checkpointList"));
        verify(fixture.shows("model.safetensors is cut short: it should hold 1.07 GB and holds 402 MB."));
        mouseClick(fixture.find("checkpointList").itemAtIndex(1));
        verify(fixture.find("checkpointList"));
        compare(test.running.name, "first");
        verify(!test.running.loading);
    }

    function test_failureLeavesTheOldOneAndIsShown() {
        verify(fixture.open({ checkpoints: ["first", "second"], openFailures: ["second"] }));
        ready();
        test.library.select("/checkpoints/second");
        tryVerify(() => fixture.find("noticeDismiss"));
        compare(test.running.name, "first");
        compare(fixture.find("checkpointButton").label, "first");
        compare(fixture.count("noticeDismiss"), 1);
        verify(fixture.click("noticeDismiss"));
        tryVerify(() => !fixture.find("noticeDismiss"));
    }

    function test_loadingCanBeCancelled() {
        verify(fixture.open({ checkpoints: ["first", "second"], holdOpen: 2 }));
        tryVerify(() => test.running.loading);
        tryVerify(() => fixture.find("loadPercent"));
        verify(fixture.click("checkpointButton"));
        tryVerify(() => fixture.find("cancelLoading"));
        tryVerify(() => fixture.find("checkpointList").activeFocus);
        verify(fixture.click("cancelLoading"));
        fixture.letGo();
        tryCompare(test.running, "loading", false);
        compare(test.running.name, "");
        compare(fixture.find("checkpointButton").label, "Choose a model");
    }

    function test_noCheckpointAtAll() {
        verify(fixture.open({ checkpoints: [] }));
        tryVerify(() => fixture.find("emptyAdd"));
        verify(fixture.find("emptyOpenLibrary"));
        verify(fixture.find("emptyRescan"));
        verify(!fixture.find("suggestion"));
    }

    function test_cardsAreShownAndSuggestWhatToAsk() {
        const cards = { "first": { description: "A small one that comes with the program.", suggestions: ["What leaves my machine?", "Tell me a story"] },
            "second": { description: "Another." } };
        verify(fixture.open({ checkpoints: ["first", "second"], cards: cards }));
        ready();
        tryVerify(() => fixture.count("suggestion") === 2);
        verify(fixture.shows("What leaves my machine?"));
        verify(fixture.shows("Tell me a story"));
        verify(!fixture.shows("Explain something"));
        compare(fixture.find("suggestion").Accessible.name, "What leaves my machine?");
        fixture.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => fixture.find("checkpointList"));
        verify(fixture.shows("A small one that comes with the program."));
        const row = fixture.find("checkpointList").itemAtIndex(0);
        compare(row.Accessible.name, "first, A small one that comes with the program., " + row.detail);
        tryVerify(() => fixture.find("checkpointList").activeFocus);
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Return);
        tryCompare(test.running, "name", "second");
        tryVerify(() => fixture.count("suggestion") === 4);
        verify(fixture.shows("Explain something"));  // it names nothing of its own
        test.library.select("/checkpoints/first");
        tryVerify(() => fixture.count("suggestion") === 2);
        verify(fixture.click("suggestion"));
        compare(fixture.find("composerText").text, "What leaves my machine?");
    }

    readonly property var laptop: ({
            devices: ["Small Graphics 600|integrated graphics · driver 1.0", "Four Core Processor|processor · 4 threads"],
            automaticReason: "measured here, an answer of 100 words takes it about 3.1 s, and the processor about 8.4 s.",
            vulkanProblem: "One driver could not be loaded."
        })

    function test_deviceMenuSaysWhy() {
        verify(fixture.open(test.laptop));
        tryVerify(() => test.running.name !== "");
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("deviceChoice"));
        verify(fixture.shows("Automatic: Small Graphics 600 — " + test.laptop.automaticReason + " " + test.laptop.vulkanProblem));
        const menu = fixture.find("deviceChoice");
        compare(menu.displayText, "Automatic");
        compare(menu.currentIndex, 0);
        verify(fixture.click("deviceChoice"));
        tryVerify(() => fixture.shows("processor · 4 threads"));
        verify(fixture.shows("integrated graphics · driver 1.0"));
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Return);
        tryCompare(test.running, "deviceName", "Four Core Processor");
        compare(fixture.application.settings.device, "Four Core Processor");
        compare(menu.displayText, "Four Core Processor");
        verify(fixture.shows("Now: Four Core Processor. " + test.laptop.vulkanProblem));
    }

    function test_comparingShowsInTheStatus() {
        verify(fixture.open(Object.assign({ holdComparison: true }, test.laptop)));
        tryVerify(() => fixture.find("deviceName"));
        verify(fixture.find("deviceName").text.startsWith("Comparing Small Graphics 600"));
        fixture.type("Still alive");
        compare(fixture.find("composerText").text, "Still alive");
        fixture.letGo();
        tryCompare(test.devices, "activity", "");
        tryVerify(() => fixture.find("deviceName") && fixture.find("deviceName").text === "Small Graphics 600");
    }

    function test_lostDeviceStaysShownAndCanBeTriedAgain() {
        verify(fixture.open(Object.assign({ deviceLostAt: 1, replies: ["one two three"] }, test.laptop)));
        tryVerify(() => test.running.name !== "");
        fixture.type("Hello");
        fixture.key(Qt.Key_Return);
        tryVerify(() => fixture.shows("one two three"));
        tryVerify(() => fixture.find("noticeAction"));
        compare(fixture.find("noticeAction").text, "Try again");
        compare(fixture.find("deviceName").text, "Four Core Processor");
        verify(fixture.click("noticeAction"));
        tryCompare(test.running, "deviceName", "Small Graphics 600");
        verify(fixture.shows("one two three"));
        tryVerify(() => !fixture.find("noticeAction"));
    }

    function test_noDevice() {
        verify(fixture.open({ problem: "No Vulkan driver was found. Install mesa-vulkan-drivers." }));
        tryVerify(() => fixture.find("deviceBanner"));
        verify(fixture.shows("No Vulkan driver was found. Install mesa-vulkan-drivers."));
        verify(!fixture.find("deviceName"));
    }

    function test_aModelIsPickedFromItsFolder() {
        const folder = fixture.modelFolder("my-model");
        verify(fixture.open({ checkpoints: ["first"] }));
        ready();
        verify(fixture.click("checkpointButton"));
        tryVerify(() => fixture.find("checkpointList"));
        verify(fixture.click("addCheckpoint"));
        tryVerify(() => fixture.find("pickerList"));
        const address = fixture.find("pickerAddress");
        address.forceActiveFocus();
        address.text = folder + "/..";
        fixture.key(Qt.Key_Return);
        // The folder that holds it: the model is a row; nothing is chosen yet, so nothing can be added.
        tryVerify(() => fixture.shows("my-model"));
        verify(!fixture.find("pickerAdd"));
        tryVerify(() => fixture.find("pickerList").activeFocus);
        fixture.key(Qt.Key_M);
        tryVerify(() => fixture.find("pickerAdd"));
        fixture.key(Qt.Key_Return);
        tryVerify(() => !fixture.find("pickerList"));
        tryCompare(test.running, "path", folder);
        tryVerify(() => fixture.find("composerText").activeFocus);
    }

    function test_theFolderThatIsShownCanBeAdded() {
        const folder = fixture.modelFolder("shown");
        verify(fixture.open({ checkpoints: ["first"] }));
        ready();
        test.library.forget(folder);
        verify(fixture.click("checkpointButton"));
        tryVerify(() => fixture.find("checkpointList"));
        verify(fixture.click("addCheckpoint"));
        tryVerify(() => fixture.find("pickerAddress"));
        const address = fixture.find("pickerAddress");
        address.forceActiveFocus();
        address.text = folder;
        fixture.key(Qt.Key_Return);
        tryVerify(() => fixture.find("pickerAdd"));
        compare(fixture.find("pickerAdd").text, "Add this folder");
        verify(fixture.click("pickerAdd"));
        tryCompare(test.running, "path", folder);
    }

    function test_whatIsNoModelIsRefusedWithItsReason() {
        verify(fixture.open({ checkpoints: ["first"] }));
        ready();
        test.library.addPath("/usr/share");
        tryVerify(() => fixture.find("noticeDismiss"));
        verify(fixture.shows("/usr/share is not a model. Choose a folder with config.json, tokenizer.model and the weights, or a GGUF file."));
        compare(test.running.name, "first");
    }
}
