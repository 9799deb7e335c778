import QtQuick
import Alcove.Controls

// A notice above the conversation, with up to two buttons.
Rectangle {
    id: root

    required property string severity
    required property string text
    required property string actionText
    property string otherText: ""
    property real progress: -1  // 0 to 1; negative: there is none to show
    property bool dismissable: true

    signal acted
    signal actedOtherwise
    signal dismissed

    readonly property color ink: root.severity === "error" ? Theme.danger : root.severity === "warning" ? Theme.warning : Theme.accent
    readonly property bool focusInside: action.activeFocus || other.activeFocus || closer.activeFocus
    readonly property bool stacked: root.actionText !== "" && root.width < (root.otherText === "" ? 480 : 600)

    implicitHeight: Math.max(48, words.height + 28) + (root.stacked ? action.kind === "quiet" ? 36 : 44 : 0)
    radius: Theme.largeRadius
    color: root.severity === "error" ? Theme.dangerSoft : root.severity === "warning" ? Theme.warningSoft : Theme.accentSoft
    Accessible.role: Accessible.AlertMessage
    Accessible.name: root.text

    Icon {
        id: sign

        x: 16
        y: 14
        icon: root.severity === "info" ? "info" : root.severity
        color: root.ink
    }
    Column {
        id: words

        anchors.left: sign.right
        anchors.leftMargin: 12
        anchors.right: root.stacked || root.actionText === "" ? (closer.visible ? closer.left : parent.right) : buttons.left
        anchors.rightMargin: 12
        y: Math.max(14, root.stacked ? 14 : (root.height - height) / 2)
        spacing: 8

        AppText {
            width: parent.width
            text: root.text
            wrapMode: Text.Wrap
            font.pixelSize: Theme.small
            lineHeight: 1.15
        }
        Meter {
            objectName: "noticeProgress"
            width: parent.width
            visible: root.progress >= 0
            value: root.progress
            ink: root.ink
        }
    }
    Row {
        id: buttons

        x: root.stacked ? words.x - (action.kind === "quiet" ? 16 : 0) : (closer.visible ? closer.x : root.width - 8) - width - 4
        y: root.stacked ? root.height - height - (action.kind === "quiet" ? 6 : 10) : (root.height - height) / 2
        spacing: 4

        AppButton {
            id: action

            objectName: "noticeAction"
            visible: root.actionText !== ""
            kind: root.otherText === "" ? "quiet" : "secondary"
            text: root.actionText
            onClicked: root.acted()
        }
        AppButton {
            id: other

            objectName: "noticeOther"
            visible: root.otherText !== ""
            kind: "quiet"
            text: root.otherText
            onClicked: root.actedOtherwise()
        }
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
