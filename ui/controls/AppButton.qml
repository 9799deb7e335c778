import QtQuick
import QtQuick.Controls.Basic

// A labelled button. `kind`: "primary" (one per place), "secondary" (outlined), "quiet" (no frame), "danger".
AbstractButton {
    id: control

    property string kind: "secondary"
    property string iconName: ""

    readonly property bool filled: control.kind === "primary"
    readonly property color ink: control.filled ? Theme.accentInk : control.kind === "danger" ? Theme.danger : Theme.text

    implicitHeight: Theme.control
    implicitWidth: row.implicitWidth + leftPadding + rightPadding
    leftPadding: control.iconName === "" ? 16 : 12
    rightPadding: 16
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    opacity: control.enabled ? 1 : 0.45
    Accessible.name: control.text

    Keys.onReturnPressed: control.clicked()
    Keys.onEnterPressed: control.clicked()

    contentItem: Item {
        Row {
            id: row

            anchors.centerIn: parent
            spacing: 8

            Icon {
                visible: control.iconName !== ""
                anchors.verticalCenter: parent.verticalCenter
                icon: control.iconName
                size: 18
                color: control.ink
            }
            AppText {
                anchors.verticalCenter: parent.verticalCenter
                text: control.text
                color: control.ink
                font.weight: Font.Medium
                Accessible.ignored: true
            }
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: control.filled ? (control.down ? Theme.accentPressed : control.hovered ? Theme.accentHover : Theme.accent)
                              : control.kind === "secondary" ? Theme.raised : "transparent"
        border.width: control.kind === "secondary" || control.kind === "danger" ? 1 : 0
        border.color: control.hovered ? Theme.strongBorder : Theme.border

        Rectangle {
            anchors.fill: parent
            radius: parent.radius
            visible: !control.filled
            color: control.down ? Theme.pressed : control.hovered ? Theme.hover : "transparent"
        }
        FocusRing {
            visible: control.visualFocus
        }
    }
}
