import QtQuick
import QtQuick.Controls.Basic
import Alcove.Chat
import Alcove.Controls

// Where the person writes. Enter sends, Shift+Enter breaks the line; the draft is kept by the controller.
FocusScope {
    id: root

    required property ChatController chat
    property string modelName: ""

    readonly property bool busy: root.chat.busy
    readonly property int lineHeight: Math.ceil(metrics.lineSpacing)

    signal submitted(string text)

    function send() {
        if (!sender.enabled || area.text.trim() === "")
            return;
        root.submitted(area.text);
    }
    function focusEditor() {
        area.forceActiveFocus(Qt.ShortcutFocusReason);
    }

    implicitHeight: card.height

    FontMetrics {
        id: metrics

        font: area.font
    }

    Rectangle {
        id: card

        width: parent.width
        height: scroller.height + 56
        radius: 20
        color: Theme.raised
        border.width: 1
        border.color: area.activeFocus ? Theme.accent : hover.hovered ? Theme.strongBorder : Theme.border

        Behavior on border.color {
            ColorAnimation {
                duration: Theme.quick
            }
        }

        HoverHandler {
            id: hover
        }
        TapHandler {
            onTapped: root.focusEditor()
        }

        Flickable {
            id: scroller

            y: 4
            x: 4
            width: parent.width - 8
            height: Math.min(8 * root.lineHeight, Math.max(root.lineHeight, area.contentHeight)) + 16
            boundsBehavior: Flickable.StopAtBounds
            clip: true

            TextArea.flickable: TextArea {
                id: area

                objectName: "composerText"
                focus: true
                leftPadding: 14
                rightPadding: 14
                topPadding: 10
                bottomPadding: 6
                textFormat: TextEdit.PlainText
                wrapMode: TextEdit.Wrap
                selectByMouse: true
                persistentSelection: true
                color: Theme.text
                placeholderTextColor: Theme.secondary
                selectionColor: Theme.selection
                selectedTextColor: Theme.text
                font.family: Theme.family
                font.pixelSize: Theme.body
                placeholderText: root.modelName === "" ? qsTr("Write a message") : qsTr("Write to %1").arg(root.modelName)
                background: null
                Accessible.name: qsTr("Your message")

                onTextChanged: {
                    if (root.chat.draft !== text)
                        root.chat.draft = text;
                }
                Component.onCompleted: text = root.chat.draft

                Keys.onPressed: event => {
                    if (event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter)
                        return;
                    // While an input method composes, Enter belongs to it.
                    if (area.inputMethodComposing || event.modifiers & Qt.ShiftModifier)
                        return;
                    event.accepted = true;
                    if (!event.isAutoRepeat)
                        root.send();
                }
                // Tab leaves the field, so that everything else can be reached by keyboard.
                Keys.onTabPressed: area.nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            }

            ScrollBar.vertical: AppScrollBar {}
        }

        Row {
            anchors.left: parent.left
            anchors.leftMargin: 18
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 16
            spacing: 6
            visible: card.width > 360

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                icon: "lock"
                size: 14
            }
            AppText {
                anchors.verticalCenter: parent.verticalCenter
                text: qsTr("Stays on this machine")
                color: Theme.secondary
                font.pixelSize: Theme.caption
            }
        }

        Row {
            anchors.right: parent.right
            anchors.rightMargin: 8
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 8
            spacing: 8

            ComposerButton {
                id: stopper

                objectName: "stopButton"
                visible: root.busy
                enabled: root.chat.state !== ChatController.Stopping
                iconName: "stop"
                text: qsTr("Stop (Esc)")
                onClicked: root.chat.stop()
            }
            ComposerButton {
                id: sender

                objectName: "sendButton"
                visible: !root.busy || area.text.trim() !== ""
                enabled: root.chat.canSend && area.text.trim() !== ""
                filled: true
                iconName: "send"
                text: qsTr("Send (Enter)")
                onClicked: root.send()
            }
        }
    }

    Connections {
        target: root.chat

        function onDraftChanged() {
            if (area.text === root.chat.draft)
                return;
            area.text = root.chat.draft;
            area.cursorPosition = area.length;
        }
    }

    component ComposerButton: AbstractButton {
        id: round

        required property string iconName
        property bool filled: false

        implicitWidth: 36
        implicitHeight: 36
        hoverEnabled: true
        focusPolicy: Qt.StrongFocus
        Accessible.name: round.text
        Keys.onReturnPressed: round.clicked()

        contentItem: Item {
            Icon {
                anchors.centerIn: parent
                icon: round.iconName
                color: !round.enabled ? Theme.faint : round.filled ? Theme.accentInk : Theme.text
            }
        }
        background: Rectangle {
            radius: 18
            color: !round.enabled ? Theme.hover
                   : round.filled ? (round.down ? Theme.accentPressed : round.hovered ? Theme.accentHover : Theme.accent)
                   : round.down ? Theme.pressed : round.hovered ? Theme.selected : Theme.hover

            Behavior on color {
                ColorAnimation {
                    duration: Theme.quick
                }
            }

            FocusRing {
                visible: round.visualFocus
                cornerRadius: 18
            }
        }
        AppToolTip {
            visible: round.hovered && !round.down
            text: round.text
        }
    }
}
