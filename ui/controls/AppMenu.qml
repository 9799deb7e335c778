import QtQuick
import QtQuick.Controls.Basic

Menu {
    id: control

    padding: 4
    implicitWidth: 200

    delegate: AppMenuItem {}
    background: Rectangle {
        radius: 10
        color: Theme.raised
        border.width: 1
        border.color: Theme.border
    }
}
