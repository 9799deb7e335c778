import QtQuick
import Alcove.Controls

// Where to write what is looked for in all conversations.
AppTextField {
    id: root

    signal downRequested

    leftPadding: 36
    rightPadding: clear.visible ? 36 : 12
    maximumLength: 1000
    placeholderText: qsTr("Search")
    Accessible.name: qsTr("Search all conversations")
    Accessible.role: Accessible.EditableText

    Keys.onDownPressed: root.downRequested()
    Keys.onReturnPressed: root.downRequested()
    Keys.onEnterPressed: root.downRequested()

    Icon {
        x: 11
        anchors.verticalCenter: parent.verticalCenter
        icon: "search"
        size: 16
    }
    IconButton {
        id: clear

        objectName: "clearSearch"
        anchors.right: parent.right
        anchors.rightMargin: 5
        anchors.verticalCenter: parent.verticalCenter
        implicitWidth: 30
        implicitHeight: 30
        iconSize: 15
        visible: root.text !== ""
        focusPolicy: Qt.NoFocus
        iconName: "close"
        text: qsTr("Clear the search")
        hint: ""
        onClicked: {
            root.clear();
            root.forceActiveFocus();
        }
    }
}
