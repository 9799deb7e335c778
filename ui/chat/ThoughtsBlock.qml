import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// What a model thought before it answered: folded until it is asked for. One that goes on with the block before has no
// head.
Item {
    id: root

    required property string content
    property bool continues: false
    property bool shown: false

    signal toggled
    signal linkChosen(string address)

    implicitHeight: (root.continues ? 0 : head.height) + (root.shown ? words.height + 8 : 0)

    AbstractButton {
        id: head

        objectName: "thoughts"
        visible: !root.continues
        implicitHeight: 28
        leftPadding: 0
        rightPadding: 8
        hoverEnabled: true
        focusPolicy: Qt.StrongFocus
        text: qsTr("Thoughts")
        Accessible.name: root.shown ? qsTr("Hide the thoughts") : qsTr("Show the thoughts")
        Keys.onReturnPressed: head.clicked()
        Keys.onEnterPressed: head.clicked()
        onClicked: root.toggled()

        contentItem: Row {
            spacing: 6

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                icon: "chevron-down"
                rotation: root.shown ? 0 : -90
                size: 16
                color: head.hovered ? Theme.text : Theme.secondary
            }
            AppText {
                anchors.verticalCenter: parent.verticalCenter
                text: head.text
                color: head.hovered ? Theme.text : Theme.secondary
                font.pixelSize: Theme.small
                Accessible.ignored: true
            }
        }
        background: FocusRing {
            visible: head.visualFocus
            distance: 2
        }
    }
    Rectangle {
        x: 7
        y: words.y
        width: 2
        height: words.height
        visible: root.shown
        color: Theme.border
    }
    Loader {
        id: words

        x: 22
        y: root.continues ? 0 : head.height
        width: parent.width - x
        active: root.shown
        sourceComponent: BlockText {
            objectName: "thoughtsText"
            kind: "markdown"
            content: root.content
            color: Theme.secondary
            onLinkChosen: address => root.linkChosen(address)
        }
    }
}
