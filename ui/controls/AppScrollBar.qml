import QtQuick
import QtQuick.Controls.Basic

ScrollBar {
    id: control

    padding: 2
    minimumSize: 0.06

    contentItem: Rectangle {
        implicitWidth: 6
        implicitHeight: 6
        radius: 3
        color: control.pressed ? Theme.secondary : Theme.strongBorder
        opacity: control.size < 1 && (control.active || control.hovered) ? 1 : 0

        Behavior on opacity {
            NumberAnimation {
                duration: Theme.calm
            }
        }
    }
}
