import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Controls

// The sidebar: a new conversation, the conversations by day, settings and help.
FocusScope {
    id: root

    required property ConversationListModel conversations
    required property int openId

    signal newRequested
    signal openRequested(int conversationId)
    signal renameRequested(int conversationId, string title)
    signal exportRequested(int conversationId, string title)
    signal removeRequested(int conversationId)
    signal settingsRequested
    signal helpRequested
    signal hideRequested

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

    ItemDelegate {
        id: fresh

        objectName: "newConversation"
        anchors.top: brand.bottom
        x: 12
        width: parent.width - 24
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

    ListView {
        id: list

        objectName: "conversationList"
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

        onActiveFocusChanged: {
            if (activeFocus && currentIndex < 0 && count > 0)
                currentIndex = 0;
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
            onRemoveRequested: root.removeRequested(row.conversationId)
        }

        Keys.onPressed: event => {
            const row = list.currentItem as ConversationRow;
            if (!row)
                return;
            if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space)
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
        visible: list.count === 0
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
