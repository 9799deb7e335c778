import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// What can be done with a message and with the text in it, by a right click or the menu key. One for all messages.
AppMenu {
    id: root

    property MessageDelegate message: null
    property BlockText edit: null  // the text that was clicked; null: none

    signal copyMessageRequested(int index)
    signal forkRequested(real messageId)
    signal deleteRequested(real messageId)

    implicitWidth: 240

    function popupFor(message: MessageDelegate, edit: BlockText, x: real, y: real) {
        root.message = message;
        root.edit = edit;
        root.popup(message, x, y);
    }

    function popupUnder(message: MessageDelegate, button: Item) {
        root.message = message;
        root.edit = null;
        root.popup(button, 0, button.height);
    }

    onClosed: {
        if (root.edit)
            root.edit.forceActiveFocus();
        // A menu that is not shown refers to nothing: messages come and go.
        root.message = null;
        root.edit = null;
    }

    AppMenuItem {
        objectName: "copySelectionItem"
        text: qsTr("Copy")
        keys: qsTr("Ctrl+C")
        enabled: root.edit !== null && root.edit.selectedText !== ""
        onTriggered: root.edit.copy()
    }
    AppMenuItem {
        objectName: "selectAllTextItem"
        text: qsTr("Select all")
        enabled: root.edit !== null
        onTriggered: {
            root.edit.forceActiveFocus();
            root.edit.selectAll();
        }
    }
    MenuSeparator {
        padding: 4
        contentItem: Rectangle {
            implicitHeight: 1
            color: Theme.border
        }
    }
    AppMenuItem {
        objectName: "copyMessageItem"
        iconName: "copy"
        text: qsTr("Copy message")
        enabled: root.message !== null && root.message.hasText
        onTriggered: root.copyMessageRequested(root.message.index)
    }
    AppMenuItem {
        objectName: "editItem"
        iconName: "pencil"
        text: qsTr("Edit")
        visible: root.message !== null && root.message.fromUser && root.message.canSend && root.message.canChange
        height: visible ? implicitHeight : 0
        onTriggered: root.message.editRequested()
    }
    AppMenuItem {
        objectName: "regenerateItem"
        iconName: "regenerate"
        text: qsTr("Regenerate")
        keys: root.message !== null && root.message.isLast ? qsTr("Ctrl+R") : ""
        visible: root.message !== null && !root.message.fromUser && root.message.canRegenerate
        height: visible ? implicitHeight : 0
        onTriggered: root.message.regenerateRequested()
    }
    AppMenuItem {
        objectName: "forkItem"
        iconName: "branch"
        text: qsTr("Branch into new chat")
        visible: root.message !== null && root.message.canChange
        height: visible ? implicitHeight : 0
        onTriggered: root.forkRequested(root.message.messageId)
    }
    AppMenuItem {
        objectName: "deleteMessageItem"
        iconName: "trash"
        text: qsTr("Delete")
        keys: qsTr("Del")
        dangerous: true
        visible: root.message !== null && root.message.canChange
        height: visible ? implicitHeight : 0
        onTriggered: root.deleteRequested(root.message.messageId)
    }
}
