import QtQuick
import Alcove.Controls

// Asks for a conversation's new title.
AppDialog {
    id: root

    property int conversationId: 0

    signal renamed(int conversationId, string title)

    function ask(conversationId: int, title: string) {
        root.conversationId = conversationId;
        field.text = title;
        root.open();
        field.selectAll();
        field.forceActiveFocus();
    }
    function finish() {
        if (field.text.trim() === "")
            return;
        root.renamed(root.conversationId, field.text.trim());
        root.close();
    }

    title: qsTr("Rename the conversation")

    contentItem: Column {
        spacing: 20

        AppTextField {
            id: field

            objectName: "renameField"
            width: parent.width
            focus: true
            maximumLength: 200
            placeholderText: qsTr("Title")
            Accessible.name: qsTr("Title")
            onAccepted: root.finish()
        }
        Row {
            anchors.right: parent.right
            spacing: 8

            AppButton {
                text: qsTr("Cancel")
                onClicked: root.close()
            }
            AppButton {
                objectName: "renameConfirm"
                kind: "primary"
                text: qsTr("Rename")
                enabled: field.text.trim() !== ""
                onClicked: root.finish()
            }
        }
    }
}
