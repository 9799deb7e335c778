import QtQuick
import QtQuick.Controls.Basic
import Alcove.Chat
import Alcove.Controls

// The conversation. It stays at the newest line while a reply grows, until the reader scrolls up.
FocusScope {
    id: root

    required property ChatController chat
    property bool continuing: false  // messages and replies are one text: a base model goes on with it
    property bool sticking: true
    property real editedId: 0  // of the message that is being written anew; 0: none is
    // The message that the keyboard has come to; a ListView's own current item would be scrolled to when it changes.
    property int walked: -1
    property bool byKeyboard: false  // the walked message is what the keyboard acts on

    signal copyRequested(string text)
    signal editingEnded

    function scrollToEnd() {
        list.cancelFlick();
        root.sticking = true;
        list.positionViewAtEnd();
    }
    function endEditing() {
        root.editedId = 0;
        root.editingEnded();
    }
    // Here, because the delegate that asks for it may be gone before it ends.
    function sendEdited(messageId: real, text: string) {
        root.sticking = true;
        if (root.chat.editMessage(messageId, text))
            root.endEditing();
    }
    function showSibling(message: MessageDelegate, step: int) {
        root.sticking = false;
        const index = message.index;
        root.chat.showSibling(message.messageId, step);
        if (root.byKeyboard)
            root.walked = index;
        list.positionViewAtIndex(index, ListView.Contain);
    }
    // Brings a message into view, and in it what was looked for (see FindController).
    function show(row: int, text: string, ordinal: int) {
        root.sticking = false;
        settle.stop();
        root.walked = row;
        revealer.show(row, text, ordinal);
    }
    function unmark() {
        revealer.clear();
    }
    function scrollBy(distance: real) {
        const top = list.originY - list.topMargin;
        const bottom = Math.max(top, list.originY + list.contentHeight - list.height);
        list.contentY = Math.max(top, Math.min(bottom, list.contentY + distance));
        root.sticking = list.contentY >= bottom - 2;
    }

    function walkTo(index: int) {
        root.byKeyboard = true;
        root.walked = index;
        list.positionViewAtIndex(index, ListView.Contain);
    }

    ListView {
        id: list

        objectName: "messageList"
        anchors.fill: parent
        focus: true
        activeFocusOnTab: count > 0
        clip: true
        model: root.chat.messages
        currentIndex: -1
        spacing: 4
        topMargin: 24
        cacheBuffer: 2400
        boundsBehavior: Flickable.StopAtBounds
        keyNavigationEnabled: false
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Messages")

        // Only scrolling by the reader decides whether the view stays at the end; growth of the text does not.
        readonly property bool moved: moving || bar.pressed
        readonly property bool atEnd: contentY + height >= originY + contentHeight - 24

        property real lastY: 0

        onContentYChanged: {
            // One pixel upwards is enough: a reply that grows meanwhile must not scroll back to the end.
            if (moved && contentY < lastY)
                root.sticking = false;
            else if (moved && atEnd)
                root.sticking = true;
            lastY = contentY;
        }
        onContentHeightChanged: {
            if (root.sticking)
                settle.restart();
        }
        onHeightChanged: {
            if (root.sticking)
                settle.restart();
        }
        onCountChanged: {
            if (root.sticking)
                settle.restart();
        }
        // A click into a message gives the focus to its text; the list itself has it only by the keyboard.
        readonly property BlockText focusedText: list.Window.activeFocusItem as BlockText

        onFocusedTextChanged: {
            if (focusedText)
                root.byKeyboard = false;
        }
        onActiveFocusChanged: {
            root.byKeyboard = activeFocus && list.Window.activeFocusItem === list;
            if (root.byKeyboard && (root.walked < 0 || root.walked >= count))
                root.walked = count - 1;
            // Tab comes to the list, not to the text that was clicked last: of what is in here, nothing has the focus.
            if (!activeFocus && list.Window.active) {
                nothing.focus = true;
                nothing.focus = false;
            }
        }

        Keys.onPressed: event => {
            if (list.focusedText)
                root.walked = list.indexAt(list.width / 2, list.focusedText.mapToItem(list.contentItem, 0, 0).y);
            else if (root.walked < 0 || root.walked >= list.count)
                root.walked = list.count - 1;
            const message = list.itemAtIndex(root.walked) as MessageDelegate;
            if (event.key === Qt.Key_Up && root.walked > 0) {
                root.sticking = false;
                root.walkTo(root.walked - 1);
            } else if (event.key === Qt.Key_Down && root.walked < list.count - 1) {
                root.walkTo(root.walked + 1);
                root.sticking = root.walked === list.count - 1;
            } else if (event.key === Qt.Key_PageUp) {
                root.scrollBy(-list.height * 0.9);
            } else if (event.key === Qt.Key_PageDown) {
                root.scrollBy(list.height * 0.9);
            } else if (event.key === Qt.Key_Home) {
                root.sticking = false;
                root.walkTo(0);
                list.contentY = list.originY - list.topMargin;
            } else if (event.key === Qt.Key_End) {
                root.walkTo(list.count - 1);
                root.scrollToEnd();
            } else if ((event.key === Qt.Key_Left || event.key === Qt.Key_Right) && message && message.siblingCount > 1) {
                root.showSibling(message, event.key === Qt.Key_Left ? -1 : 1);
            } else if (event.key === Qt.Key_Delete && message) {
                root.chat.removeMessage(message.messageId);
            } else if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && message && message.fromUser
                       && root.chat.canSend && root.chat.canChange) {
                root.editedId = message.messageId;
            } else if (message && (event.key === Qt.Key_Menu || (event.key === Qt.Key_F10 && event.modifiers & Qt.ShiftModifier))) {
                menu.popupFor(message, list.focusedText, 16, Math.max(0, list.contentY - message.y) + 16);
            } else if (event.matches(StandardKey.Copy) && message) {
                root.copyRequested(root.chat.messages.text(message.index));
            } else {
                return;
            }
            event.accepted = true;
        }

        delegate: MessageDelegate {
            id: message

            x: (list.width - width) / 2
            width: Math.min(Theme.column, list.width - 48)
            readingProgress: message.isLast ? root.chat.readingProgress : 0
            canSend: root.chat.canSend
            canRegenerate: root.chat.canRegenerate
            canChange: root.chat.canChange
            editing: root.editedId !== 0 && root.editedId === message.messageId
            editedText: message.editing ? root.chat.messages.text(message.index) : ""
            continuing: root.continuing
            current: message.index === root.walked && root.byKeyboard
            onMenuRequested: (edit, x, y) => menu.popupFor(message, edit, x, y)
            onCopyRequested: root.copyRequested(root.chat.messages.text(message.index))
            onCopyCodeRequested: code => root.copyRequested(code)
            onLinkChosen: address => linkDialog.ask(address)
            onRegenerateRequested: {
                if (message.isLast)
                    root.chat.regenerate();
                else
                    root.chat.regenerateReply(message.messageId);
            }
            onContinueRequested: root.chat.continueReply()
            onEditRequested: root.editedId = message.messageId
            onEditCancelled: root.endEditing()
            onEdited: text => root.sendEdited(message.messageId, text)
            menuOpen: menu.opened && menu.message === message
            onMoreRequested: button => menu.popupUnder(message, button)
            onSiblingRequested: step => root.showSibling(message, step)
        }

        Item {
            id: nothing
        }

        ScrollBar.vertical: AppScrollBar {
            id: bar
        }

        Timer {
            id: settle

            interval: 0
            onTriggered: {
                if (root.sticking)
                    list.positionViewAtEnd();
            }
        }
    }

    Connections {
        target: root.chat

        function onConversationChanged() {
            root.walked = -1;
            root.editedId = 0;
            root.sticking = true;
            settle.restart();
        }
    }

    IconButton {
        objectName: "jumpToNewest"
        anchors.horizontalCenter: parent.horizontalCenter
        anchors.bottom: parent.bottom
        anchors.bottomMargin: 12
        visible: !root.sticking && !list.atEnd
        iconName: "arrow-down"
        text: qsTr("Jump to the latest message")
        floating: true
        onClicked: root.scrollToEnd()
    }

    MessageMenu {
        id: menu

        objectName: "messageMenu"
        onCopyMessageRequested: index => root.copyRequested(root.chat.messages.text(index))
        onForkRequested: messageId => root.chat.fork(messageId)
        onDeleteRequested: messageId => root.chat.removeMessage(messageId)
    }
    Revealer {
        id: revealer

        view: list
    }

    LinkDialog {
        id: linkDialog

        objectName: "linkDialog"
        onCopyRequested: text => root.copyRequested(text)
        onClosed: {
            list.forceActiveFocus();
            root.byKeyboard = false;
        }
    }
}
