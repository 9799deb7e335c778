import QtQuick
import QtQuick.Controls.Basic
import Alcove.Library
import Alcove.Controls

// Names the checkpoint that answers, or shows how far the next one is; opens the menu.
AbstractButton {
    id: root

    required property RunningCheckpoint running

    readonly property string label: root.running.loading ? root.running.loadingName
                                    : root.running.name !== "" ? root.running.name
                                    : qsTr("Choose a model")

    implicitHeight: 40
    implicitWidth: Math.ceil(Math.min(name.implicitWidth + percent.implicitWidth + arrow.width + 24, 360))
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    text: root.label
    Accessible.name: root.running.loading ? qsTr("Loading %1, %2 percent").arg(root.label).arg(Math.round(root.running.loadProgress * 100))
                                              : qsTr("Checkpoint: %1").arg(root.label)
    Accessible.role: Accessible.ButtonMenu
    Keys.onReturnPressed: root.clicked()
    Keys.onDownPressed: root.clicked()

    contentItem: Item {
        AppText {
            id: name

            anchors.left: parent.left
            anchors.right: percent.left
            anchors.verticalCenter: parent.verticalCenter
            text: root.label
            elide: Text.ElideMiddle
            font.pixelSize: Theme.title
            font.weight: Font.DemiBold
            color: root.running.loading ? Theme.secondary : Theme.text
            Accessible.ignored: true
        }
        AppText {
            id: percent

            objectName: "loadPercent"
            anchors.right: arrow.left
            anchors.verticalCenter: parent.verticalCenter
            leftPadding: text === "" ? 0 : 8
            rightPadding: 8
            text: root.running.loading ? qsTr("%1 %").arg(Math.round(root.running.loadProgress * 100)) : ""
            color: Theme.secondary
            font.pixelSize: Theme.small
            Accessible.ignored: true
        }
        Icon {
            id: arrow

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            icon: "chevron-down"
            size: 18
        }
    }
    leftPadding: 12
    rightPadding: 12

    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : root.hovered || root.checked ? Theme.hover : "transparent"

        Meter {
            anchors.left: parent.left
            anchors.leftMargin: 12
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.bottom: parent.bottom
            height: 3
            visible: root.running.loading
            value: root.running.loadProgress
            Accessible.ignored: true
        }
        FocusRing {
            visible: root.visualFocus
            distance: 0
        }
    }
    AppToolTip {
        visible: root.hovered && !root.checked && text !== ""
        text: {
            const lines = name.truncated ? [root.label] : [];
            if (root.running.detail !== "" && !root.running.loading)
                lines.push(root.running.detail);
            return lines.join("\n");
        }
    }
}
