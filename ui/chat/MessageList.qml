import QtQuick
import QtQuick.Controls.Basic
import Alcove.Chat
import Alcove.Controls

// The conversation. It stays at the newest line while a reply grows, until the reader scrolls up.
FocusScope {
    id: root

    required property ChatController chat
    property bool sticking: true

    signal copyRequested(string text)

    function scrollToEnd() {
        list.cancelFlick();
        root.sticking = true;
        list.positionViewAtEnd();
    }
    function scrollBy(distance: real) {
        const top = list.originY - list.topMargin;
        const bottom = Math.max(top, list.originY + list.contentHeight - list.height);
        list.contentY = Math.max(top, Math.min(bottom, list.contentY + distance));
        root.sticking = list.contentY >= bottom - 2;
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
        highlightFollowsCurrentItem: false
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
        onActiveFocusChanged: {
            if (activeFocus && currentIndex < 0)
                currentIndex = count - 1;
        }

        Keys.onPressed: event => {
            const message = list.currentItem as MessageDelegate;
            if (event.key === Qt.Key_Up && list.currentIndex > 0) {
                root.sticking = false;
                list.currentIndex--;
                list.positionViewAtIndex(list.currentIndex, ListView.Contain);
            } else if (event.key === Qt.Key_Down && list.currentIndex < list.count - 1) {
                list.currentIndex++;
                list.positionViewAtIndex(list.currentIndex, ListView.Contain);
                root.sticking = list.currentIndex === list.count - 1;
            } else if (event.key === Qt.Key_PageUp) {
                root.scrollBy(-list.height * 0.9);
            } else if (event.key === Qt.Key_PageDown) {
                root.scrollBy(list.height * 0.9);
            } else if (event.key === Qt.Key_Home) {
                root.sticking = false;
                list.currentIndex = 0;
                list.contentY = list.originY - list.topMargin;
            } else if (event.key === Qt.Key_End) {
                list.currentIndex = list.count - 1;
                root.scrollToEnd();
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
            canRegenerate: root.chat.canRegenerate
            current: ListView.isCurrentItem && list.activeFocus
            onCopyRequested: root.copyRequested(root.chat.messages.text(message.index))
            onCopyCodeRequested: code => root.copyRequested(code)
            onLinkChosen: address => linkDialog.ask(address)
            onRegenerateRequested: root.chat.regenerate()
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
            list.currentIndex = -1;
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

    LinkDialog {
        id: linkDialog

        objectName: "linkDialog"
        onCopyRequested: text => root.copyRequested(text)
        onClosed: list.forceActiveFocus()
    }
}
