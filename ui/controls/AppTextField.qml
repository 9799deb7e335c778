import QtQuick
import QtQuick.Controls.Basic

TextField {
    id: control

    implicitHeight: 40
    leftPadding: 12
    rightPadding: 12
    color: Theme.text
    placeholderTextColor: Theme.secondary
    selectionColor: Theme.selection
    selectedTextColor: Theme.text
    selectByMouse: true
    font.family: Theme.family
    font.pixelSize: Theme.ui

    background: Rectangle {
        radius: Theme.radius
        color: Theme.raised
        border.width: control.activeFocus ? 2 : 1
        border.color: control.activeFocus ? Theme.accent : control.hovered ? Theme.strongBorder : Theme.border
    }
}
