import QtQuick
import Alcove.Controls

// ‹ 2/3 › beside a message that has siblings: walks between them.
Row {
    id: root

    required property int siblingIndex
    required property int siblingCount
    property bool reachable: false

    signal stepped(int step)

    spacing: 0
    visible: root.siblingCount > 1
    Accessible.role: Accessible.Grouping
    Accessible.name: qsTr("Version %1 of %2").arg(root.siblingIndex + 1).arg(root.siblingCount)

    IconButton {
        objectName: "previousSibling"
        implicitWidth: 24
        implicitHeight: 32
        iconSize: 16
        activeFocusOnTab: root.reachable || activeFocus
        enabled: root.enabled && root.siblingIndex > 0
        iconName: "chevron-left"
        text: qsTr("Previous version")
        onClicked: root.stepped(-1)
    }
    AppText {
        objectName: "siblingText"
        anchors.verticalCenter: parent.verticalCenter
        text: qsTr("%1/%2").arg(root.siblingIndex + 1).arg(root.siblingCount)
        color: Theme.secondary
        font.pixelSize: Theme.caption
        Accessible.ignored: true
    }
    IconButton {
        objectName: "nextSibling"
        implicitWidth: 24
        implicitHeight: 32
        iconSize: 16
        activeFocusOnTab: root.reachable || activeFocus
        enabled: root.enabled && root.siblingIndex < root.siblingCount - 1
        iconName: "chevron-right"
        text: qsTr("Next version")
        onClicked: root.stepped(1)
    }
}
