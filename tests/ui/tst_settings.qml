import QtQuick
import QtTest
import Alcove.Chat
import Alcove.Controls
import Alcove.Test

// The settings, what they ask before they act, the size of text, and the dialogs about the program and larger models.
TestCase {
    id: test

    name: "Settings"

    WindowFixture {
        id: fixture
    }

    readonly property var chat: fixture.application ? fixture.application.chat : null
    readonly property var settings: fixture.application ? fixture.application.settings : null

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
    }
    function cleanup() {
        fixture.close();
    }
    function open(options) {
        verify(fixture.open(options));
        tryVerify(() => fixture.application.running.name !== "");
    }
    function openSettings() {
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find("settingsScroller"));
        return fixture.find("settingsScroller");
    }
    // Brings the item of that name into view and clicks it.
    function press(name) {
        const scroller = fixture.find("settingsScroller");
        tryVerify(() => fixture.find(name));
        const place = fixture.find(name).mapToItem(scroller.contentItem, 0, 0).y;
        scroller.contentY = Math.max(0, Math.min(scroller.contentHeight - scroller.height, place - 100));
        verify(fixture.click(name));
    }

    function test_opensAtItsTop() {
        open({});
        openSettings().contentY = 400;
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("settingsScroller"));
        compare(openSettings().contentY, 0);
    }

    function test_resetAsksFirst() {
        open({});
        test.settings.temperature = 1.5;
        openSettings();
        press("resetSampling");
        tryVerify(() => fixture.find("confirmText"));
        verify(fixture.find("confirmText").text.includes("Temperature"));
        verify(fixture.click("confirmCancel"));
        compare(test.settings.temperature, 1.5);
        tryVerify(() => !fixture.find("confirmText"));
        press("resetSampling");
        verify(fixture.click("confirmDo"));
        compare(test.settings.temperature, 0.7);
    }

    function test_contextBeyondTheModelIsTold() {
        open({ contextSize: 512 });
        compare(fixture.application.running.contextNote, "");
        test.settings.contextSize = 4096;
        tryCompare(fixture.application.running, "contextNote", "first takes at most 512 tokens: those are used.");
    }

    function test_graphicsSettingsNeedAGraphicsDevice() {
        open({});
        openSettings();
        verify(!fixture.find("submissionChoice"));
        fixture.close();
        open({ devices: ["Small Graphics|integrated graphics", "Four Cores|processor"] });
        openSettings();
        verify(fixture.find("submissionChoice"));
    }

    function test_deletesAllAndBringsThemBack() {
        open({});
        for (const text of ["One", "Two"]) {
            fixture.type(text);
            fixture.key(Qt.Key_Return);
            tryCompare(test.chat, "state", ChatController.Idle);
            fixture.key(Qt.Key_N, Qt.ControlModifier);
        }
        const conversations = fixture.application.conversations;
        compare(conversations.count, 2);
        openSettings();
        press("deleteAll");
        tryVerify(() => fixture.find("confirmDo"));
        compare(conversations.count, 2);
        verify(fixture.click("confirmDo"));
        compare(conversations.count, 0);
        conversations.undoRemove();
        compare(conversations.count, 2);
    }

    function test_sizeOfText() {
        open({ width: 600, height: 500 });
        const before = Theme.body;
        fixture.key(Qt.Key_Plus, Qt.ControlModifier);
        compare(test.settings.textSize, 110);
        verify(Theme.body > before);
        for (let i = 0; i < 10; ++i)
            fixture.key(Qt.Key_Plus, Qt.ControlModifier);
        compare(test.settings.textSize, 200);
        compare(Theme.body, 30);
        const send = fixture.find("composer");
        verify(send.mapToItem(null, send.width, send.height).y <= 500);
        fixture.key(Qt.Key_0, Qt.ControlModifier);
        compare(Theme.body, before);
        for (let i = 0; i < 5; ++i)
            fixture.key(Qt.Key_Minus, Qt.ControlModifier);
        compare(test.settings.textSize, 80);
        fixture.key(Qt.Key_0, Qt.ControlModifier);
    }

    function test_systemPromptIsKept() {
        open({});
        openSettings();
        tryVerify(() => fixture.find("systemPrompt"));
        fixture.find("systemPrompt").forceActiveFocus();
        fixture.type("Be brief.");
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("settingsScroller"));
        compare(test.settings.systemPrompt, "Be brief.");
    }

    function test_about() {
        open({});
        openSettings();
        press("openAbout");
        tryVerify(() => fixture.find("aboutVersion"));
        verify(fixture.find("aboutVersion").text.startsWith("Alcove 0."));
        verify(fixture.click("copyVersion"));
        compare(fixture.clipboard(), fixture.find("aboutVersion").text);
        tryVerify(() => fixture.find("modelLicence"));
        verify(fixture.application.about.licenceTexts().includes("Apache License"));
        verify(fixture.application.about.licenceTexts().includes("WordNet 3.0 Copyright"));
        verify(fixture.application.about.components.length > 8);
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("aboutVersion"));
        compare(fixture.focused().objectName, "composerText");
    }

    function test_guideToALargerModel() {
        open({});
        fixture.key(Qt.Key_K, Qt.ControlModifier);
        tryVerify(() => fixture.find("modelGuideLine"));
        verify(fixture.click("modelGuideLine"));
        tryVerify(() => fixture.find("guideFolder"));
        verify(fixture.find("guideFolder").text.startsWith(fixture.application.library.folder));
        verify(fixture.click("copyModelAddress"));
        verify(fixture.clipboard().includes("MobiLlama-05B-Chat"));
        fixture.key(Qt.Key_Escape);
        tryVerify(() => !fixture.find("guideFolder"));
        compare(fixture.focused().objectName, "composerText");
        verify(fixture.click("emptyGuide"));
        tryVerify(() => fixture.find("guideFolder"));
    }
}
