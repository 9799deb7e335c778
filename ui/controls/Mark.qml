import QtQuick

// The program's own picture.
Image {
    id: root

    property int size: 24

    width: root.size
    height: root.size
    sourceSize: Qt.size(root.size, root.size)
    Accessible.ignored: true
    source: Qt.resolvedUrl("icons/alcove.svg")
}
