import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// One folder in the list, and a menu for what can be done to it.
ItemDelegate {
    id: root

    required property int folderId
    required property string name
    required property string colour
    property bool readOnly: false

    signal renameRequested
    signal insideRequested
    signal outRequested
    signal removeRequested

    implicitHeight: 38
    leftPadding: 12
    rightPadding: more.visible ? 40 : 12
    hoverEnabled: true
    focusPolicy: Qt.StrongFocus
    text: root.name
    Accessible.name: qsTr("Folder %1").arg(root.name)

    Keys.onReturnPressed: root.clicked()
    Keys.onEnterPressed: root.clicked()
    Keys.onPressed: event => {
        if (root.readOnly)
            return;
        if (event.key === Qt.Key_F2)
            root.renameRequested();
        else if (event.key === Qt.Key_Delete)
            root.removeRequested();
        else if (event.key === Qt.Key_Menu)
            menu.popup(more, 0, more.height + 4);
        else
            return;
        event.accepted = true;
    }

    contentItem: Item {
        Icon {
            id: mark

            anchors.verticalCenter: parent.verticalCenter
            icon: "folder"
            size: 18
            color: Theme.folderColour(root.colour)
        }
        AppText {
            anchors.left: mark.right
            anchors.leftMargin: 10
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            text: root.name
            elide: Text.ElideRight
            Accessible.ignored: true
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : root.hovered ? Theme.hover : "transparent"

        FocusRing {
            visible: root.visualFocus
            distance: 0
        }
    }

    IconButton {
        id: more

        anchors.right: parent.right
        anchors.rightMargin: 4
        anchors.verticalCenter: parent.verticalCenter
        implicitWidth: 30
        implicitHeight: 30
        visible: (root.hovered || root.visualFocus || menu.visible) && !root.readOnly
        focusPolicy: Qt.NoFocus
        iconName: "more"
        text: qsTr("What can be done to the folder “%1”").arg(root.name)
        hint: ""
        onClicked: menu.popup(more, 0, more.height + 4)
    }
    AppMenu {
        id: menu

        AppMenuItem {
            iconName: "pencil"
            text: qsTr("Name and colour…")
            keys: qsTr("F2")
            onTriggered: root.renameRequested()
        }
        AppMenuItem {
            iconName: "folder-plus"
            text: qsTr("New folder inside…")
            onTriggered: root.insideRequested()
        }
        AppMenuItem {
            iconName: "folder"
            text: qsTr("Move…")
            onTriggered: root.outRequested()
        }
        AppMenuItem {
            objectName: "deleteFolderItem"
            iconName: "trash"
            text: qsTr("Delete")
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
