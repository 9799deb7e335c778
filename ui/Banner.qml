import QtQuick
import Alcove.Controls

// A sentence above the conversation that wants to be seen, with at most one thing to do about it.
Rectangle {
    id: root

    required property string severity
    required property string text
    required property string actionText
    property bool dismissable: true

    signal acted
    signal dismissed

    readonly property color ink: root.severity === "error" ? Theme.danger : root.severity === "warning" ? Theme.warning : Theme.accent

    implicitHeight: Math.max(48, words.implicitHeight + 28) + (stacked ? 36 : 0)
    radius: Theme.largeRadius
    color: root.severity === "error" ? Theme.dangerSoft : root.severity === "warning" ? Theme.warningSoft : Theme.accentSoft
    Accessible.role: Accessible.AlertMessage
    Accessible.name: root.text

    readonly property bool stacked: root.width < 480 && root.actionText !== ""

    Icon {
        id: sign

        x: 16
        y: 14
        icon: root.severity === "info" ? "info" : root.severity
        color: root.ink
    }
    AppText {
        id: words

        anchors.left: sign.right
        anchors.leftMargin: 12
        anchors.right: root.stacked || !action.visible ? (closer.visible ? closer.left : parent.right) : action.left
        anchors.rightMargin: 12
        y: Math.max(14, root.stacked ? 14 : (root.height - implicitHeight) / 2)
        text: root.text
        wrapMode: Text.Wrap
        font.pixelSize: Theme.small
        lineHeight: 1.15
    }
    AppButton {
        id: action

        objectName: "noticeAction"
        x: root.stacked ? words.x - 16 : (closer.visible ? closer.x : root.width - 8) - width - 4
        y: root.stacked ? root.height - height - 6 : (root.height - height) / 2
        visible: root.actionText !== ""
        kind: "quiet"
        text: root.actionText
        onClicked: root.acted()
    }
    IconButton {
        id: closer

        objectName: "noticeDismiss"
        anchors.right: parent.right
        anchors.rightMargin: 8
        y: Math.min(8, (root.height - height) / 2)
        implicitWidth: 32
        implicitHeight: 32
        iconSize: 16
        visible: root.dismissable
        iconName: "close"
        text: qsTr("Dismiss")
        onClicked: root.dismissed()
    }
}
