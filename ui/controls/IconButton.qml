import QtQuick
import QtQuick.Controls.Basic

// A square button with an icon alone; its text is the tooltip and what a screen reader says.
AbstractButton {
    id: control

    required property string iconName
    property int iconSize: 18
    property color tint: control.hovered || control.down ? Theme.text : Theme.secondary
    property string hint: control.text
    property bool floating: false

    implicitWidth: Theme.control
    implicitHeight: Theme.control
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    opacity: control.enabled ? 1 : 0.4
    Accessible.name: control.text

    Keys.onReturnPressed: control.clicked()
    Keys.onEnterPressed: control.clicked()

    contentItem: Item {
        Icon {
            anchors.centerIn: parent
            icon: control.iconName
            size: control.iconSize
            color: control.tint
        }
    }
    background: Rectangle {
        radius: control.floating ? height / 2 : Theme.radius
        color: control.floating ? Theme.raised : "transparent"
        border.width: control.floating ? 1 : 0
        border.color: Theme.strongBorder

        Rectangle {
            anchors.fill: parent
            radius: parent.radius
            color: control.down ? Theme.pressed : control.hovered || control.checked ? Theme.hover : "transparent"

            Behavior on color {
                ColorAnimation {
                    duration: Theme.quick
                }
            }
        }
        FocusRing {
            visible: control.visualFocus
            distance: 0
            cornerRadius: parent.radius
        }
    }

    Loader {
        active: control.hovered && control.hint !== ""
        sourceComponent: AppToolTip {
            parent: control
            visible: control.hovered && !control.down
            text: control.hint
        }
    }
}
