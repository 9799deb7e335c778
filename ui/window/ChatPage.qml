import QtQuick
import Alcove.Chat
import Alcove.Library
// Qualified, because Qt Quick has an Application of its own.
import Alcove.Window as Alcove
import Alcove.Controls
import Alcove.Ui.Chat
import Alcove.Ui.Library

// The page of one conversation: which checkpoint answers, what was said, and where to write.
FocusScope {
    id: root

    required property Alcove.Application application
    property bool sidebarOpen: true

    signal sidebarRequested
    signal addCheckpointRequested
    signal guideRequested
    signal undoRequested

    readonly property ChatController chat: root.application.chat
    readonly property LibraryController library: root.application.library
    readonly property RunningCheckpoint running: root.application.running
    readonly property DeviceController devices: root.application.devices
    readonly property bool fresh: root.chat.messages.count === 0
    readonly property bool menuOpen: menu.opened

    function focusComposer() {
        composer.focusEditor();
    }
    function takeTyped(text: string) {
        composer.take(text);
    }
    function beginFinding() {
        if (!root.fresh)
            findBar.begin();
    }
    function endFinding() {
        findBar.close();
    }
    function copyLastReply() {
        const text = root.chat.messages.lastReply();
        if (text !== "")
            root.application.copyText(text);
    }
    function openCheckpoints() {
        menu.open();
    }

    Rectangle {
        anchors.fill: parent
        color: Theme.page
    }

    Item {
        id: head

        width: parent.width
        height: 56

        Row {
            id: tools

            x: 12
            anchors.verticalCenter: parent.verticalCenter
            visible: !root.sidebarOpen
            width: visible ? implicitWidth : 0
            spacing: 4

            IconButton {
                objectName: "showSidebar"
                iconName: "sidebar"
                iconSize: 20
                text: qsTr("Show the sidebar (Ctrl+B)")
                onClicked: root.sidebarRequested()
            }
            IconButton {
                objectName: "newFromPage"
                iconName: "compose"
                iconSize: 20
                text: qsTr("New conversation (Ctrl+N)")
                onClicked: {
                    root.chat.newConversation();
                    root.focusComposer();
                }
            }
        }
        CheckpointButton {
            id: chooser

            objectName: "checkpointButton"
            anchors.left: tools.right
            anchors.leftMargin: root.sidebarOpen ? 4 : 8
            anchors.verticalCenter: parent.verticalCenter
            width: Math.min(implicitWidth, head.width - x - 12)
            running: root.running
            checked: menu.opened
            onClicked: menu.opened ? menu.close() : menu.open()
        }
        CheckpointMenu {
            id: menu

            x: chooser.x
            y: head.height - 4
            width: Math.min(implicitWidth, root.width - 24)
            greatestHeight: root.height - head.height
            library: root.library
            running: root.running
            onAddRequested: root.addCheckpointRequested()
            onGuideRequested: root.guideRequested()
            onClosed: root.focusComposer()
        }
    }

    Column {
        id: notices

        anchors.top: head.bottom
        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(Theme.column + 16, parent.width - 32)
        spacing: 8

        Banner {
            objectName: "deviceBanner"
            width: parent.width
            visible: !root.devices.available
            severity: "warning"
            text: root.devices.problem
            actionText: ""
            dismissable: false
        }
        NoticeBar {
            objectName: "noticeBar"
            width: parent.width
            notices: root.application.notices
            onFocusLost: root.focusComposer()
        }
    }

    MessageList {
        id: messages

        anchors.top: findBar.visible ? findBar.bottom : notices.bottom
        anchors.bottom: composer.top
        anchors.bottomMargin: 8
        width: parent.width
        visible: !root.fresh
        chat: root.chat
        continuing: root.library.continuesText
        onCopyRequested: text => root.application.copyText(text)
        onEditingEnded: root.focusComposer()
    }
    FindBar {
        id: findBar

        objectName: "findBar"
        anchors.top: notices.bottom
        anchors.topMargin: 8
        anchors.right: parent.right
        anchors.rightMargin: 16
        width: Math.min(implicitWidth, parent.width - 32)
        find: root.application.find
        onClosed: {
            messages.unmark();
            root.focusComposer();
        }
    }
    Connections {
        target: root.application.find

        function onShown(row: int, text: string, ordinal: int) {
            messages.show(row, text, ordinal);
        }
    }
    EmptyState {
        objectName: "emptyState"
        anchors.top: notices.bottom
        anchors.bottom: composer.top
        width: parent.width
        visible: root.fresh
        library: root.library
        onAddRequested: root.addCheckpointRequested()
        onGuideRequested: root.guideRequested()
        onSuggested: text => {
            root.chat.draft = text;
            root.focusComposer();
        }
    }

    Composer {
        id: composer

        objectName: "composer"
        anchors.bottom: status.top
        anchors.horizontalCenter: parent.horizontalCenter
        width: Math.min(Theme.column + 16, parent.width - 32)
        focus: true
        chat: root.chat
        continuing: root.library.continuesText
        modelName: root.running.loading ? root.running.loadingName : root.running.name
        onSubmitted: {
            messages.scrollToEnd();
            root.chat.submit();
        }
        onUndoRequested: root.undoRequested()
    }
    StatusLine {
        id: status

        objectName: "statusLine"
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 4
        anchors.horizontalCenter: parent.horizontalCenter
        width: composer.width
        chat: root.chat
        running: root.running
        devices: root.devices
    }
}
