import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Controls

// What was found in all conversations.
FocusScope {
    id: root

    required property SearchModel search

    signal chosen(int conversationId, int messageId, int foundAt, string foundText)
    signal leftAtTop

    function goToFirst() {
        if (list.count === 0)
            return;
        list.currentIndex = 0;
        list.forceActiveFocus(Qt.TabFocusReason);
    }

    AppText {
        id: note

        objectName: "searchNote"
        x: 12
        width: parent.width - 24
        topPadding: 12
        bottomPadding: 4
        visible: root.search.note !== ""
        text: root.search.note
        color: Theme.secondary
        font.pixelSize: Theme.small
        wrapMode: Text.Wrap
    }

    ListView {
        id: list

        objectName: "searchResults"
        anchors.fill: parent
        anchors.topMargin: note.visible ? note.height : 0
        clip: true
        focus: true
        activeFocusOnTab: count > 0
        boundsBehavior: Flickable.StopAtBounds
        model: root.search
        currentIndex: -1
        spacing: 2
        reuseItems: true
        Accessible.role: Accessible.List
        Accessible.name: qsTr("Search results")

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

        delegate: SearchResult {
            id: result

            width: ListView.view.width - 12
            current: ListView.isCurrentItem && ListView.view.activeFocus
            onClicked: root.chosen(result.conversationId, result.messageId, result.foundAt, result.foundText)
        }

        Keys.onUpPressed: {
            if (list.currentIndex > 0)
                list.currentIndex--;
            else
                root.leftAtTop();
        }
        Keys.onPressed: event => {
            const result = list.currentItem as SearchResult;
            if (result && (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space)) {
                result.clicked();
                event.accepted = true;
            }
        }

        ScrollBar.vertical: AppScrollBar {}
    }
}
