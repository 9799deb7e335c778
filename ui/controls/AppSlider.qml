import QtQuick
import QtQuick.Controls.Basic

Slider {
    id: control

    implicitHeight: 28
    focusPolicy: Qt.StrongFocus

    background: Rectangle {
        x: control.leftPadding
        y: control.topPadding + (control.availableHeight - height) / 2
        width: control.availableWidth
        height: 4
        radius: 2
        color: Theme.border

        Rectangle {
            width: control.visualPosition * parent.width
            height: parent.height
            radius: 2
            color: Theme.accent
        }
    }
    handle: Rectangle {
        x: control.leftPadding + control.visualPosition * (control.availableWidth - width)
        y: control.topPadding + (control.availableHeight - height) / 2
        width: 18
        height: 18
        radius: 9
        color: control.pressed ? Theme.accentSoft : Theme.raised
        border.width: 2
        border.color: control.hovered || control.pressed ? Theme.accentHover : Theme.accent

        FocusRing {
            visible: control.visualFocus
            cornerRadius: 9
        }
    }
}
