import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A folder or a file in the picker.
ItemDelegate {
    id: line

    required property int index
    required property string name
    required property string path
    required property bool isFile
    required property string size

    implicitHeight: Theme.control
    leftPadding: 10
    rightPadding: 10
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: line.name
    Accessible.name: line.isFile ? qsTr("%1, %2").arg(line.name).arg(line.size) : qsTr("%1, folder").arg(line.name)
    Accessible.role: Accessible.ListItem

    contentItem: Item {
        Icon {
            id: sign

            anchors.verticalCenter: parent.verticalCenter
            icon: line.isFile ? "file" : "folder"
            color: line.isFile ? Theme.accent : Theme.secondary
        }
        AppText {
            anchors.left: sign.right
            anchors.leftMargin: 10
            anchors.right: tail.left
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            text: line.name
            elide: Text.ElideMiddle
            Accessible.ignored: true
        }
        AppText {
            id: tail

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            text: line.size
            color: Theme.secondary
            font.pixelSize: Theme.small
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: line.down ? Theme.pressed : line.highlighted ? Theme.selected : line.hovered ? Theme.hover : "transparent"
    }
}
