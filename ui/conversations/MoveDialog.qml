import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Controls

// Asks for the folder that conversations, or a folder, are moved to.
AppDialog {
    id: root

    required property FolderListModel folders
    property int conversationId: 0  // or else …
    property int folderId: 0

    signal decided(int conversationId, int folderId, int target)

    function ask(conversationId: int, folderId: int) {
        root.conversationId = conversationId;
        root.folderId = folderId;
        root.open();
        list.currentIndex = -1;
        top.forceActiveFocus();
    }
    function decide(target: int) {
        root.decided(root.conversationId, root.folderId, target);
        root.close();
    }

    title: qsTr("Move to a folder")
    preferredWidth: 400
    height: parent ? Math.min(480, parent.height - 32) : 480

    contentItem: Column {
        spacing: 4

        MoveTarget {
            id: top

            objectName: "moveToTop"
            width: parent.width
            folderId: 0
            name: qsTr("No folder")
            colour: ""
            depth: 0
            current: top.activeFocus
            onClicked: root.decide(0)
            Keys.onReturnPressed: root.decide(0)
            Keys.onDownPressed: {
                list.currentIndex = 0;
                list.forceActiveFocus(Qt.TabFocusReason);
            }
        }
        ListView {
            id: list

            objectName: "moveTargets"
            width: parent.width
            height: parent.height - top.height - maker.height - 12
            clip: true
            activeFocusOnTab: count > 0
            boundsBehavior: Flickable.StopAtBounds
            model: root.folders
            Accessible.role: Accessible.List
            Accessible.name: root.title

            Keys.onReturnPressed: {
                const row = list.currentItem as MoveTarget;
                if (row)
                    root.decide(row.folderId);
            }

            delegate: MoveTarget {
                id: target

                width: ListView.view.width
                current: ListView.isCurrentItem && ListView.view.activeFocus
                enabled: target.folderId !== root.folderId
                onClicked: root.decide(target.folderId)
            }
            ScrollBar.vertical: AppScrollBar {}
        }
        Row {
            id: maker

            width: parent.width
            spacing: 8

            AppTextField {
                id: field

                objectName: "newTarget"
                width: parent.width - make.width - 8
                maximumLength: 100
                placeholderText: qsTr("New folder")
                Accessible.name: placeholderText
                onAccepted: make.clicked()
            }
            AppButton {
                id: make

                objectName: "makeTarget"
                height: field.height
                text: qsTr("Create and move")
                enabled: field.text.trim() !== ""
                onClicked: {
                    const id = root.folders.create(field.text, 0);
                    field.clear();
                    if (id > 0)
                        root.decide(id);
                }
            }
        }
    }
}
