import QtQuick
import Alcove.Controls

// The state of a reply that is not complete: what the model is doing, or that it was stopped or failed.
Item {
    id: root

    required property string status
    property real readingProgress: 0
    property string errorText: ""
    property bool canRetry: false

    signal retryRequested

    readonly property bool working: root.status === "waiting" || root.status === "reading" || root.status === "writing"
    readonly property bool failed: root.status === "failed"
    readonly property bool ended: root.status === "stopped" || root.status === "interrupted"

    implicitHeight: root.working ? 28 : root.failed ? card.height : root.ended ? 24 : 0
    visible: root.implicitHeight > 0

    Row {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.working
        spacing: 12

        Row {
            id: dots

            anchors.verticalCenter: parent.verticalCenter
            spacing: 5
            Accessible.role: Accessible.Animation
            Accessible.name: qsTr("The model is working")

            Repeater {
                model: 3

                Rectangle {
                    id: dot

                    required property int index

                    width: 6
                    height: 6
                    radius: 3
                    color: Theme.accent

                    SequentialAnimation on opacity {
                        running: root.working && root.visible
                        loops: Animation.Infinite

                        PauseAnimation {
                            duration: dot.index * 160
                        }
                        NumberAnimation {
                            to: 1
                            duration: 320
                            easing.type: Easing.InOutQuad
                        }
                        NumberAnimation {
                            to: 0.3
                            duration: 320
                            easing.type: Easing.InOutQuad
                        }
                        PauseAnimation {
                            duration: (2 - dot.index) * 160 + 200
                        }
                    }
                }
            }
        }
        AppText {
            objectName: "replyStatusText"
            anchors.verticalCenter: parent.verticalCenter
            visible: root.status !== "writing"
            text: root.status === "reading" ? qsTr("Reading… %1 %").arg(Math.round(root.readingProgress * 100))
                                            : qsTr("Waiting for the model…")
            color: Theme.secondary
            font.pixelSize: Theme.small
        }
    }

    Row {
        anchors.verticalCenter: parent.verticalCenter
        visible: root.ended
        spacing: 6

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            icon: root.status === "stopped" ? "stop" : "info"
            size: 15
        }
        AppText {
            anchors.verticalCenter: parent.verticalCenter
            text: root.status === "stopped" ? qsTr("Stopped") : qsTr("Interrupted: Alcove was closed")
            color: Theme.secondary
            font.pixelSize: Theme.small
        }
    }

    Rectangle {
        id: card

        width: parent.width
        height: Math.max(52, words.implicitHeight + 24)
        visible: root.failed
        radius: Theme.largeRadius
        color: Theme.dangerSoft

        Icon {
            id: sign

            x: 16
            anchors.verticalCenter: parent.verticalCenter
            icon: "error"
            color: Theme.danger
        }
        AppText {
            id: words

            objectName: "replyError"
            anchors.left: sign.right
            anchors.leftMargin: 12
            anchors.right: again.left
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            text: root.errorText === "" ? qsTr("The reply failed.") : root.errorText
            wrapMode: Text.Wrap
            font.pixelSize: Theme.small
            Accessible.role: Accessible.AlertMessage
        }
        AppButton {
            id: again

            objectName: "tryAgain"
            anchors.right: parent.right
            anchors.rightMargin: 10
            anchors.verticalCenter: parent.verticalCenter
            width: visible ? implicitWidth : 0
            visible: root.canRetry
            kind: "quiet"
            text: qsTr("Try again")
            onClicked: root.retryRequested()
        }
    }
}
