import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A table, scrolled sideways where it is wider than the page.
Flickable {
    id: root

    required property string content

    signal linkChosen(string address)

    readonly property bool wide: contentWidth > width + 1

    objectName: "tableScroller"
    implicitHeight: table.implicitHeight + (root.wide ? 12 : 0)
    contentWidth: table.width
    contentHeight: height
    flickableDirection: Flickable.HorizontalFlick
    interactive: root.wide
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    MarkdownBlock {
        id: table

        width: Math.max(root.width, tableWidth)
        availableWidth: root.width
        content: root.content
        onLinkChosen: address => root.linkChosen(address)
    }

    ScrollBar.horizontal: AppScrollBar {
        always: true
    }
}
