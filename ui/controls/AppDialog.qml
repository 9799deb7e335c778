import QtQuick
import QtQuick.Controls.Basic
import QtQuick.Templates as T

// A modal dialog in the middle of the window, never larger than it.
Dialog {
    id: control

    property int preferredWidth: 440

    parent: T.Overlay.overlay
    anchors.centerIn: parent
    width: parent ? Math.min(control.preferredWidth, parent.width - 32) : control.preferredWidth
    modal: true
    focus: true
    padding: 24
    topPadding: 8
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutside

    T.Overlay.modal: Rectangle {
        color: Theme.scrim
    }

    header: Item {
        implicitHeight: 60

        AppText {
            anchors.left: parent.left
            anchors.leftMargin: 24
            anchors.right: closer.left
            anchors.verticalCenter: parent.verticalCenter
            text: control.title
            elide: Text.ElideRight
            font.pixelSize: Theme.heading
            font.weight: Font.DemiBold
            Accessible.role: Accessible.Heading
        }
        IconButton {
            id: closer

            anchors.right: parent.right
            anchors.rightMargin: 12
            anchors.verticalCenter: parent.verticalCenter
            iconName: "close"
            text: qsTr("Close")
            onClicked: control.reject()
        }
    }
    background: Rectangle {
        radius: 16
        color: Theme.page
        border.width: 1
        border.color: Theme.border
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.quick
        }
    }
    exit: Transition {
        NumberAnimation {
            property: "opacity"
            from: 1
            to: 0
            duration: Theme.quick
        }
    }
}
