import QtQuick
import QtQuick.Controls.Basic

MenuItem {
    id: control

    property string iconName: ""
    property string keys: ""
    property bool dangerous: false

    implicitHeight: Theme.control
    leftPadding: 10
    rightPadding: 10
    opacity: control.enabled ? 1 : 0.45
    Accessible.name: control.text

    contentItem: Item {
        Icon {
            id: icon

            anchors.verticalCenter: parent.verticalCenter
            icon: control.iconName
            size: 18
            color: control.dangerous ? Theme.danger : Theme.secondary
        }
        AppText {
            anchors.verticalCenter: parent.verticalCenter
            x: 28
            text: control.text
            color: control.dangerous ? Theme.danger : Theme.text
            Accessible.ignored: true
        }
        AppText {
            anchors.verticalCenter: parent.verticalCenter
            anchors.right: parent.right
            text: control.keys
            color: Theme.secondary
            font.pixelSize: Theme.caption
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: 6
        color: control.highlighted ? Theme.hover : "transparent"
    }
}
