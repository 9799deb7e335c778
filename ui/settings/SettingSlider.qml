import QtQuick
import Alcove.Controls

// A setting between two bounds, with its value beside it. It does not change `value`: it emits moved().
SettingRow {
    id: root

    required property real value
    property real from: 0
    property real to: 1
    property real step: 0.01
    property string words: root.value.toFixed(2)

    signal moved(real value)

    Row {
        spacing: 12

        AppSlider {
            width: 172
            from: root.from
            to: root.to
            stepSize: root.step
            value: root.value
            Accessible.name: root.title
            onMoved: root.moved(value)
        }
        AppText {
            anchors.verticalCenter: parent.verticalCenter
            width: 40
            horizontalAlignment: Text.AlignRight
            text: root.words
            font.pixelSize: Theme.small
        }
    }
}
