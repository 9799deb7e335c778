import QtQuick
import Alcove.Controls

// A number and what it counts.
Column {
    id: root

    required property string name
    required property int value

    spacing: 2

    AppText {
        text: Number(root.value).toLocaleString(Qt.locale(), "f", 0)
        font.pixelSize: Theme.heading
        font.weight: Font.DemiBold
    }
    AppText {
        text: root.name
        color: Theme.secondary
        font.pixelSize: Theme.small
    }
}
