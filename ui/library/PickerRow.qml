import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A folder, a folder that is a model, or a GGUF file in the picker.
ItemDelegate {
    id: line

    required property int index
    required property string name
    required property string path
    required property bool isModel
    required property bool isFile
    required property string size

    implicitHeight: Theme.control
    leftPadding: 10
    rightPadding: 10
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: line.name
    Accessible.name: line.isModel ? qsTr("%1, model").arg(line.name) : line.name
    Accessible.role: Accessible.ListItem

    contentItem: Item {
        Icon {
            id: sign

            anchors.verticalCenter: parent.verticalCenter
            icon: line.isModel ? "cube" : "folder"
            color: line.isModel ? Theme.accent : Theme.secondary
        }
        AppText {
            id: nameText

            anchors.left: sign.right
            anchors.leftMargin: 10
            anchors.right: tail.left
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            text: line.name
            elide: Text.ElideMiddle
            font.weight: line.isModel ? Font.DemiBold : Font.Normal
            Accessible.ignored: true
        }
        AppText {
            id: tail

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            text: line.isFile ? line.size : line.isModel ? qsTr("model") : ""
            color: Theme.secondary
            font.pixelSize: Theme.small
            Accessible.ignored: true
        }
    }
    AppToolTip {
        visible: line.hovered && nameText.truncated
        text: line.name
    }
    background: Rectangle {
        radius: 6
        color: line.highlighted ? (line.ListView.view && line.ListView.view.activeFocus ? Theme.accentSoft : Theme.selected)
                                : line.down ? Theme.pressed : line.hovered ? Theme.hover : "transparent"
    }
}
