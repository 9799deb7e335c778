import QtQuick
import Alcove.Controls

// The state of a reply that is not complete: what the model is doing, or that it was stopped, cut off or failed.
Item {
    id: root

    required property string status
    property real readingProgress: 0
    property string errorText: ""
    property bool canRetry: false
    property bool canContinue: false
    property string cutOff: ""  // why a whole reply ends early: "maxTokens", "contextFull"
    property bool isLast: false

    signal retryRequested
    signal continueRequested

    readonly property bool working: root.status === "waiting" || root.status === "reading" || root.status === "writing"
    readonly property bool failed: root.status === "failed"
    readonly property bool ended: root.status === "stopped" || root.status === "interrupted" || root.cutOff !== ""
    // What ended it and, where it matters still, what to change.
    readonly property string endText: {
        switch (root.status === "complete" ? root.cutOff : root.status) {
        case "stopped":
            return qsTr("Stopped");
        case "interrupted":
            return qsTr("Interrupted: Alcove was closed");
        case "maxTokens":
            return root.isLast ? qsTr("Stopped at the maximum reply length, which the settings can raise")
                               : qsTr("Stopped at the maximum reply length");
        case "contextFull":
            return root.isLast ? qsTr("Stopped because the context is full. Raise the context size in the settings, or begin a new conversation.")
                               : qsTr("Stopped because the context was full");
        }
        return "";
    }

    implicitHeight: root.working ? 28 : root.failed ? card.height : root.ended ? ending.height : 0
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

    Item {
        id: ending

        width: parent.width
        height: Math.max(goOn.visible ? 32 : 24, endWords.height + 6)
        visible: root.ended && !root.working && !root.failed

        Icon {
            y: goOn.visible ? 9 : 5
            icon: root.status === "stopped" ? "stop" : "info"
            size: 15
        }
        AppText {
            id: endWords

            objectName: "replyEnd"
            x: 21
            width: Math.min(implicitWidth, parent.width - x - (goOn.visible ? goOn.width + 4 : 0))
            anchors.verticalCenter: parent.verticalCenter
            text: root.endText
            wrapMode: Text.Wrap
            color: Theme.secondary
            font.pixelSize: Theme.small
        }
        AppButton {
            id: goOn

            objectName: "continueStopped"
            x: endWords.x + endWords.width + 4
            anchors.verticalCenter: parent.verticalCenter
            visible: root.canContinue
            implicitHeight: 32
            kind: "quiet"
            text: qsTr("Continue")
            onClicked: root.continueRequested()
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
            anchors.right: on.left
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            text: root.errorText === "" ? qsTr("The reply failed.") : root.errorText
            wrapMode: Text.Wrap
            font.pixelSize: Theme.small
            Accessible.role: Accessible.AlertMessage
        }
        AppButton {
            id: on

            objectName: "continueFailed"
            anchors.right: again.left
            anchors.verticalCenter: parent.verticalCenter
            width: visible ? implicitWidth : 0
            visible: root.canContinue
            kind: "quiet"
            text: qsTr("Continue")
            onClicked: root.continueRequested()
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
