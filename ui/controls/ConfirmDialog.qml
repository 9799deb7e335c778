import QtQuick

// Asks before something is done. `ask` opens it.
AppDialog {
    id: root

    property string text: ""
    property string confirmText: ""
    property bool dangerous: false

    signal confirmed

    function ask() {
        root.open();
        cancel.forceActiveFocus();
    }

    contentItem: Column {
        spacing: 20

        AppText {
            objectName: "confirmText"
            width: parent.width
            text: root.text
            wrapMode: Text.Wrap
            lineHeight: 1.2
        }
        Row {
            anchors.right: parent.right
            spacing: 8

            AppButton {
                id: cancel

                objectName: "confirmCancel"
                text: qsTr("Cancel")
                onClicked: root.close()
            }
            AppButton {
                objectName: "confirmDo"
                kind: root.dangerous ? "danger" : "primary"
                text: root.confirmText
                onClicked: {
                    root.close();
                    root.confirmed();
                }
            }
        }
    }
}
