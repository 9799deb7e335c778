import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls
import Alcove.Transfer

// What an import would bring, how far it has come, and what it has brought.
AppDialog {
    id: root

    required property TransferController transfer

    readonly property int step: root.transfer.state
    readonly property bool working: root.step === TransferController.Looking || root.step === TransferController.Adding || root.step === TransferController.Restoring
    readonly property bool nothingNew: root.transfer.messages === 0 && root.transfer.conversations === 0

    function begin(files: var) {
        root.transfer.look(files);
        root.open();
    }

    title: root.step === TransferController.Added ? qsTr("Imported") : qsTr("Import conversations")
    preferredWidth: 520
    closePolicy: root.working ? Popup.NoAutoClose : Popup.CloseOnEscape
    onClosed: root.transfer.cancel()

    Connections {
        function onChanged() {
            if (root.visible && root.step === TransferController.Idle)
                root.close();
        }

        target: root.transfer
    }

    contentItem: Column {
        spacing: 16

        AppText {
            objectName: "importWords"
            width: parent.width
            wrapMode: Text.Wrap
            lineHeight: 1.15
            text: {
                switch (root.step) {
                case TransferController.Looking:
                    return qsTr("Looking through %1…").arg(root.transfer.files);
                case TransferController.Adding:
                    return qsTr("Importing %1…").arg(root.transfer.files);
                case TransferController.Restoring:
                    return qsTr("Restoring %1…").arg(root.transfer.files);
                case TransferController.Failed:
                    return root.transfer.problem;
                case TransferController.Ready:
                    return root.nothingNew ? qsTr("Nothing in %1 is new here.").arg(root.transfer.files)
                                           : qsTr("New in %1:").arg(root.transfer.files);
                default:
                    return qsTr("Added from %1:").arg(root.transfer.files);
                }
            }
        }
        Meter {
            objectName: "importProgress"
            width: parent.width
            visible: root.working
            value: root.transfer.progress
            moving: root.transfer.progress === 0
        }
        Flow {
            width: parent.width
            visible: !root.working && !(root.nothingNew && root.step !== TransferController.Added)
            spacing: 32

            Figure {
                objectName: "importConversations"
                name: qsTr("conversations")
                value: root.transfer.conversations
            }
            Figure {
                name: qsTr("messages")
                value: root.transfer.messages
            }
            Figure {
                name: qsTr("on branches")
                value: root.transfer.branches
            }
            Figure {
                visible: root.transfer.grown > 0
                name: qsTr("have grown")
                value: root.transfer.grown
            }
        }
        AppText {
            width: parent.width
            visible: leftOut.count > 0 && !root.working
            text: qsTr("Left out")
            color: Theme.accent
            font.pixelSize: Theme.small
            font.weight: Font.DemiBold
            Accessible.role: Accessible.Heading
        }
        ListView {
            id: leftOut

            objectName: "importLeftOut"
            width: parent.width
            height: Math.min(contentHeight, 160)
            visible: count > 0 && !root.working
            clip: true
            spacing: 6
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            model: root.transfer.leftOut
            Accessible.role: Accessible.List
            Accessible.name: qsTr("Left out")

            delegate: AppText {
                required property string modelData

                width: ListView.view.width - 12
                text: modelData
                color: Theme.secondary
                font.pixelSize: Theme.small
                wrapMode: Text.Wrap
                textFormat: Text.PlainText
                Accessible.role: Accessible.ListItem
            }

            ScrollBar.vertical: AppScrollBar {}
        }
        Row {
            anchors.right: parent.right
            spacing: 8

            AppButton {
                objectName: "importCancel"
                text: root.working || (root.step === TransferController.Ready && !root.nothingNew) ? qsTr("Cancel") : qsTr("Close")
                onClicked: root.working ? root.transfer.cancel() : root.close()
            }
            AppButton {
                objectName: "importConfirm"
                visible: root.step === TransferController.Ready && !root.nothingNew
                kind: "primary"
                text: qsTr("Import")
                onClicked: root.transfer.importNow()
            }
        }
    }
}
