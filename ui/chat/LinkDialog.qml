import QtQuick
import Alcove.Chat
import Alcove.Controls

// Shows where a link leads to before it is opened: what it is called in a reply may say something else.
AppDialog {
    id: root

    signal copyRequested(string text)

    function ask(address: string) {
        target.address = address;
        if (target.address !== "") {
            root.open();
            cancel.forceActiveFocus();
        }
    }

    title: target.mail ? qsTr("Write an email?") : qsTr("Open this page in the browser?")

    LinkTarget {
        id: target
    }

    contentItem: Column {
        spacing: 12

        AppText {
            objectName: "linkPlace"
            width: parent.width
            text: target.place
            wrapMode: Text.WrapAnywhere
            maximumLineCount: 3
            elide: Text.ElideRight
            font.pixelSize: Theme.body
            font.weight: Font.DemiBold
        }
        AppText {
            objectName: "linkAddress"
            width: parent.width
            text: target.address
            wrapMode: Text.WrapAnywhere
            maximumLineCount: 8
            elide: Text.ElideRight
            color: Theme.secondary
            font.family: Theme.monospace
            font.pixelSize: Theme.small
        }
        AppText {
            width: parent.width
            text: qsTr("The model wrote this address. Alcove itself opens no connection.")
            wrapMode: Text.Wrap
            color: Theme.secondary
            font.pixelSize: Theme.small
        }
        Flow {
            width: parent.width
            layoutDirection: Qt.RightToLeft
            topPadding: 8
            spacing: 8

            AppButton {
                objectName: "linkOpen"
                kind: "primary"
                text: qsTr("Open")
                onClicked: {
                    target.open();
                    root.close();
                }
            }
            AppButton {
                objectName: "linkCopy"
                text: qsTr("Copy address")
                onClicked: {
                    root.copyRequested(target.address);
                    root.close();
                }
            }
            AppButton {
                id: cancel

                objectName: "linkCancel"
                text: qsTr("Cancel")
                onClicked: root.close()
            }
        }
    }
}
