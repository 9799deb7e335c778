import QtQuick

// One block of a message.
Item {
    id: block

    required property int index
    required property string kind
    required property string text
    required property string language
    required property bool open
    required property bool continues
    required property int level

    property bool fromUser: false
    property bool thoughtsShown: false
    property TextEdit words: null  // what it is drawn by

    signal copyRequested
    signal linkChosen(string address)
    signal naturalWidthKnown(real width)
    signal thoughtsToggled

    readonly property real space: block.index === 0 || block.continues ? 0 : 12

    implicitHeight: content.y + content.height
    height: implicitHeight

    Loader {
        id: content

        x: block.level * 24
        y: block.space
        width: parent.width - x
        sourceComponent: block.kind === "code" ? (block.language === "thoughts" && !block.fromUser ? thoughts : code)
                         : block.kind === "plain" ? plain : block.kind === "table" ? table : markdown
    }
    Component {
        id: markdown

        MarkdownBlock {
            content: block.text
            onLinkChosen: address => block.linkChosen(address)
            Component.onCompleted: block.words = words
        }
    }
    Component {
        id: table

        TableBlock {
            content: block.text
            onLinkChosen: address => block.linkChosen(address)
        }
    }
    Component {
        id: plain

        PlainBlock {
            content: block.text
            onNaturalWidthChanged: block.naturalWidthKnown(naturalWidth)
            Component.onCompleted: block.words = words
        }
    }
    Component {
        id: thoughts

        ThoughtsBlock {
            content: block.text
            continues: block.continues
            shown: block.thoughtsShown
            onToggled: block.thoughtsToggled()
            onLinkChosen: address => block.linkChosen(address)
        }
    }
    Component {
        id: code

        CodeBlock {
            code: block.text
            language: block.language
            open: block.open
            continues: block.continues
            onCopyRequested: block.copyRequested()
            Component.onCompleted: block.words = words
        }
    }
}
