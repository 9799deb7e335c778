import QtQuick
import Alcove.Chat
import Alcove.Library
import Alcove.Controls

// The device, its speed, and how much of the context is in use.
Item {
    id: root

    required property ChatController chat
    required property RunningCheckpoint running
    required property DeviceController devices

    // What is being measured, or the device and whether a quantised copy is in use.
    readonly property string deviceText: root.devices.activity !== "" ? root.devices.activity
                                        : root.running.fromCopy ? qsTr("%1 · Q4_0 copy").arg(root.running.deviceName)
                                        : root.running.deviceName
    // Of the reply that is being made; a finished one says its own.
    readonly property bool writing: root.chat.state === ChatController.Writing && root.chat.tokensPerSecond > 0
    readonly property string contextText: qsTr("%L1 of %L2 tokens").arg(root.chat.contextUsed).arg(root.chat.contextSize)
    readonly property real share: root.chat.contextSize > 0 ? root.chat.contextUsed / root.chat.contextSize : 0

    implicitHeight: Theme.grown(28)
    Accessible.role: Accessible.StatusBar
    Accessible.name: {
        const parts = [qsTr("Device: %1").arg(root.deviceText), qsTr("Context: %1").arg(root.contextText)];
        if (root.writing)
            parts.push(qsTr("%1 tokens per second").arg(root.chat.tokensPerSecond.toFixed(1)));
        return parts.join(", ");
    }

    Row {
        id: device

        anchors.left: parent.left
        anchors.leftMargin: 8
        anchors.verticalCenter: parent.verticalCenter
        spacing: 6
        visible: root.devices.available && root.deviceText !== ""

        Icon {
            anchors.verticalCenter: parent.verticalCenter
            icon: "chip"
            size: 15
        }
        AppText {
            objectName: "deviceName"
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, root.width - figures.width - 53)
            text: root.deviceText
            elide: Text.ElideRight
            color: Theme.secondary
            font.pixelSize: Theme.caption
        }

        HoverHandler {
            id: overDevice
        }
        AppToolTip {
            visible: overDevice.hovered && root.devices.activity === "" && root.running.deviceDetail !== ""
            text: root.running.deviceDetail
        }
    }

    Row {
        id: figures

        anchors.right: parent.right
        anchors.rightMargin: 8
        anchors.verticalCenter: parent.verticalCenter
        spacing: 16

        AppText {
            objectName: "speed"
            anchors.verticalCenter: parent.verticalCenter
            visible: root.writing && root.width >= 520
            text: qsTr("%1 tokens/s").arg(root.chat.tokensPerSecond.toFixed(1))
            color: Theme.secondary
            font.pixelSize: Theme.caption
        }
        Row {
            spacing: 8
            visible: root.chat.contextSize > 0

            AppText {
                objectName: "context"
                anchors.verticalCenter: parent.verticalCenter
                text: root.contextText
                color: Theme.secondary
                font.pixelSize: Theme.caption
            }
            Meter {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.width >= 420
                value: root.share
                ink: root.share > 0.9 ? Theme.warning : Theme.accent
            }

            HoverHandler {
                id: overContext
            }
            AppToolTip {
                visible: overContext.hovered
                text: qsTr("Context: %1 used. When it is full, the oldest messages are left out.").arg(root.contextText)
            }
        }
    }
}
