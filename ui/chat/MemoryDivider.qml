import QtQuick
import Alcove.Controls

// Marks where the model's memory begins: what stands above no longer fits into its context.
Item {
    id: root

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
        text: qsTr("Earlier messages are no longer in context")
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
