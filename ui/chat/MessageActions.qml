import QtQuick
import Alcove.Controls

// What can be done with a message, below it.
Row {
    id: root

    required property bool hasText
    required property int siblingIndex
    required property int siblingCount
    required property bool canEdit
    required property bool canRegenerate
    required property bool canContinue
    required property bool canChange
    property bool isLast: false
    property bool atRight: false  // the buttons then come left of the versions, which stay where they are
    property bool revealed: false
    property bool reachable: false
    property bool menuOpen: false
    property string note: ""

    readonly property bool shown: root.revealed || root.menuOpen
    property bool wasShown: false

    signal copyRequested
    signal editRequested
    signal regenerateRequested
    signal continueRequested
    signal menuRequested(Item button)
    signal siblingRequested(int step)

    height: 32
    spacing: 2
    layoutDirection: root.atRight ? Qt.RightToLeft : Qt.LeftToRight
    onShownChanged: root.wasShown = true
    Component.onCompleted: root.wasShown = root.shown

    Loader {
        active: root.siblingCount > 1
        visible: active
        sourceComponent: SiblingSwitch {
            siblingIndex: root.siblingIndex
            siblingCount: root.siblingCount
            reachable: root.reachable
            enabled: root.canChange
            onStepped: step => root.siblingRequested(step)
        }
    }
    // Made when it is first looked at: a long conversation has many of them.
    Loader {
        active: root.wasShown
        opacity: root.shown ? 1 : 0
        enabled: opacity > 0
        sourceComponent: buttons

        Behavior on opacity {
            NumberAnimation {
                duration: Theme.quick
            }
        }
    }
    Component {
        id: buttons

        Row {
            height: 32
            spacing: 2

            IconButton {
                id: copier

                property bool done: false

                objectName: "copyMessage"
                implicitWidth: 32
                implicitHeight: 32
                iconSize: 16
                activeFocusOnTab: root.reachable || activeFocus
                visible: root.hasText
                iconName: copier.done ? "check" : "copy"
                text: copier.done ? qsTr("Copied") : qsTr("Copy")
                onClicked: {
                    root.copyRequested();
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
                objectName: "editMessage"
                implicitWidth: 32
                implicitHeight: 32
                iconSize: 16
                activeFocusOnTab: root.reachable || activeFocus
                visible: root.canEdit
                iconName: "pencil"
                text: qsTr("Edit")
                onClicked: root.editRequested()
            }
            IconButton {
                objectName: "regenerate"
                implicitWidth: 32
                implicitHeight: 32
                iconSize: 16
                activeFocusOnTab: root.reachable || activeFocus
                visible: root.canRegenerate
                iconName: "regenerate"
                text: root.isLast ? qsTr("Regenerate (Ctrl+R)") : qsTr("Regenerate")
                onClicked: root.regenerateRequested()
            }
            IconButton {
                objectName: "continueReply"
                implicitWidth: 32
                implicitHeight: 32
                iconSize: 16
                activeFocusOnTab: root.reachable || activeFocus
                visible: root.canContinue
                iconName: "play"
                text: qsTr("Continue")
                onClicked: root.continueRequested()
            }
            IconButton {
                id: more

                objectName: "messageMenu"
                implicitWidth: 32
                implicitHeight: 32
                iconSize: 16
                activeFocusOnTab: root.reachable || activeFocus
                visible: root.canChange
                iconName: "more"
                text: qsTr("More")
                checked: root.menuOpen
                onClicked: root.menuRequested(more)
            }
            AppText {
                anchors.verticalCenter: parent.verticalCenter
                leftPadding: 6
                visible: root.note !== ""
                text: root.note
                color: Theme.secondary
                font.pixelSize: Theme.caption
            }
        }
    }
}
