import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A person's message, open to be written anew: Enter sends it as another version, Esc leaves it as it was.
FocusScope {
    id: root

    required property bool canSend
    property alias text: area.text

    signal submitted(string text)
    signal cancelled

    function begin() {
        area.forceActiveFocus();
        area.cursorPosition = area.length;
        scroller.contentX = 0;
    }
    function send() {
        if (root.canSend && area.text.trim() !== "")
            root.submitted(area.text);
    }

    implicitHeight: card.height

    Rectangle {
        id: card

        width: parent.width
        height: scroller.height + 60
        radius: 18
        color: Theme.raised
        border.width: 1
        border.color: area.activeFocus ? Theme.accent : Theme.border

        Flickable {
            id: scroller

            x: 4
            y: 4
            width: parent.width - 8
            height: Math.min(320, Math.max(28, area.contentHeight) + 16)
            flickableDirection: Flickable.VerticalFlick
            boundsBehavior: Flickable.StopAtBounds
            clip: true

            TextArea.flickable: TextArea {
                id: area

                objectName: "editorText"
                focus: true
                leftPadding: 14
                rightPadding: 14
                topPadding: 10
                bottomPadding: 6
                textFormat: TextEdit.PlainText
                wrapMode: TextEdit.Wrap
                selectByMouse: true
                color: Theme.text
                selectionColor: Theme.selection
                selectedTextColor: Theme.text
                font.family: Theme.family
                font.pixelSize: Theme.body
                background: null
                Accessible.name: qsTr("Edit your message")

                Keys.onShortcutOverride: event => event.accepted = event.key === Qt.Key_Escape
                Keys.onEscapePressed: root.cancelled()
                Keys.onPressed: event => {
                    if (event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter)
                        return;
                    if (area.inputMethodComposing || event.modifiers & Qt.ShiftModifier)
                        return;
                    event.accepted = true;
                    if (!event.isAutoRepeat)
                        root.send();
                }
                Keys.onTabPressed: area.nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            }

            ScrollBar.vertical: AppScrollBar {}
        }
        Row {
            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 12
            spacing: 8

            AppButton {
                objectName: "cancelEdit"
                kind: "quiet"
                text: qsTr("Cancel")
                onClicked: root.cancelled()
            }
            AppButton {
                objectName: "sendEdit"
                kind: "primary"
                enabled: root.canSend && area.text.trim() !== ""
                text: qsTr("Send")
                onClicked: root.send()
            }
        }
    }
}
