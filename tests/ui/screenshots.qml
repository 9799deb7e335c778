import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Test

// Not a test: brings the window into each of its states and saves a picture of it in the working folder.
// `cmake --build build/dev --target screenshots`.
TestCase {
    id: test

    name: "Screenshots"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var names: ["MobiLlama-05B-Chat", "MobiLlama-1B-Chat", "MobiLlama-05B", "broken copy"]
    readonly property var talks: [
        ["Bread with rye and caraway", "Use one third rye flour."],
        ["A letter to the neighbours", "Dear neighbours, …"],
        ["Why is the sky blue?", "Because blue light is scattered most."],
        ["What does the shared block do?", "Every layer uses the same weights."]
    ]
    readonly property string sorting: "Use the built-in `sorted` with a *key*, which says what each person is compared by:\n\n"
        + "```python\npeople = [(\"Ada\", 36), (\"Alan\", 41), (\"Grace\", 29)]\n\nfor name, age in sorted(people, key=lambda p: p[1]):\n"
        + "    print(name, age)\n```\n\nTwo things are worth knowing:\n\n1. `sorted` gives a **new** list; `people.sort()` changes the list in place.\n"
        + "2. Both are *stable*: people of the same age keep their order.\n"

    // As after an installation: the starter, and the same from earlier in its training.
    readonly property var shipped: ({
            checkpoints: ["Starter", "Starter at step 5,000", "Starter at step 500", "MobiLlama-05B"],
            cards: {
                "Starter": {
                    description: "A very small model that comes with Alcove: it knows its way around the program, tells short stories and explains common words.",
                    detail: "1.58 M parameters · shared block · F16 · 3.15 MB",
                    suggestions: ["What leaves my machine?", "Tell me a short story about a fox", "How do I add a checkpoint?", "What does “alcove” mean?"]
                },
                "Starter at step 5,000": {
                    description: "The starter half-way through its training, to see how it grew.",
                    detail: "1.58 M parameters · shared block · F16 · 3.15 MB"
                },
                "Starter at step 500": {
                    description: "The starter when its training had just begun: it babbles.",
                    detail: "1.58 M parameters · shared block · F16 · 3.15 MB"
                }
            }
        })

    function cleanup() {
        fixture.close();
    }
    function say(text) {
        fixture.type(text);
        fixture.key(Qt.Key_Return);
        tryCompare(test.chat, "state", ChatController.Idle);
    }
    function converse(options) {
        const replies = test.talks.map(talk => talk[1]).concat([test.sorting, "Pass `reverse=True` as well, and the oldest come first."]);
        verify(fixture.open(Object.assign({ width: 1200, height: 800, checkpoints: test.names, replies: replies, pace: 3 }, options)));
        tryVerify(() => fixture.application.running.name !== "");
        for (const talk of test.talks) {
            say(talk[0]);
            fixture.key(Qt.Key_N, Qt.ControlModifier);
        }
        say("How do I sort people by age in Python?");
        say("And the oldest first?");
        wait(400);
    }
    function shoot(name) {
        wait(400);
        verify(fixture.save(name + ".png"));
    }

    function test_first() {
        verify(fixture.open({ width: 1200, height: 800, checkpoints: [] }));
        shoot("first-start");
    }
    function test_new() {
        verify(fixture.open({ width: 1200, height: 800, checkpoints: test.names }));
        tryVerify(() => fixture.application.running.name !== "");
        shoot("new-conversation");
    }
    function test_firstRun_data() {
        return [{ tag: "light", theme: "light", width: 1200, height: 800, name: "first-run" },
                { tag: "dark", theme: "dark", width: 1200, height: 800, name: "first-run-dark" },
                { tag: "narrow", theme: "light", width: 480, height: 640, name: "first-run-narrow" }];
    }
    function test_firstRun(data) {
        verify(fixture.open(Object.assign({ width: data.width, height: data.height, theme: data.theme }, test.shipped)));
        tryVerify(() => fixture.application.running.name !== "");
        shoot(data.name);
        fixture.key(Qt.Key_K, Qt.ControlModifier);
        shoot(data.name + "-menu");
    }
    function test_conversation_data() {
        return [{ tag: "light", theme: "light", name: "conversation" }, { tag: "dark", theme: "dark", name: "conversation-dark" }];
    }
    function test_conversation(data) {
        converse({ theme: data.theme });
        shoot(data.name);
    }
    function test_menu() {
        converse({});
        fixture.key(Qt.Key_K, Qt.ControlModifier);
        shoot("checkpoints");
    }
    function test_loading() {
        verify(fixture.open({ width: 1200, height: 800, checkpoints: test.names, holdOpen: 2, theme: "dark" }));
        tryVerify(() => fixture.application.running.loadProgress > 0);
        fixture.type("Good morning! What can you do?");
        fixture.key(Qt.Key_Return);
        fixture.type("I can go on writing while it loads.");
        shoot("loading");
    }
    function test_error() {
        verify(fixture.open({ width: 1200, height: 800, checkpoints: test.names, openFailures: ["MobiLlama-1B-Chat"], failAfter: 2,
            failure: "The device ran out of memory. Choose a smaller context size in the settings, or close other programs." }));
        tryVerify(() => fixture.application.running.name !== "");
        say("Tell me about the sea.");
        fixture.application.library.select("/checkpoints/MobiLlama-1B-Chat");
        tryVerify(() => fixture.find("noticeDismiss"));
        shoot("errors");
    }
    function test_noDevice() {
        verify(fixture.open({ width: 1200, height: 800, checkpoints: test.names, problem: "No Vulkan driver was found, so no model can run. Install the driver of your graphics card, or mesa-vulkan-drivers to compute on the processor." }));
        tryVerify(() => fixture.find("deviceBanner"));
        shoot("no-device");
    }
    function test_settings() {
        converse({});
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        shoot("settings");
    }
    readonly property var laptop: ({
            devices: ["Intel(R) UHD Graphics 620 (KBL GT2)|integrated graphics · Intel open-source Mesa driver Mesa 22.3.6 · Vulkan 1.3.230",
                "Intel(R) Core(TM) i5-8250U CPU @ 1.60GHz|processor · AVX2, 4 threads"],
            automaticReason: "measured here, an answer of 100 words takes it about 4.6 s, and the processor about 9.3 s."
        })
    function test_device_data() {
        return [{ tag: "light", theme: "light", name: "device" }, { tag: "dark", theme: "dark", name: "device-dark" }];
    }
    function test_device(data) {
        verify(fixture.open(Object.assign({ width: 1000, height: 700, theme: data.theme, checkpoints: test.names, holdComparison: true }, test.laptop)));
        tryVerify(() => fixture.application.devices.activity !== "");
        shoot(data.name + "-comparing");
        fixture.letGo();
        tryVerify(() => fixture.application.running.name !== "");
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        shoot(data.name + "-settings");
        verify(fixture.click("deviceChoice"));
        shoot(data.name + "-menu");
    }
    function test_deviceLost_data() {
        return test_device_data();
    }
    function test_deviceLost(data) {
        verify(fixture.open(Object.assign({ width: 1000, height: 700, theme: data.theme, checkpoints: test.names, deviceLostAt: 3 }, test.laptop)));
        tryVerify(() => fixture.application.running.name !== "");
        say("Why is the sky blue?");
        shoot(data.name + "-lost");
    }
    function test_copies_data() {
        return [{ tag: "light", theme: "light", width: 1200, height: 800 }, { tag: "dark", theme: "dark", width: 1200, height: 800 },
                { tag: "narrow", theme: "light", width: 480, height: 640 }];
    }
    function test_copies(data) {
        converse({ theme: data.theme, width: data.width, height: data.height, fullPrecision: test.names, holdCopy: 3 });
        tryVerify(() => fixture.find("noticeOther"));
        shoot("copy-offer-" + data.tag);
        verify(fixture.click("noticeAction"));
        tryVerify(() => fixture.find("noticeProgress"));
        shoot("copy-progress-" + data.tag);
        fixture.letGo();
        tryVerify(() => fixture.application.running.fromCopy);
        shoot("copy-used-" + data.tag);
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("deleteCopies"));
        shoot("copy-settings-" + data.tag);
    }
    function test_privacy_data() {
        return [{ tag: "light", theme: "light", width: 1200, height: 800 }, { tag: "dark", theme: "dark", width: 1200, height: 800 },
                { tag: "narrow", theme: "light", width: 360, height: 640 }];
    }
    function test_privacy(data) {
        converse({ theme: data.theme, width: data.width, height: data.height });
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("showPrivacy"));
        fixture.find("showPrivacy").clicked();
        tryVerify(() => fixture.find("privacyProtection"));
        shoot("privacy-" + data.tag);
    }
    function test_help() {
        converse({});
        fixture.key(Qt.Key_F1);
        shoot("shortcuts");
    }
    function test_narrow() {
        converse({ width: 480, height: 640 });
        shoot("narrow");
        verify(fixture.click("showSidebar"));
        shoot("narrow-sidebar");
    }
    function test_small() {
        converse({ width: 480, height: 400, theme: "dark" });
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        shoot("small-settings");
    }
    function test_deleted() {
        converse({});
        const list = fixture.find("conversationList");
        list.forceActiveFocus(Qt.TabFocusReason);
        fixture.key(Qt.Key_Down);
        fixture.key(Qt.Key_Delete);
        shoot("deleted");
    }
}
