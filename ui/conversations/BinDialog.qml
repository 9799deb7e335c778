import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Controls

// What was deleted: brought back, or erased for good.
AppDialog {
    id: root

    required property BinModel bin

    property bool sure: false

    onAboutToShow: {
        root.sure = false;
        root.bin.refresh();
    }

    title: qsTr("Bin")
    preferredWidth: 520
    height: parent ? Math.min(560, parent.height - 32) : 560

    contentItem: Item {
        AppText {
            id: about

            width: parent.width
            text: root.bin.count === 0 ? qsTr("The bin is empty.") : qsTr("What is in the bin is erased after 30 days, from every file.")
            color: Theme.secondary
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
        }
        ListView {
            id: list

            objectName: "binList"
            anchors.top: about.bottom
            anchors.topMargin: 12
            anchors.bottom: emptier.top
            anchors.bottomMargin: 12
            width: parent.width
            clip: true
            activeFocusOnTab: count > 0
            boundsBehavior: Flickable.StopAtBounds
            model: root.bin
            spacing: 2
            Accessible.role: Accessible.List
            Accessible.name: root.title

            delegate: Item {
                id: row

                required property int index
                required property string name
                required property string kind
                required property string detail

                width: ListView.view.width
                height: 48
                Accessible.role: Accessible.ListItem
                Accessible.name: row.name

                Icon {
                    id: mark

                    anchors.verticalCenter: parent.verticalCenter
                    icon: row.kind === "folder" ? "folder" : row.kind === "branch" ? "copy" : "letter"
                    size: 18
                }
                Column {
                    anchors.left: mark.right
                    anchors.leftMargin: 12
                    anchors.right: back.left
                    anchors.rightMargin: 12
                    anchors.verticalCenter: parent.verticalCenter

                    AppText {
                        width: parent.width
                        text: row.name
                        elide: Text.ElideRight
                        Accessible.ignored: true
                    }
                    AppText {
                        text: row.detail
                        color: Theme.secondary
                        font.pixelSize: Theme.caption
                        Accessible.ignored: true
                    }
                }
                AppButton {
                    id: back

                    objectName: "restoreItem"
                    anchors.right: parent.right
                    anchors.rightMargin: 8
                    anchors.verticalCenter: parent.verticalCenter
                    enabled: !root.bin.busy
                    text: qsTr("Restore")
                    onClicked: root.bin.restore(row.index)
                }
            }
            ScrollBar.vertical: AppScrollBar {}
        }
        AppButton {
            id: emptier

            objectName: "emptyBin"
            anchors.bottom: parent.bottom
            anchors.right: parent.right
            kind: "danger"
            enabled: root.bin.count > 0 && !root.bin.busy
            text: root.bin.busy ? qsTr("Erasing…") : root.sure ? qsTr("Erase for good?") : qsTr("Empty the bin")
            onClicked: {
                if (root.sure)
                    root.bin.empty();
                root.sure = !root.sure;
            }
        }
    }
}
