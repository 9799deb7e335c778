import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Controls

// The sidebar: a new conversation, the conversations by day, settings and help.
FocusScope {
    id: root

    required property ConversationListModel conversations
    required property int openId
    required property SearchModel search
    required property FolderListModel folders

    signal newRequested
    signal openRequested(int conversationId)
    signal foundRequested(int conversationId, int messageId, int foundAt, string foundText)
    signal renameRequested(int conversationId, string title)
    signal exportRequested(int conversationId, string title)
    signal removeRequested(int conversationId)
    signal moveRequested(int conversationId, int folderId)
    signal folderRequested(int folderId, int parentId, string name, string colour)
    signal binRequested
    signal settingsRequested
    signal helpRequested
    signal hideRequested

    function focusSearch() {
        searchField.forceActiveFocus();
        searchField.selectAll();
    }
    // False: there is nothing to leave.
    function leaveSearch(): bool {
        const searching = root.search.active || searchField.activeFocus;
        searchField.clear();
        return searching;
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.sidebar
    }
    Rectangle {
        anchors.right: parent.right
        width: 1
        height: parent.height
        color: Theme.border
    }

    Item {
        id: brand

        width: parent.width
        height: 56

        Mark {
            id: mark

            x: 16
            anchors.verticalCenter: parent.verticalCenter
        }
        AppText {
            anchors.left: mark.right
            anchors.leftMargin: 10
            anchors.verticalCenter: parent.verticalCenter
            text: qsTr("Alcove")
            font.pixelSize: Theme.title
            font.weight: Font.DemiBold
        }
        IconButton {
            objectName: "hideSidebar"
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            iconName: "sidebar"
            iconSize: 20
            text: qsTr("Hide the sidebar (Ctrl+B)")
            onClicked: root.hideRequested()
        }
    }

    SearchField {
        id: searchField

        objectName: "searchField"
        anchors.top: brand.bottom
        x: 12
        width: parent.width - 24
        text: root.search.text
        onTextChanged: root.search.text = text
        onDownRequested: results.goToFirst()
    }

    SearchResults {
        id: results

        anchors.top: searchField.bottom
        anchors.topMargin: 4
        anchors.bottom: foot.top
        x: 12
        width: parent.width - 12
        visible: root.search.active
        search: root.search
        onChosen: (conversationId, messageId, foundAt, foundText) => root.foundRequested(conversationId, messageId, foundAt, foundText)
        onLeftAtTop: searchField.forceActiveFocus()
    }

    ItemDelegate {
        id: fresh

        objectName: "newConversation"
        anchors.top: searchField.bottom
        anchors.topMargin: 8
        visible: !root.search.active
        x: 12
        width: parent.width - 24 - (newFolder.visible ? newFolder.width + 4 : 0)
        height: 40
        hoverEnabled: true
        focusPolicy: Qt.StrongFocus
        text: qsTr("New conversation")
        Accessible.name: fresh.text
        onClicked: root.newRequested()
        Keys.onReturnPressed: fresh.clicked()

        contentItem: Item {
            Icon {
                id: pen

                x: 0
                anchors.verticalCenter: parent.verticalCenter
                icon: "compose"
                color: Theme.accent
            }
            AppText {
                anchors.left: pen.right
                anchors.leftMargin: 10
                anchors.verticalCenter: parent.verticalCenter
                text: fresh.text
                font.weight: Font.Medium
                Accessible.ignored: true
            }
        }
        background: Rectangle {
            radius: Theme.radius
            color: Theme.raised
            border.width: 1
            border.color: fresh.hovered ? Theme.strongBorder : Theme.border

            Rectangle {
                anchors.fill: parent
                radius: parent.radius
                color: fresh.down ? Theme.pressed : "transparent"
            }
            FocusRing {
                visible: fresh.visualFocus
            }
        }
    }

    IconButton {
        id: newFolder

        objectName: "newFolder"
        anchors.right: parent.right
        anchors.rightMargin: 12
        anchors.verticalCenter: fresh.verticalCenter
        visible: !root.search.active && !root.conversations.readOnly
        iconName: "folder-plus"
        text: qsTr("New folder")
        onClicked: root.folderRequested(0, Math.max(0, root.conversations.place), "", "")
    }

    ListView {
        id: list

        readonly property int place: root.conversations.place

        objectName: "conversationList"
        onPlaceChanged: toBeginning.restart()
        visible: !root.search.active
        anchors.top: fresh.bottom
        anchors.topMargin: 8
        anchors.bottom: foot.top
        x: 12
        width: parent.width - 12
        clip: true
        focus: true
        activeFocusOnTab: true
        keyNavigationEnabled: true
        boundsBehavior: Flickable.StopAtBounds
        model: root.conversations
        currentIndex: -1
        spacing: 2
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Conversations")

        // When the rows of the other place are there.
        Timer {
            id: toBeginning

            interval: 0
            onTriggered: list.positionViewAtBeginning()
        }

        function extendSelection(step: int) {
            const next = list.currentIndex + step;
            if (next < 0 || next >= list.count)
                return;
            if (root.conversations.selectedCount === 0)
                root.conversations.select(list.currentIndex, false);
            list.currentIndex = next;
            root.conversations.select(next, true);
        }

        onActiveFocusChanged: {
            if (activeFocus && currentIndex < 0 && count > 0)
                currentIndex = 0;
        }

        header: Column {
            width: list.width - 12

            ItemDelegate {
                id: placeRow

                objectName: "leavePlace"
                width: parent.width
                height: visible ? 38 : 0
                visible: root.conversations.place !== 0
                leftPadding: 8
                text: root.folders.placeName
                Accessible.name: qsTr("Leave “%1”").arg(root.folders.placeName)
                onClicked: root.conversations.place = root.folders.placeAbove
                Keys.onReturnPressed: placeRow.clicked()

                contentItem: Item {
                    Icon {
                        id: backMark

                        anchors.verticalCenter: parent.verticalCenter
                        icon: "chevron-left"
                        size: 18
                    }
                    AppText {
                        anchors.left: backMark.right
                        anchors.leftMargin: 8
                        anchors.right: parent.right
                        anchors.verticalCenter: parent.verticalCenter
                        text: placeRow.text
                        font.weight: Font.DemiBold
                        elide: Text.ElideRight
                        Accessible.ignored: true
                    }
                }
                background: Rectangle {
                    radius: Theme.radius
                    color: placeRow.down ? Theme.pressed : placeRow.hovered ? Theme.hover : "transparent"

                    FocusRing {
                        visible: placeRow.visualFocus
                        distance: 0
                    }
                }
            }
            Repeater {
                model: root.folders

                FolderRow {
                    id: folder

                    required property bool here

                    objectName: "folderRow"
                    width: parent.width
                    height: folder.here ? implicitHeight : 0
                    visible: folder.here
                    readOnly: root.conversations.readOnly
                    onClicked: root.conversations.place = folder.folderId
                    onRenameRequested: root.folderRequested(folder.folderId, 0, folder.name, folder.colour)
                    onInsideRequested: root.folderRequested(0, folder.folderId, "", "")
                    onOutRequested: root.moveRequested(0, folder.folderId)
                    onRemoveRequested: root.folders.remove(folder.folderId)
                }
            }
        }

        section.property: "section"
        section.delegate: AppText {
            required property string section

            height: 36
            leftPadding: 12
            bottomPadding: 6
            verticalAlignment: Text.AlignBottom
            text: section
            color: Theme.secondary
            font.pixelSize: Theme.caption
            font.weight: Font.Medium
            Accessible.role: Accessible.Heading
        }

        delegate: ConversationRow {
            id: row

            width: ListView.view.width - 12
            open: row.conversationId === root.openId
            current: ListView.isCurrentItem && ListView.view.activeFocus
            readOnly: root.conversations.readOnly
            onClicked: root.openRequested(row.conversationId)
            onRenameRequested: root.renameRequested(row.conversationId, row.title)
            onExportRequested: root.exportRequested(row.conversationId, row.title)
            together: row.selected ? root.conversations.selectedCount : 1
            onRemoveRequested: root.removeRequested(row.conversationId)
            onPinRequested: pinned => root.conversations.setPinned(row.conversationId, pinned)
            onArchiveRequested: archived => root.conversations.setArchived(row.conversationId, archived)
            onMoveRequested: root.moveRequested(row.conversationId, 0)
            onSelectRequested: range => root.conversations.select(row.index, range)
        }

        Keys.onPressed: event => {
            const row = list.currentItem as ConversationRow;
            if (event.key === Qt.Key_Left && root.conversations.place !== 0) {
                root.conversations.place = root.folders.placeAbove;
                event.accepted = true;
                return;
            }
            if (!row)
                return;
            if (event.key === Qt.Key_Space && event.modifiers & Qt.ControlModifier)
                root.conversations.select(row.index, false);
            else if ((event.key === Qt.Key_Up || event.key === Qt.Key_Down) && event.modifiers & Qt.ShiftModifier)
                list.extendSelection(event.key === Qt.Key_Up ? -1 : 1);
            else if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space)
                root.openRequested(row.conversationId);
            else if (row.readOnly)
                return;
            else if (event.key === Qt.Key_Delete)
                root.removeRequested(row.conversationId);
            else if (event.key === Qt.Key_F2)
                root.renameRequested(row.conversationId, row.title);
            else if (event.key === Qt.Key_Menu || (event.key === Qt.Key_F10 && event.modifiers & Qt.ShiftModifier))
                row.showMenu();
            else
                return;
            event.accepted = true;
        }

        ScrollBar.vertical: AppScrollBar {}
    }

    AppText {
        anchors.top: list.top
        anchors.topMargin: 24
        x: 24
        width: parent.width - 48
        visible: list.count === 0 && root.conversations.place === 0 && root.folders.count === 0 && !root.search.active
        text: qsTr("Your conversations will be listed here. They are kept on this machine and nowhere else.")
        color: Theme.secondary
        font.pixelSize: Theme.small
        lineHeight: 1.2
        wrapMode: Text.Wrap
    }

    Item {
        id: foot

        anchors.bottom: parent.bottom
        width: parent.width
        height: 56

        AppButton {
            objectName: "openSettings"
            anchors.left: parent.left
            anchors.leftMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            kind: "quiet"
            iconName: "settings"
            text: qsTr("Settings")
            onClicked: root.settingsRequested()
        }
        IconButton {
            id: others

            objectName: "openOthers"
            anchors.right: helper.left
            anchors.verticalCenter: parent.verticalCenter
            iconName: "more"
            iconSize: 20
            text: qsTr("Archive, bin and order")
            onClicked: othersMenu.popup(others, 0, -othersMenu.height - 4)

            AppMenu {
                id: othersMenu

                AppMenuItem {
                    objectName: "openArchive"
                    iconName: "archive"
                    text: qsTr("Archive")
                    onTriggered: root.conversations.place = ConversationListModel.Archive
                }
                AppMenuItem {
                    objectName: "openBin"
                    iconName: "trash"
                    text: qsTr("Bin…")
                    onTriggered: root.binRequested()
                }
                AppMenuItem {
                    objectName: "sortByName"
                    iconName: root.conversations.byName ? "calendar" : "letter"
                    text: root.conversations.byName ? qsTr("Sort by last use") : qsTr("Sort by name")
                    onTriggered: root.conversations.byName = !root.conversations.byName
                }
            }
        }
        IconButton {
            id: helper

            objectName: "openHelp"
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            iconName: "keyboard"
            iconSize: 20
            text: qsTr("Keyboard shortcuts (F1)")
            onClicked: root.helpRequested()
        }
    }
}
