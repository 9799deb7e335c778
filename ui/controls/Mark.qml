import QtQuick

// The program's own picture.
Image {
    id: root

    property int size: 24

    width: root.size
    height: root.size
    sourceSize.width: root.size
    sourceSize.height: root.size
    Accessible.ignored: true
    source: Qt.resolvedUrl("icons/alcove.svg")
}
