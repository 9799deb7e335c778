import QtQuick
import Alcove.Controls

// A line across between two messages, with what changes there.
Item {
    id: root

    required property string text

    implicitHeight: 44
    Accessible.role: Accessible.Separator
    Accessible.name: label.text

    Rectangle {
        anchors.left: parent.left
        anchors.right: label.left
        anchors.rightMargin: 12
        anchors.verticalCenter: parent.verticalCenter
        height: 1
        color: Theme.border
    }
    AppText {
        id: label

        anchors.centerIn: parent
        width: Math.min(implicitWidth, root.width - 64)
        text: root.text
        elide: Text.ElideMiddle
        color: Theme.secondary
        font.pixelSize: Theme.caption
        Accessible.ignored: true
    }
    Rectangle {
        anchors.left: label.right
        anchors.leftMargin: 12
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        height: 1
        color: Theme.border
    }
}
