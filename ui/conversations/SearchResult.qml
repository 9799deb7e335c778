import QtQuick
import QtQuick.Controls.Basic
import Alcove.Conversations
import Alcove.Controls

// A conversation whose title was found, or a message: whose it is and what stands around what was found.
ItemDelegate {
    id: root

    required property int conversationId
    required property int messageId
    required property string title
    required property string snippet
    required property var marks
    required property string author
    required property string day
    required property int foundAt
    required property string foundText
    property bool current: false

    readonly property bool ofMessage: root.messageId !== 0

    implicitHeight: root.ofMessage ? 78 : 38
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: root.title
    Accessible.role: Accessible.ListItem
    Accessible.name: !root.ofMessage ? root.title : root.author === "user" ? qsTr("You in “%1”: %2").arg(root.title).arg(root.snippet)
                                                                          : qsTr("Reply in “%1”: %2").arg(root.title).arg(root.snippet)

    contentItem: Item {
        AppText {
            id: name

            visible: root.ofMessage
            width: parent.width - date.width - 8
            y: 0
            text: root.title
            font.weight: Font.Medium
            elide: Text.ElideRight
            Accessible.ignored: true
        }
        AppText {
            id: date

            anchors.right: parent.right
            anchors.baseline: root.ofMessage ? name.baseline : undefined
            anchors.verticalCenter: root.ofMessage ? undefined : parent.verticalCenter
            text: root.day
            color: Theme.secondary
            font.pixelSize: Theme.caption
            Accessible.ignored: true
        }
        Item {
            y: root.ofMessage ? name.height + 3 : (parent.height - height) / 2
            width: root.ofMessage ? parent.width : parent.width - date.width - 8
            height: root.ofMessage ? 36 : 18
            clip: true

            TextEdit {
                id: words

                objectName: "snippet"
                width: parent.width
                readOnly: true
                enabled: false
                textFormat: TextEdit.PlainText
                wrapMode: root.ofMessage ? TextEdit.Wrap : TextEdit.NoWrap
                color: root.ofMessage ? Theme.secondary : Theme.text
                font.family: Theme.family
                font.pixelSize: root.ofMessage ? Theme.small : Theme.ui
                Accessible.ignored: true

                MarkedDocument {
                    document: words.textDocument
                    text: root.snippet
                    marks: root.marks
                    markColor: Theme.text
                    markBackground: Theme.selection
                }
            }
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            visible: root.current
            distance: 0
        }
    }
}
