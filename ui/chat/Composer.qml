import QtQuick
import QtQuick.Controls.Basic
import Alcove.Chat
import Alcove.Controls

// Where the person writes. Enter sends, Shift+Enter breaks the line; the draft is kept by the controller.
FocusScope {
    id: root

    required property ChatController chat
    property string modelName: ""
    property bool continuing: false  // what is written here is the beginning of a text, not a message

    readonly property bool busy: root.chat.busy
    readonly property int lineHeight: Math.ceil(metrics.lineSpacing)

    signal submitted
    signal undoRequested  // there is nothing of the text to undo

    function send() {
        // Whether it is too long is found out anew: the figures may be those of a moment ago.
        if (root.chat.canSend && area.text.trim() !== "")
            root.submitted();
    }
    // What was typed where nothing takes text.
    function take(typed: string) {
        root.focusEditor();
        area.insert(area.cursorPosition, typed);
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
        height: scroller.height + 56 + (tooLong.visible ? tooLong.height + 4 : 0)
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
                placeholderText: root.continuing ? (root.chat.messages.count > 0 ? qsTr("Go on with the text")
                                                    : root.modelName === "" ? qsTr("Begin a text")
                                                                          : qsTr("Begin a text for %1 to continue").arg(root.modelName))
                                 : root.modelName === "" ? qsTr("Write a message") : qsTr("Write to %1").arg(root.modelName)
                background: null
                Accessible.name: root.continuing ? qsTr("Your text") : qsTr("Your message")

                onTextChanged: {
                    if (root.chat.draft !== text)
                        root.chat.draft = text;
                }
                Component.onCompleted: text = root.chat.draft

                Keys.onPressed: event => {
                    if (event.matches(StandardKey.Undo) && !area.canUndo && !area.inputMethodComposing) {
                        event.accepted = true;
                        root.undoRequested();
                        return;
                    }
                    if (event.key === Qt.Key_F10 && event.modifiers & Qt.ShiftModifier) {
                        event.accepted = true;
                        textMenu.popupAtCursor();
                        return;
                    }
                    if (event.key !== Qt.Key_Return && event.key !== Qt.Key_Enter)
                        return;
                    // While an input method composes, Enter belongs to it.
                    if (area.inputMethodComposing || event.modifiers & Qt.ShiftModifier)
                        return;
                    event.accepted = true;
                    if (!event.isAutoRepeat)
                        root.send();
                }
                Keys.onMenuPressed: textMenu.popupAtCursor()
                TapHandler {
                    acceptedButtons: Qt.RightButton
                    onTapped: {
                        root.focusEditor();
                        textMenu.popup();
                    }
                }
                // Tab leaves the field, so that everything else can be reached by keyboard.
                Keys.onTabPressed: area.nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
            }

            ScrollBar.vertical: AppScrollBar {}
        }
        TextMenu {
            id: textMenu

            objectName: "composerMenu"
            edit: area
        }

        AppText {
            id: tooLong

            objectName: "draftProblem"
            anchors.top: scroller.bottom
            anchors.topMargin: 4
            x: 18
            width: parent.width - 36
            visible: root.chat.draftSize.tooLong
            text: root.chat.draftSize.problem
            color: Theme.danger
            font.pixelSize: Theme.small
            lineHeight: 1.15
            wrapMode: Text.Wrap
            Accessible.role: Accessible.AlertMessage
        }
        Row {
            anchors.left: parent.left
            anchors.leftMargin: 18
            anchors.bottom: parent.bottom
            anchors.bottomMargin: 16
            spacing: 6

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: card.width > 360
                icon: "lock"
                size: 14
            }
            AppText {
                anchors.verticalCenter: parent.verticalCenter
                visible: card.width > 360
                text: figures.visible ? qsTr("Stays on this machine  ·") : qsTr("Stays on this machine")
                color: Theme.secondary
                font.pixelSize: Theme.caption
            }
            AppText {
                id: figures

                objectName: "draftSize"
                anchors.verticalCenter: parent.verticalCenter
                visible: text !== ""
                text: root.chat.draftSize.figures
                color: root.chat.draftSize.tooLong ? Theme.danger : Theme.secondary
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
                onClicked: {
                    root.chat.stop();
                    root.focusEditor();
                }
                // Hidden with the focus, it would have it again with the next reply.
                onVisibleChanged: {
                    if (!visible && stopper.focus)
                        area.focus = true;
                }
            }
            ComposerButton {
                id: sender

                objectName: "sendButton"
                visible: !root.busy || area.text.trim() !== ""
                enabled: root.chat.canSend && area.text.trim() !== "" && !root.chat.draftSize.tooLong
                filled: true
                iconName: "send"
                text: root.continuing ? qsTr("Continue the text (Enter)") : qsTr("Send (Enter)")
                onClicked: {
                    root.send();
                    root.focusEditor();
                }
                onVisibleChanged: {
                    if (!visible && sender.focus)
                        area.focus = true;
                }
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
