import QtQuick

// The ring around the control that has the keyboard's focus.
Rectangle {
    id: root

    property int distance: 2
    property int cornerRadius: Theme.radius

    anchors.fill: parent
    anchors.margins: -root.distance
    radius: root.cornerRadius + root.distance
    color: "transparent"
    border.width: 2
    border.color: Theme.accent
}
