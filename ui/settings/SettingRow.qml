import QtQuick
import Alcove.Controls

// A setting: its name and what it does at the left, its control at the right (or below where there is little room).
Item {
    id: root

    required property string title
    property string explanation: ""
    default property alias control: slot.data

    readonly property bool stacked: root.width < 440

    width: parent ? parent.width : 0
    implicitHeight: (root.stacked ? words.height + 8 + slot.height : Math.max(words.height, slot.height)) + 24

    Column {
        id: words

        y: root.stacked ? 12 : (root.height - height) / 2
        width: root.stacked ? parent.width : parent.width - slot.width - 24
        spacing: 4

        AppText {
            width: parent.width
            text: root.title
            font.weight: Font.Medium
            wrapMode: Text.Wrap
        }
        AppText {
            width: parent.width
            visible: text !== ""
            text: root.explanation
            color: Theme.secondary
            font.pixelSize: Theme.small
            lineHeight: 1.15
            wrapMode: Text.Wrap
        }
    }
    Item {
        id: slot

        x: root.stacked ? 0 : root.width - width
        y: root.stacked ? words.y + words.height + 8 : (root.height - height) / 2
        width: childrenRect.width
        height: childrenRect.height
    }
}
