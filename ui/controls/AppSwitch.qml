import QtQuick
import QtQuick.Controls.Basic

// On or off. It does not change `on`: it emits chosen().
AbstractButton {
    id: control

    required property bool on

    signal chosen(bool on)

    implicitWidth: 44
    implicitHeight: 24
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    opacity: control.enabled ? 1 : 0.45
    Accessible.role: Accessible.CheckBox
    Accessible.name: control.text
    Accessible.checkable: true
    Accessible.checked: control.on
    onClicked: control.chosen(!control.on)
    Keys.onReturnPressed: control.clicked()
    Keys.onEnterPressed: control.clicked()

    background: Rectangle {
        radius: height / 2
        color: control.on ? (control.hovered ? Theme.accentHover : Theme.accent) : control.hovered ? Theme.pressed : Theme.hover
        border.width: control.on ? 0 : 1
        border.color: Theme.strongBorder

        Rectangle {
            x: control.on ? parent.width - width - 4 : 4
            y: 4
            width: 16
            height: 16
            radius: 8
            color: control.on ? Theme.accentInk : Theme.secondary

            Behavior on x {
                NumberAnimation {
                    duration: Theme.quick
                }
            }
        }
        FocusRing {
            visible: control.visualFocus
            cornerRadius: 12
        }
    }
    contentItem: Item {}
}
