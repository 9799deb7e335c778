import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// Everything the keyboard can do, on one page.
AppDialog {
    id: root

    readonly property var shortcuts: [
        [qsTr("Enter"), qsTr("Send the message")],
        [qsTr("Shift+Enter"), qsTr("New line")],
        [qsTr("Esc"), qsTr("Stop the reply, or go to the message field")],
        [qsTr("Ctrl+L"), qsTr("Go to the message field")],
        [qsTr("Ctrl+R"), qsTr("Regenerate the last reply")],
        [qsTr("↑ ↓ in the chat"), qsTr("Choose a message")],
        [qsTr("← →"), qsTr("Show its other versions")],
        [qsTr("Enter"), qsTr("Edit it, if it is yours")],
        [qsTr("Delete"), qsTr("Delete it")],
        [qsTr("Ctrl+Shift+C"), qsTr("Copy the last reply")],
        [qsTr("Ctrl+N"), qsTr("New conversation")],
        [qsTr("F2"), qsTr("Rename the conversation")],
        [qsTr("Delete"), qsTr("Delete selected conversation")],
        [qsTr("Ctrl+F"), qsTr("Find in the conversation")],
        [qsTr("Ctrl+Shift+F"), qsTr("Search all conversations")],
        [qsTr("Ctrl+Tab"), qsTr("Next conversation")],
        [qsTr("Ctrl+Shift+Tab"), qsTr("Previous conversation")],
        [qsTr("Ctrl+K"), qsTr("Choose a model")],
        [qsTr("Ctrl+B"), qsTr("Show or hide the sidebar")],
        [qsTr("Ctrl++"), qsTr("Larger text")],
        [qsTr("Ctrl+-"), qsTr("Smaller text")],
        [qsTr("Ctrl+0"), qsTr("Usual text size")],
        [qsTr("Ctrl+Z"), qsTr("Undo, also of a deletion")],
        [qsTr("Shift+F10"), qsTr("Menu of a message or conversation")],
        [qsTr("Ctrl+,"), qsTr("Settings")],
        [qsTr("F1"), qsTr("Keyboard shortcuts")],
        [qsTr("Ctrl+Q"), qsTr("Quit")]
    ]

    title: qsTr("Keyboard shortcuts")
    preferredWidth: 520
    height: parent ? Math.min(660, parent.height - 32) : 660
    padding: 0
    topPadding: 0

    contentItem: ListView {
        clip: true
        focus: true
        boundsBehavior: Flickable.StopAtBounds
        bottomMargin: 16
        model: root.shortcuts
        Accessible.role: Accessible.List
        Accessible.name: root.title

        ScrollBar.vertical: AppScrollBar {}

        delegate: Item {
            id: row

            required property var modelData

            width: ListView.view.width
            height: Theme.control
            Accessible.role: Accessible.ListItem
            Accessible.name: row.modelData[1] + ": " + row.modelData[0]

            AppText {
                x: 24
                width: parent.width - keys.width - 64
                anchors.verticalCenter: parent.verticalCenter
                text: row.modelData[1]
                elide: Text.ElideRight
                Accessible.ignored: true
            }
            Rectangle {
                id: keys

                anchors.right: parent.right
                anchors.rightMargin: 24
                anchors.verticalCenter: parent.verticalCenter
                width: keysText.implicitWidth + 16
                height: 24
                radius: 6
                color: Theme.raised
                border.width: 1
                border.color: Theme.border

                AppText {
                    id: keysText

                    anchors.centerIn: parent
                    text: row.modelData[0]
                    color: Theme.secondary
                    font.pixelSize: Theme.caption
                    Accessible.ignored: true
                }
            }
        }
    }
}
