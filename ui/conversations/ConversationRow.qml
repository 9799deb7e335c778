import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// One conversation in the list: its title, and a menu for what can be done to it, or to all that are selected with it.
ItemDelegate {
    id: root

    required property int conversationId
    required property string title
    required property bool answering
    required property int index
    required property bool pinned
    required property bool archived
    required property bool selected
    property bool open: false
    property bool current: false
    property bool readOnly: false
    property int together: 1  // how many an action is for

    signal renameRequested
    signal exportRequested
    signal removeRequested
    signal pinRequested(bool pinned)
    signal archiveRequested(bool archived)
    signal moveRequested
    signal selectRequested(bool range)

    readonly property bool revealed: root.hovered || root.current || menu.visible

    function showMenu() {
        menu.popup(more, 0, more.height + 4);
    }

    implicitHeight: Theme.grown(38)
    leftPadding: 12
    rightPadding: more.visible ? 40 : sign.visible ? 28 : 12
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: root.title
    Accessible.name: root.answering ? qsTr("%1, being answered").arg(root.title) : root.title
    Accessible.role: Accessible.ListItem
    Accessible.selected: root.open || root.selected

    contentItem: AppText {
        id: words

        text: root.title
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        font.weight: root.open ? Font.Medium : Font.Normal
        Accessible.ignored: true
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.selected ? Theme.accentSoft : root.down ? Theme.pressed : root.open ? Theme.selected : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            visible: root.current
            distance: 0
        }
    }

    Rectangle {
        id: sign

        objectName: "answeringSign"
        anchors.right: parent.right
        anchors.rightMargin: 12
        anchors.verticalCenter: parent.verticalCenter
        width: 8
        height: 8
        radius: 4
        visible: root.answering && !more.visible
        color: Theme.accent

        SequentialAnimation on opacity {
            running: sign.visible
            loops: Animation.Infinite

            NumberAnimation {
                from: 1
                to: 0.3
                duration: 640
                easing.type: Easing.InOutQuad
            }
            NumberAnimation {
                to: 1
                duration: 640
                easing.type: Easing.InOutQuad
            }
        }
    }
    AppToolTip {
        visible: root.hovered && !root.down && !menu.visible && words.truncated
        text: root.title
    }
    // A click with Ctrl or Shift selects instead of opening.
    MouseArea {
        anchors.fill: parent
        onPressed: mouse => {
            mouse.accepted = (mouse.modifiers & (Qt.ControlModifier | Qt.ShiftModifier)) !== 0;
            if (mouse.accepted)
                root.selectRequested((mouse.modifiers & Qt.ShiftModifier) !== 0);
        }
    }

    IconButton {
        id: more

        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        implicitWidth: 30
        implicitHeight: 30
        visible: root.revealed && !root.readOnly
        focusPolicy: Qt.NoFocus
        iconName: "more"
        text: qsTr("What can be done to “%1”").arg(root.title)
        hint: ""
        onClicked: root.showMenu()
    }

    AppMenu {
        id: menu

        implicitWidth: root.together === 1 ? 220 : 270

        AppMenuItem {
            objectName: "renameItem"
            enabled: root.together === 1
            iconName: "pencil"
            text: qsTr("Rename…")
            keys: qsTr("F2")
            onTriggered: root.renameRequested()
        }
        AppMenuItem {
            objectName: "exportItem"
            enabled: root.together === 1
            iconName: "file"
            text: qsTr("Export…")
            onTriggered: root.exportRequested()
        }
        AppMenuItem {
            objectName: "pinItem"
            iconName: "pin"
            text: root.pinned ? qsTr("Unpin") : qsTr("Pin")
            onTriggered: root.pinRequested(!root.pinned)
        }
        AppMenuItem {
            objectName: "moveItem"
            iconName: "folder"
            text: qsTr("Move to a folder…")
            onTriggered: root.moveRequested()
        }
        AppMenuItem {
            objectName: "archiveItem"
            iconName: "archive"
            text: root.archived ? qsTr("Take out of the archive") : qsTr("Archive")
            onTriggered: root.archiveRequested(!root.archived)
        }
        AppMenuItem {
            objectName: "deleteItem"
            iconName: "trash"
            text: root.together === 1 ? qsTr("Delete") : qsTr("Delete %L1 conversations").arg(root.together)
            keys: qsTr("Del")
            dangerous: true
            onTriggered: root.removeRequested()
        }
    }

    TapHandler {
        acceptedButtons: Qt.RightButton
        enabled: !root.readOnly
        onTapped: menu.popup()
    }
}
