import QtQuick
import QtQuick.Controls.impl

// One of our line icons, tinted.
IconImage {
    id: root

    required property string icon
    property int size: 20

    source: root.icon === "" ? "" : Qt.resolvedUrl("icons/" + root.icon + ".svg")
    sourceSize.width: root.size
    sourceSize.height: root.size
    width: root.size
    height: root.size
    color: Theme.secondary
    Accessible.ignored: true
}
