import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A folder that something can be moved to, as far to the right as it is deep.
ItemDelegate {
    id: root

    required property int folderId
    required property string name
    required property string colour
    required property int depth
    property bool current: false

    implicitHeight: 36
    leftPadding: 12 + 20 * root.depth
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    opacity: root.enabled ? 1 : 0.45
    text: root.name
    Accessible.name: root.name
    Accessible.role: Accessible.ListItem

    contentItem: Item {
        Icon {
            id: mark

            anchors.verticalCenter: parent.verticalCenter
            icon: "folder"
            size: 18
            color: Theme.folderColour(root.colour)
        }
        AppText {
            anchors.left: mark.right
            anchors.leftMargin: 10
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            text: root.name
            elide: Text.ElideRight
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            visible: root.current
            distance: 0
        }
    }
}
