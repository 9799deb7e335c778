import QtQuick
import QtQuick.Controls.Basic

ScrollBar {
    id: control

    property bool always: false  // shown as long as there is something to scroll, not only while it is used

    padding: 2
    minimumSize: 0.06

    contentItem: Rectangle {
        implicitWidth: 6
        implicitHeight: 6
        radius: 3
        color: control.pressed ? Theme.secondary : Theme.strongBorder
        opacity: control.size < 1 && (control.always || control.active || control.hovered) ? 1 : 0

        Behavior on opacity {
            NumberAnimation {
                duration: Theme.calm
            }
        }
    }
}
