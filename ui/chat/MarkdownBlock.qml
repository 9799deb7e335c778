import QtQuick
import Alcove.Controls

// A run of Markdown. A link shows where it leads to while the pointer is on it.
Item {
    id: root

    required property string content
    property real availableWidth: 0  // of a block that may be a table

    readonly property alias tableWidth: words.tableWidth

    readonly property alias words: words

    signal linkChosen(string address)

    implicitHeight: words.implicitHeight

    BlockText {
        id: words

        objectName: "replyText"
        width: parent.width
        kind: "markdown"
        content: root.content
        availableWidth: root.availableWidth
        onLinkChosen: address => root.linkChosen(address)

        HoverHandler {
            cursorShape: words.hoveredLink === "" ? Qt.IBeamCursor : Qt.PointingHandCursor
        }
    }
    Loader {
        active: words.marks.length > 0
        sourceComponent: Item {
            Repeater {
                model: words.marks

                Rectangle {
                    required property rect modelData

                    objectName: modelData.width > 0 ? "quoteBar" : "rule"
                    x: modelData.x
                    y: modelData.y
                    width: modelData.width > 0 ? modelData.width : root.width - modelData.x
                    height: modelData.height
                    radius: 1
                    color: modelData.width > 0 ? Theme.strongBorder : Theme.border
                }
            }
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
