import QtQuick
import Alcove.Chat
import Alcove.Controls

// Finds in the open conversation: a field, how many there are, and the way from one to the next.
FocusScope {
    id: root

    required property FindController find

    signal closed

    function begin() {
        root.find.open = true;
        field.forceActiveFocus();
        field.selectAll();
    }
    function close() {
        root.find.open = false;
        root.closed();
    }

    implicitWidth: 400
    implicitHeight: 48
    visible: root.find.open

    Rectangle {
        anchors.fill: parent
        radius: Theme.largeRadius
        color: Theme.raised
        border.width: 1
        border.color: Theme.strongBorder
    }

    AppTextField {
        id: field

        objectName: "findField"
        anchors.left: parent.left
        anchors.leftMargin: 6
        anchors.right: number.left
        anchors.verticalCenter: parent.verticalCenter
        implicitHeight: 36
        focus: true
        maximumLength: 1000
        placeholderText: qsTr("Find in this conversation")
        Accessible.name: placeholderText
        text: root.find.text
        onTextEdited: root.find.text = text

        Keys.onEscapePressed: root.close()
        Keys.onPressed: event => {
            const enter = event.key === Qt.Key_Return || event.key === Qt.Key_Enter;
            if (event.key === Qt.Key_Up || (enter && event.modifiers & Qt.ShiftModifier))
                root.find.previous();
            else if (event.key === Qt.Key_Down || enter)
                root.find.next();
            else
                return;
            event.accepted = true;
        }
    }
    AppText {
        id: number

        objectName: "findCount"
        anchors.right: buttons.left
        anchors.verticalCenter: parent.verticalCenter
        width: Math.max(56, implicitWidth + 16)
        horizontalAlignment: Text.AlignHCenter
        text: root.find.problem !== "" ? "!" : field.text.trim() === "" || (root.find.busy && root.find.count === 0) ? ""
              : root.find.count === 0 ? qsTr("None") : qsTr("%L1 of %L2").arg(root.find.current).arg(root.find.count)
        color: root.find.count === 0 ? Theme.danger : Theme.secondary
        font.pixelSize: Theme.caption
        Accessible.role: Accessible.StaticText
        Accessible.name: root.find.problem !== "" ? root.find.problem : text
    }
    Row {
        id: buttons

        anchors.right: parent.right
        anchors.rightMargin: 6
        anchors.verticalCenter: parent.verticalCenter

        IconButton {
            objectName: "findPrevious"
            implicitWidth: 32
            implicitHeight: 32
            iconName: "chevron-up"
            enabled: root.find.count > 0
            text: qsTr("Previous (Shift+Enter)")
            onClicked: root.find.previous()
        }
        IconButton {
            objectName: "findNext"
            implicitWidth: 32
            implicitHeight: 32
            iconName: "chevron-down"
            enabled: root.find.count > 0
            text: qsTr("Next (Enter)")
            onClicked: root.find.next()
        }
        IconButton {
            objectName: "findClose"
            implicitWidth: 32
            implicitHeight: 32
            iconSize: 16
            iconName: "close"
            text: qsTr("Close (Esc)")
            onClicked: root.close()
        }
    }
}
