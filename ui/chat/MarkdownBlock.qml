import QtQuick
import Alcove.Controls

// A run of Markdown that the application has already made safe: no images, no raw HTML, nothing remote.
TextEdit {
    id: root

    objectName: "replyText"
    readOnly: true
    selectByMouse: true
    textFormat: TextEdit.MarkdownText
    wrapMode: TextEdit.Wrap
    color: Theme.text
    selectionColor: Theme.selection
    selectedTextColor: Theme.text
    font.family: Theme.family
    font.pixelSize: Theme.body
    activeFocusOnPress: true
    Accessible.role: Accessible.StaticText
    Accessible.name: root.getText(0, root.length)

    // Only addresses a browser or a mail program opens; a reply must not be able to start anything else.
    onLinkActivated: link => {
        if (/^(https?|mailto):/i.test(link))
            Qt.openUrlExternally(link);
    }

    DocumentStyle {
        document: root.textDocument
        monospace: Theme.monospace
        pixelSize: Theme.body
        codeColor: Theme.code
        lineColor: Theme.border
        linkColor: Theme.accent
        quoteColor: Theme.secondary
    }
    HoverHandler {
        cursorShape: root.hoveredLink === "" ? Qt.IBeamCursor : Qt.PointingHandCursor
    }
    Loader {
        active: root.hoveredLink !== ""
        sourceComponent: AppToolTip {
            parent: root
            visible: true
            text: root.hoveredLink
        }
    }
}
