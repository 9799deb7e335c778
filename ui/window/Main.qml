import QtQuick
import QtQuick.Controls.Basic
import Alcove.Chat
// Qualified, because Qt Quick has an Application of its own.
import Alcove.Window as Alcove
import Alcove.Controls
import Alcove.Ui.Conversations
import Alcove.Ui.Library
import Alcove.Ui.Settings
import Alcove.Ui.Transfer

// The window: the conversations at the left, the open one at the right, and every keyboard shortcut.
ApplicationWindow {
    id: window

    required property Alcove.Application application

    readonly property ChatController chat: window.application.chat
    readonly property bool narrow: window.width < Theme.narrowBelow
    readonly property bool sidebarWanted: window.application.windowState.sidebar
    property bool sidebarOverlaid: false
    readonly property bool sidebarOpen: window.narrow ? window.sidebarOverlaid : window.sidebarWanted
    readonly property bool modal: settings.visible || privacy.visible || help.visible || rename.visible || folder.visible || mover.visible || bin.visible
                                  || picker.visible || filePicker.visible || importDialog.visible || about.visible || guide.visible || page.menuOpen

    function toggleSidebar() {
        if (window.narrow)
            window.sidebarOverlaid = !window.sidebarOverlaid;
        else
            window.application.windowState.sidebar = !window.sidebarWanted;
        if (!window.sidebarOpen)
            page.focusComposer();
    }
    // A dialog that has opened another one leaves the focus there.
    function afterDialog() {
        if (!window.modal)
            window.backToComposer();
    }
    function backToComposer() {
        window.sidebarOverlaid = false;
        page.focusComposer();
    }
    function neighbour(step: int) {
        const id = window.application.conversations.neighbour(window.chat.conversationId, step);
        if (id > 0) {
            window.chat.openConversation(id);
            window.backToComposer();
        }
    }
    function searchAll() {
        if (!window.sidebarOpen)
            window.toggleSidebar();
        sidebar.focusSearch();
    }
    function stopOrWrite() {
        if (window.sidebarOpen && sidebar.leaveSearch())
            window.backToComposer();
        else if (window.application.find.open)
            page.endFinding();
        else if (window.chat.busy)
            window.chat.stop();
        else
            window.backToComposer();
    }

    width: 1200
    height: 800
    minimumWidth: 360
    minimumHeight: 360
    visible: true
    title: window.chat.title === "" || !window.application.settings.titleInWindow ? qsTr("Alcove") : qsTr("%1 — Alcove").arg(window.chat.title)
    color: Theme.page
    font.family: Theme.family
    font.pixelSize: Theme.ui
    palette.window: Theme.page
    palette.windowText: Theme.text
    palette.base: Theme.raised
    palette.text: Theme.text
    palette.button: Theme.raised
    palette.buttonText: Theme.text
    palette.highlight: Theme.accent
    palette.highlightedText: Theme.accentInk
    palette.light: Theme.hover
    palette.mid: Theme.border
    palette.dark: Theme.secondary

    Component.onCompleted: page.focusComposer()

    Binding {
        target: Theme
        property: "dark"
        value: window.application.settings.theme === "dark"
               || (window.application.settings.theme === "system" && window.application.settings.systemDark)
    }

    Binding {
        target: Theme
        property: "scale"
        value: window.application.settings.textSize / 100
    }

    FocusScope {
        anchors.fill: parent
        focus: true

        // Text that is typed where nothing takes it is meant for the message field.
        Keys.onPressed: event => {
            const typed = event.text !== "" && event.text >= " " && event.key !== Qt.Key_Delete
                          && !(event.modifiers & (Qt.ControlModifier | Qt.AltModifier | Qt.MetaModifier));
            if (typed && !window.sidebarOverlaid) {
                page.takeTyped(event.text);
                event.accepted = true;
            }
        }

        ChatPage {
            id: page

            x: window.narrow ? 0 : sidebar.x + sidebar.width
            width: parent.width - x
            height: parent.height
            enabled: !(window.narrow && window.sidebarOverlaid)
            focus: true
            application: window.application
            sidebarOpen: window.sidebarOpen && !window.narrow
            onSidebarRequested: window.toggleSidebar()
            onAddCheckpointRequested: picker.ask()
            onGuideRequested: guide.open()
            onUndoRequested: window.application.conversations.undoRemove()
        }

        Rectangle {
            anchors.fill: parent
            visible: opacity > 0
            opacity: window.narrow && window.sidebarOverlaid ? 1 : 0
            color: Theme.scrim

            Behavior on opacity {
                NumberAnimation {
                    duration: Theme.calm
                }
            }

            TapHandler {
                onTapped: window.backToComposer()
            }
            HoverHandler {}
        }

        ConversationList {
            id: sidebar

            objectName: "sidebar"
            x: window.sidebarOpen ? 0 : -width
            width: Theme.sidebarWidth
            height: parent.height
            visible: x > -width
            enabled: window.sidebarOpen
            conversations: window.application.conversations
            openId: window.chat.conversationId
            search: window.application.search
            folders: window.application.folders

            onNewRequested: {
                window.chat.newConversation();
                window.backToComposer();
            }
            onOpenRequested: conversationId => {
                window.chat.openConversation(conversationId);
                window.backToComposer();
            }
            onRenameRequested: (conversationId, title) => rename.ask(conversationId, title)
            onRemoveRequested: conversationId => window.application.conversations.remove(conversationId)
            onExportRequested: (conversationId, title) => filePicker.askForExport([conversationId], title)
            onFoundRequested: (conversationId, messageId, foundAt, foundText) => {
                window.sidebarOverlaid = false;
                if (messageId === 0) {
                    window.chat.openConversation(conversationId);
                    page.focusComposer();
                } else {
                    window.application.find.showFound(conversationId, messageId, foundAt, foundText);
                }
            }
            onMoveRequested: (conversationId, folderId) => mover.ask(conversationId, folderId)
            onFolderRequested: (folderId, parentId, name, colour) => folder.ask(folderId, parentId, name, colour)
            onBinRequested: bin.open()
            onSettingsRequested: settings.open()
            onHelpRequested: help.open()
            onHideRequested: window.toggleSidebar()

            Behavior on x {
                NumberAnimation {
                    duration: Theme.calm
                    easing.type: Easing.OutCubic
                }
            }
        }
    }

    SettingsDialog {
        id: settings

        property AppDialog next: null  // opens once they are closed: two dialogs would take the focus from each other

        function closeFor(dialog: AppDialog) {
            settings.next = dialog;
            settings.close();
        }

        objectName: "settingsDialog"
        settings: window.application.settings
        running: window.application.running
        devices: window.application.devices
        copies: window.application.copies
        conversations: window.application.conversations
        version: window.application.version
        onCopyRequested: text => window.application.copyText(text)
        onOpenFolderRequested: window.application.openDataFolder()
        onAboutRequested: settings.closeFor(about)
        onPrivacyRequested: settings.closeFor(privacy)
        canImport: window.application.transfer.available
        onImportRequested: {
            settings.close();
            filePicker.askForImport();
        }
        onExportRequested: {
            settings.close();
            filePicker.askForExport([], qsTr("Conversations"));
        }
        onClosed: {
            if (settings.next)
                settings.next.open();
            else
                window.afterDialog();
            settings.next = null;
        }
    }
    AboutDialog {
        id: about

        objectName: "aboutDialog"
        about: window.application.about
        running: window.application.running
        onCopyRequested: text => window.application.copyText(text)
        onClosed: window.afterDialog()
    }
    ModelGuide {
        id: guide

        objectName: "modelGuide"
        modelsFolder: window.application.library.folder
        hub: window.application.library.hub
        onCopyRequested: text => window.application.copyText(text)
        onOpenFolderRequested: window.application.library.openFolder()
        onRescanRequested: window.application.library.rescan()
        onClosed: window.afterDialog()
    }
    PrivacyDialog {
        id: privacy

        objectName: "privacyDialog"
        report: window.application.privacy
        dataFolder: window.application.settings.dataFolder
        onClosed: window.afterDialog()
    }
    ShortcutsDialog {
        id: help

        objectName: "shortcutsDialog"
        onClosed: window.afterDialog()
    }
    RenameDialog {
        id: rename

        objectName: "renameDialog"
        onRenamed: (conversationId, title) => window.application.conversations.rename(conversationId, title)
        onClosed: window.afterDialog()
    }
    FolderDialog {
        id: folder

        objectName: "folderDialog"
        onDecided: (folderId, parentId, name, colour) => {
            const folders = window.application.folders;
            const id = folderId > 0 ? folderId : folders.create(name, parentId);
            if (folderId > 0)
                folders.rename(id, name);
            if (id > 0)
                folders.setColour(id, colour);
        }
        onClosed: window.backToComposer()
    }
    MoveDialog {
        id: mover

        objectName: "moveDialog"
        folders: window.application.folders
        onDecided: (conversationId, folderId, target) => {
            if (conversationId > 0)
                window.application.conversations.moveToFolder(conversationId, target);
            else
                window.application.folders.move(folderId, target);
        }
        onClosed: window.backToComposer()
    }
    BinDialog {
        id: bin

        objectName: "binDialog"
        bin: window.application.bin
        onClosed: window.backToComposer()
    }
    ModelPicker {
        id: picker

        objectName: "modelPicker"
        modelsFolder: window.application.library.folder
        onPicked: path => window.application.library.addPath(path)
        onClosed: window.afterDialog()
    }
    FilePicker {
        id: filePicker

        objectName: "filePicker"
        transfer: window.application.transfer
        onChosenToImport: path => importDialog.begin([path])
        onChosenToExport: (ids, format, path) => window.application.transfer.write(ids, format, path)
        onClosed: window.afterDialog()
    }
    ImportDialog {
        id: importDialog

        objectName: "importDialog"
        transfer: window.application.transfer
        onClosed: window.afterDialog()
    }
    DropArea {
        id: drop

        anchors.fill: parent
        enabled: !window.modal
        keys: ["text/uri-list"]
        onDropped: event => {
            const files = event.urls.map(url => url.toString());
            if (window.application.transfer.areChats(files))
                importDialog.begin(files);
            else
                event.urls.forEach(url => window.application.library.add(url));
            event.accept(Qt.CopyAction);
        }

        Rectangle {
            objectName: "dropHint"
            anchors.fill: parent
            visible: drop.containsDrag
            color: Theme.scrim

            Rectangle {
                anchors.centerIn: parent
                width: Math.min(parent.width - 48, dropText.implicitWidth + 48)
                height: dropText.implicitHeight + 40
                radius: Theme.largeRadius
                color: Theme.page
                border.width: 2
                border.color: Theme.accent

                AppText {
                    id: dropText

                    anchors.centerIn: parent
                    width: Math.min(implicitWidth, parent.width - 48)
                    text: qsTr("Drop a model to add it, or exported chats to import them")
                    wrapMode: Text.Wrap
                    horizontalAlignment: Text.AlignHCenter
                }
            }
        }
    }

    Shortcut {
        sequences: ["Ctrl+N"]
        enabled: !window.modal
        onActivated: {
            window.chat.newConversation();
            window.backToComposer();
        }
    }
    Shortcut {
        sequences: ["F2"]
        enabled: !window.modal && window.chat.conversationId > 0 && !window.application.conversations.readOnly
        onActivated: rename.ask(window.chat.conversationId, window.chat.title)
    }
    Shortcut {
        sequences: ["Ctrl+Tab", "Ctrl+PgDown"]
        enabled: !window.modal
        onActivated: window.neighbour(1)
    }
    Shortcut {
        sequences: ["Ctrl+Shift+Tab", "Ctrl+PgUp"]
        enabled: !window.modal
        onActivated: window.neighbour(-1)
    }
    Shortcut {
        sequences: ["Ctrl+Shift+F"]
        enabled: !window.modal
        onActivated: window.searchAll()
    }
    Shortcut {
        sequences: ["Ctrl+F"]
        enabled: !window.modal
        onActivated: page.beginFinding()
    }
    Shortcut {
        sequences: ["Ctrl+L"]
        enabled: !window.modal
        onActivated: window.backToComposer()
    }
    Shortcut {
        sequences: ["Esc"]
        enabled: !window.modal
        onActivated: window.stopOrWrite()
    }
    Shortcut {
        sequences: ["Ctrl+K"]
        enabled: !window.modal
        onActivated: page.openCheckpoints()
    }
    Shortcut {
        sequences: ["Ctrl+R"]
        enabled: !window.modal && window.chat.canRegenerate
        onActivated: window.chat.regenerate()
    }
    Shortcut {
        sequences: ["Ctrl+Shift+C"]
        enabled: !window.modal
        onActivated: page.copyLastReply()
    }
    Shortcut {
        sequences: ["Ctrl+B"]
        enabled: !window.modal
        onActivated: window.toggleSidebar()
    }
    Shortcut {
        sequences: ["Ctrl+Z"]
        enabled: !window.modal
        onActivated: window.application.conversations.undoRemove()
    }
    Shortcut {
        sequences: ["Ctrl+,"]
        enabled: !window.modal
        onActivated: settings.open()
    }
    Shortcut {
        sequences: ["Ctrl++", "Ctrl+="]
        onActivated: window.application.settings.stepTextSize(1)
    }
    Shortcut {
        sequences: ["Ctrl+-"]
        onActivated: window.application.settings.stepTextSize(-1)
    }
    Shortcut {
        sequences: ["Ctrl+0"]
        onActivated: window.application.settings.stepTextSize(0)
    }
    Shortcut {
        sequences: ["F1", "Ctrl+/"]
        enabled: !window.modal
        onActivated: help.open()
    }
    Shortcut {
        sequences: ["Ctrl+Q"]
        onActivated: window.close()
    }
}
