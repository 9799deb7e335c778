import QtQuick

// A thin bar from 0 to 1; `moving` shows that something goes on whose end is not known.
Rectangle {
    id: root

    property real value: 0
    property color ink: Theme.accent
    property bool moving: false

    implicitWidth: 72
    implicitHeight: 4
    radius: height / 2
    color: Theme.border
    clip: true
    Accessible.role: Accessible.ProgressBar
    Accessible.name: qsTr("%1 percent").arg(Math.round(root.value * 100))

    Rectangle {
        id: fill

        width: root.moving ? parent.width * 0.3 : parent.width * Math.max(0, Math.min(1, root.value))
        height: parent.height
        radius: parent.radius
        color: root.ink

        NumberAnimation on x {
            running: root.moving && root.visible
            from: -fill.width
            to: root.width
            duration: 1200
            loops: Animation.Infinite
            onRunningChanged: {
                if (!running)
                    fill.x = 0;
            }
        }
    }
}
