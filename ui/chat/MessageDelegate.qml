import QtQuick
import Alcove.Chat
import Alcove.Controls

// One message: the person's in a bubble at the right, the model's as a page of blocks.
Item {
    id: root

    required property int index
    required property string author
    required property string text
    required property MessageBlockModel blocks
    required property string status
    required property string errorText
    required property string checkpointName
    required property real tokensPerSecond
    required property bool isLast
    required property bool memoryStartsHere
    property real readingProgress: 0
    property bool canRegenerate: false
    property bool current: false

    signal copyRequested(string text)
    signal regenerateRequested

    readonly property bool fromUser: root.author === "user"
    readonly property bool working: root.status === "waiting" || root.status === "reading" || root.status === "writing"
    readonly property bool revealed: hover.hovered || root.current || (root.isLast && !root.fromUser)

    implicitHeight: body.y + body.implicitHeight + actions.height + 4
    Accessible.role: Accessible.ListItem
    Accessible.name: root.fromUser ? qsTr("You: %1").arg(root.text) : qsTr("Reply: %1").arg(root.text)

    HoverHandler {
        id: hover
    }

    Loader {
        id: divider

        width: parent.width
        height: active ? 52 : 0
        active: root.memoryStartsHere && root.index > 0
        sourceComponent: MemoryDivider {}
    }

    FocusRing {
        anchors.fill: body
        anchors.margins: root.fromUser ? -4 : -10
        distance: 6
        cornerRadius: 14
        visible: root.current
    }

    Item {
        id: body

        y: divider.height
        anchors.right: parent.right
        width: root.fromUser ? bubble.width : parent.width
        implicitHeight: root.fromUser ? bubble.height : page.implicitHeight

        Rectangle {
            id: bubble

            visible: root.fromUser
            width: root.fromUser ? Math.min(root.width * 0.82, said.implicitWidth + 32) : 0
            height: said.height + 20
            radius: 18
            color: Theme.bubble

            TextEdit {
                id: said

                objectName: "userText"
                x: 16
                y: 10
                width: parent.width - 32
                visible: root.fromUser
                readOnly: true
                selectByMouse: true
                text: root.fromUser ? root.text : ""
                textFormat: TextEdit.PlainText
                wrapMode: TextEdit.Wrap
                color: Theme.text
                selectionColor: Theme.selection
                selectedTextColor: Theme.text
                font.family: Theme.family
                font.pixelSize: Theme.body
                Accessible.role: Accessible.StaticText
                Accessible.name: said.text
            }
        }

        Column {
            id: page

            width: parent.width
            visible: !root.fromUser
            spacing: 12

            Repeater {
                model: root.fromUser ? null : root.blocks

                Loader {
                    id: block

                    required property string kind
                    required property string text
                    required property string language
                    required property bool open

                    width: page.width
                    sourceComponent: block.kind === "code" ? code : markdown

                    Component {
                        id: markdown

                        MarkdownBlock {
                            text: block.text
                        }
                    }
                    Component {
                        id: code

                        CodeBlock {
                            code: block.text
                            language: block.language
                            open: block.open
                            onCopyRequested: text => root.copyRequested(text)
                        }
                    }
                }
            }
            ReplyStatus {
                width: parent.width
                status: root.fromUser ? "complete" : root.status
                readingProgress: root.readingProgress
                errorText: root.errorText
                canRetry: root.canRegenerate && root.isLast
                onRetryRequested: root.regenerateRequested()
            }
        }
    }

    Row {
        id: actions

        anchors.top: body.bottom
        anchors.topMargin: 4
        x: root.fromUser ? parent.width - width : -8
        height: 32
        spacing: 2
        opacity: root.revealed && !root.working ? 1 : 0
        enabled: opacity > 0

        Behavior on opacity {
            NumberAnimation {
                duration: Theme.quick
            }
        }

        IconButton {
            id: copier

            property bool done: false

            objectName: "copyMessage"
            implicitWidth: 32
            implicitHeight: 32
            iconSize: 16
            activeFocusOnTab: root.current || activeFocus
            visible: root.text !== ""
            iconName: copier.done ? "check" : "copy"
            text: copier.done ? qsTr("Copied") : qsTr("Copy")
            onClicked: {
                root.copyRequested(root.text);
                copier.done = true;
                rest.restart();
            }

            Timer {
                id: rest

                interval: 1600
                onTriggered: copier.done = false
            }
        }
        IconButton {
            objectName: "regenerate"
            implicitWidth: 32
            implicitHeight: 32
            iconSize: 16
            activeFocusOnTab: root.current || activeFocus
            visible: root.isLast && !root.fromUser && root.canRegenerate && root.status !== "failed"
            iconName: "regenerate"
            text: qsTr("Write it anew (Ctrl+R)")
            onClicked: root.regenerateRequested()
        }
        AppText {
            anchors.verticalCenter: parent.verticalCenter
            leftPadding: 6
            visible: !root.fromUser && root.checkpointName !== ""
            text: root.tokensPerSecond > 0
                  ? qsTr("%1 · %2 tokens/s").arg(root.checkpointName).arg(root.tokensPerSecond.toFixed(1))
                  : root.checkpointName
            color: Theme.secondary
            font.pixelSize: Theme.caption
        }
    }
}
