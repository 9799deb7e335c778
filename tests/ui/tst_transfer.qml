import QtQuick
import QtTest
import Alcove.Test
import Alcove.Transfer

// Importing with a preview, and exporting.
TestCase {
    id: test

    name: "Transfer"

    WindowFixture {
        id: fixture
    }

    readonly property var transfer: fixture.application ? fixture.application.transfer : null
    readonly property string samples: Qt.resolvedUrl("../fixtures/imports").toString().replace("file://", "")

    function init() {
        failOnWarning(/TypeError|ReferenceError|Binding loop|polish/);
        verify(fixture.open({ checkpoints: ["first"] }));
        tryVerify(() => fixture.application.running.name !== "");
    }
    function cleanup() {
        fixture.close();
    }
    function go(folder) {
        verify(fixture.click("filePickerAddress"));
        fixture.key(Qt.Key_A, Qt.ControlModifier);
        fixture.type(folder);
        fixture.key(Qt.Key_Return);
    }
    function openPicker(button) {
        fixture.key(Qt.Key_Comma, Qt.ControlModifier);
        tryVerify(() => fixture.find(button));
        fixture.find(button).clicked();  // below what is seen of the settings
        tryVerify(() => fixture.find("filePickerList"));
        tryVerify(() => !fixture.find(button));
        compare(fixture.focused().objectName, "filePickerList");  // it stays there when the settings have gone
    }

    function test_importsAfterAPreview() {
        openPicker("importChats");
        go(test.samples + "/lm-studio");
        tryVerify(() => fixture.find("filePickerList").count === 2);
        verify(fixture.click("filePickerImport"));
        tryCompare(test.transfer, "state", TransferController.Ready);
        tryVerify(() => fixture.find("importConversations"));
        compare(fixture.find("importConversations").value, 2);
        compare(fixture.application.conversations.count, 0);
        verify(fixture.click("importConfirm"));
        tryCompare(test.transfer, "state", TransferController.Added);
        compare(fixture.application.conversations.count, 2);
        verify(!fixture.find("importConfirm"));
        verify(fixture.click("importCancel"));
        tryCompare(test.transfer, "state", TransferController.Idle);

        // The second time there is nothing to add.
        openPicker("importChats");
        verify(fixture.click("filePickerImport"));
        tryCompare(test.transfer, "state", TransferController.Ready);
        compare(test.transfer.messages, 0);
        verify(!fixture.find("importConfirm"));
        verify(!fixture.find("importConversations"));
        verify(fixture.click("importCancel"));
    }

    function test_thoughtsAreFolded() {
        test.transfer.look([test.samples + "/lm-studio"]);
        tryCompare(test.transfer, "state", TransferController.Ready);
        test.transfer.importNow();
        tryCompare(test.transfer, "state", TransferController.Added);
        fixture.application.chat.openConversation(2);
        tryVerify(() => fixture.find("thoughts"));
        verify(!fixture.shows("It depends."));
        verify(fixture.click("thoughts"));
        tryVerify(() => fixture.find("thoughtsText"));
        verify(fixture.click("thoughts"));
        tryVerify(() => !fixture.find("thoughtsText"));
    }

    function test_whatIsLeftOutIsSaid() {
        test.transfer.look([test.samples + "/chatgpt-cut.json"]);
        tryCompare(test.transfer, "state", TransferController.Ready);
        compare(test.transfer.conversations, 1);
        compare(test.transfer.leftOut.length, 2);
        verify(test.transfer.leftOut[1].startsWith("chatgpt-cut.json, line 59"));
        test.transfer.cancel();
        compare(test.transfer.state, TransferController.Idle);
        test.transfer.look([test.samples + "/none"]);
        tryCompare(test.transfer, "state", TransferController.Failed);
        verify(test.transfer.problem.startsWith("There is no file"));
    }

    function test_exportsAndTakesBackUps() {
        fixture.type("Hello");
        fixture.key(Qt.Key_Return);
        tryCompare(fixture.application.conversations, "count", 1);
        const folder = fixture.modelFolder("exports");
        openPicker("exportChats");
        go(folder);
        tryVerify(() => fixture.find("filePickerList").count === 1);
        verify(fixture.click("filePickerExport"));
        tryVerify(() => fixture.shows("Exported to " + folder + "/Conversations.md."));
        compare(test.transfer.freePath(folder, "Conversations", TransferController.Markdown), folder + "/Conversations (2).md");
        const backup = test.transfer.freePath(folder, "a/b", TransferController.Backup);
        compare(backup, folder + "/a-b.alcove-backup");
        test.transfer.write([], TransferController.Backup, backup);
        tryVerify(() => fixture.shows("The backup is " + backup + "."));
        verify(test.transfer.areChats([backup, "file:///x/y.ZIP"]));
        verify(!test.transfer.areChats([backup, "/x/model.gguf"]));
        test.transfer.look([backup]);
        tryCompare(test.transfer, "state", TransferController.Added);
        compare(test.transfer.messages, 0);
        compare(fixture.application.conversations.count, 1);
    }
}
