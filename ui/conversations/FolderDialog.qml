import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// Asks for a folder's name and colour.
AppDialog {
    id: root

    property int folderId: 0  // 0: a new one
    property int parentId: 0
    property string colour: ""

    signal decided(int folderId, int parentId, string name, string colour)

    function ask(folderId: int, parentId: int, name: string, colour: string) {
        root.folderId = folderId;
        root.parentId = parentId;
        root.colour = colour;
        field.text = name;
        root.open();
        field.selectAll();
        field.forceActiveFocus();
    }
    function finish() {
        if (field.text.trim() === "")
            return;
        root.decided(root.folderId, root.parentId, field.text.trim(), root.colour);
        root.close();
    }

    title: root.folderId === 0 ? qsTr("New folder") : qsTr("Name and colour of the folder")

    contentItem: Column {
        spacing: 20

        AppTextField {
            id: field

            objectName: "folderName"
            width: parent.width
            focus: true
            maximumLength: 100
            placeholderText: qsTr("Name")
            Accessible.name: qsTr("Name")
            onAccepted: root.finish()
        }
        Row {
            spacing: 8

            Repeater {
                model: Theme.folderColours

                AbstractButton {
                    id: swatch

                    required property string modelData

                    implicitWidth: 32
                    implicitHeight: 32
                    focusPolicy: Qt.StrongFocus
                    checked: root.colour === swatch.modelData
                    text: swatch.modelData === "" ? qsTr("No colour") : swatch.modelData
                    Accessible.name: swatch.text
                    Accessible.role: Accessible.RadioButton
                    Accessible.checked: swatch.checked
                    onClicked: root.colour = swatch.modelData

                    contentItem: Item {
                        Icon {
                            anchors.centerIn: parent
                            icon: "folder"
                            color: Theme.folderColour(swatch.modelData)
                        }
                    }
                    background: Rectangle {
                        radius: Theme.radius
                        color: swatch.hovered ? Theme.hover : "transparent"
                        border.width: swatch.checked ? 2 : 1
                        border.color: swatch.checked ? Theme.accent : Theme.border

                        FocusRing {
                            visible: swatch.visualFocus
                        }
                    }
                }
            }
        }
        Row {
            anchors.right: parent.right
            spacing: 8

            AppButton {
                text: qsTr("Cancel")
                onClicked: root.close()
            }
            AppButton {
                objectName: "folderConfirm"
                kind: "primary"
                text: root.folderId === 0 ? qsTr("Create") : qsTr("Save")
                enabled: field.text.trim() !== ""
                onClicked: root.finish()
            }
        }
    }
}
