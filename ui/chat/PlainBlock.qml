import QtQuick

// A person's words, or a part of them.
Item {
    id: root

    required property string content

    readonly property alias words: words

    // The width that it would take on one line each; more than any window for what is long, since finding out takes
    // another layout.
    readonly property real naturalWidth: root.content.length > 120 ? 10000 : words.implicitWidth

    implicitHeight: words.implicitHeight

    BlockText {
        id: words

        objectName: "userText"
        width: parent.width
        kind: "plain"
        content: root.content
    }
}
