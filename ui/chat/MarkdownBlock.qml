import QtQuick
import Alcove.Controls

// A run of Markdown. A link shows where it leads to while the pointer is on it.
Item {
    id: root

    required property string content

    signal linkChosen(string address)

    implicitHeight: words.implicitHeight

    BlockText {
        id: words

        objectName: "replyText"
        width: parent.width
        kind: "markdown"
        content: root.content
        onLinkChosen: address => root.linkChosen(address)

        HoverHandler {
            cursorShape: words.hoveredLink === "" ? Qt.IBeamCursor : Qt.PointingHandCursor
        }
    }
    Loader {
        active: words.hoveredLink !== ""
        sourceComponent: AppToolTip {
            objectName: "linkTarget"
            parent: words
            visible: true
            text: words.hoveredLink.length > 120 ? words.hoveredLink.slice(0, 119) + "…" : words.hoveredLink
        }
    }
}
