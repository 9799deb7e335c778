import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A block of code: never wrapped, scrolled sideways, copied with one click. One that goes on with the block before has
// no head, and looks like a part of it.
Item {
    id: root

    property string code: ""
    property string language: ""
    property bool open: false
    property bool continues: false

    readonly property alias words: text

    signal copyRequested

    implicitHeight: head.height + scroller.height
    clip: root.continues
    Accessible.role: Accessible.Grouping
    Accessible.name: root.language === "" ? qsTr("Code") : qsTr("Code in %1").arg(root.language)

    Rectangle {
        y: root.continues ? -2 * Theme.largeRadius : 0
        width: parent.width
        height: parent.height - y
        radius: Theme.largeRadius
        color: Theme.code
        border.width: 1
        border.color: Theme.border
    }

    Item {
        id: head

        width: parent.width
        height: root.continues ? 0 : 36
        visible: !root.continues

        AppText {
            x: 16
            anchors.verticalCenter: parent.verticalCenter
            text: root.language === "" ? qsTr("code") : root.language
            color: Theme.secondary
            font.pixelSize: Theme.caption
        }
        AbstractButton {
            id: copier

            property bool done: false

            objectName: "copyCode"
            anchors.right: parent.right
            anchors.rightMargin: 6
            anchors.verticalCenter: parent.verticalCenter
            implicitHeight: 28
            leftPadding: 8
            rightPadding: 8
            hoverEnabled: true
            enabled: !root.open
            opacity: enabled ? 1 : 0
            text: copier.done ? qsTr("Copied") : qsTr("Copy")
            Accessible.name: qsTr("Copy code")
            Keys.onReturnPressed: copier.clicked()
            onClicked: {
                root.copyRequested();
                copier.done = true;
                rest.restart();
            }

            contentItem: Row {
                spacing: 6

                Icon {
                    anchors.verticalCenter: parent.verticalCenter
                    icon: copier.done ? "check" : "copy"
                    size: 15
                    color: copier.done ? Theme.accent : copier.hovered ? Theme.text : Theme.secondary
                }
                AppText {
                    anchors.verticalCenter: parent.verticalCenter
                    text: copier.text
                    color: copier.hovered ? Theme.text : Theme.secondary
                    font.pixelSize: Theme.caption
                    Accessible.ignored: true
                }
            }
            background: Rectangle {
                radius: 6
                color: copier.down ? Theme.pressed : copier.hovered ? Theme.hover : "transparent"

                FocusRing {
                    visible: copier.visualFocus
                    distance: 0
                    cornerRadius: 6
                }
            }

            Timer {
                id: rest

                interval: 1600
                onTriggered: copier.done = false
            }
        }
    }

    Flickable {
        id: scroller

        objectName: "codeScroller"
        anchors.top: head.bottom
        x: 1
        width: parent.width - 2
        height: text.implicitHeight + 16 + (text.implicitWidth + 32 > width ? 6 : 0)
        contentWidth: Math.max(width, text.implicitWidth + 32)
        contentHeight: height
        flickableDirection: Flickable.HorizontalFlick
        boundsBehavior: Flickable.StopAtBounds
        clip: true

        BlockText {
            id: text

            objectName: "codeText"
            x: 15
            kind: "code"
            content: root.code
            wrapMode: TextEdit.NoWrap
            font.family: Theme.monospace
            font.pixelSize: Theme.small
        }

        ScrollBar.horizontal: AppScrollBar {
            objectName: "codeScrollBar"
            always: true
        }
    }
}
