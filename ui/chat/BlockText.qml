import QtQuick
import Alcove.Chat
import Alcove.Controls

// The text of a block: a person's words, Markdown or code. Nothing in it can load, run or open anything.
TextEdit {
    id: root

    required property string kind
    required property string content
    property real availableWidth: 0  // of a block that may be a table

    readonly property alias tableWidth: blockDocument.tableWidth
    readonly property alias marks: blockDocument.marks

    signal linkChosen(string address)

    readOnly: true
    selectByMouse: true
    textFormat: TextEdit.PlainText
    wrapMode: TextEdit.Wrap
    color: Theme.text
    selectionColor: Theme.selection
    selectedTextColor: Theme.text
    font.family: Theme.family
    font.pixelSize: Theme.body
    activeFocusOnPress: true
    Accessible.role: Accessible.StaticText
    Accessible.name: root.text

    onLinkActivated: link => root.linkChosen(link)

    BlockDocument {
        id: blockDocument

        document: root.textDocument
        kind: root.kind
        text: root.content
        monospace: Theme.monospace
        pixelSize: root.font.pixelSize
        availableWidth: root.availableWidth
        codeColor: Theme.code
        lineColor: Theme.border
        linkColor: Theme.accent
        quoteColor: Theme.secondary
        markColor: Theme.warning
        markBackground: Theme.warningSoft
    }
}
