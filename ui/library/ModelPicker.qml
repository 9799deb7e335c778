import QtQuick
import QtQuick.Controls.Basic
import Alcove.Library
import Alcove.Controls

// Asks for a model on this machine: a folder, also the one that is shown, or a GGUF file.
AppDialog {
    id: root

    // Where models are put; one of the places to begin from.
    required property string modelsFolder

    // An absolute path.
    signal picked(string path)

    readonly property PickerRow chosen: list.currentItem as PickerRow
    // What would be added now: the chosen model, else the folder itself if it is one.
    readonly property string target: root.chosen && root.chosen.isModel ? root.chosen.path
                                     : listing.isModel ? listing.folder : ""

    function ask() {
        if (listing.folder === "")
            listing.openHome();
        else
            listing.open(listing.folder);
        root.open();
        list.forceActiveFocus();
    }
    function pick(path: string) {
        root.close();
        root.picked(path);
    }
    function act(row: PickerRow) {
        if (row.isModel)
            root.pick(row.path);
        else
            listing.open(row.path);
    }

    title: qsTr("Add a model")
    preferredWidth: 620

    FolderListing {
        id: listing

        onListed: {
            list.currentIndex = -1;
            list.positionViewAtBeginning();
        }
    }

    contentItem: Column {
        spacing: 12

        AppText {
            width: parent.width
            text: qsTr("A model is a folder with config.json, tokenizer.model and the weights, or a GGUF file.")
            color: Theme.secondary
            wrapMode: Text.Wrap
        }
        Row {
            width: parent.width
            spacing: 4

            IconButton {
                id: up

                objectName: "pickerUp"
                iconName: "arrow-up"
                text: qsTr("Enclosing folder")
                onClicked: listing.openParent()
            }
            AppTextField {
                id: address

                objectName: "pickerAddress"
                width: parent.width - up.width - parent.spacing
                text: listing.folder
                Accessible.name: qsTr("Folder")
                onAccepted: {
                    listing.open(address.text);
                    address.text = Qt.binding(() => listing.folder);
                    list.forceActiveFocus();
                }
            }
        }
        Row {
            spacing: 8

            Place {
                objectName: "pickerHome"
                text: qsTr("Home")
                onClicked: listing.openHome()
            }
            Place {
                text: qsTr("Models folder")
                onClicked: listing.open(root.modelsFolder)
            }
            Place {
                text: qsTr("Computer")
                onClicked: listing.open("/")
            }
        }
        Rectangle {
            width: parent.width
            height: Math.max(120, Math.min(320, (root.parent ? root.parent.height : 600) - 360))
            radius: Theme.radius
            color: Theme.raised
            border.width: list.activeFocus && list.currentIndex < 0 ? 2 : 1
            border.color: list.activeFocus && list.currentIndex < 0 ? Theme.accent : Theme.border

            ListView {
                id: list

                objectName: "pickerList"
                anchors.fill: parent
                anchors.margins: 4
                clip: true
                focus: true
                activeFocusOnTab: true
                boundsBehavior: Flickable.StopAtBounds
                reuseItems: true
                currentIndex: -1
                highlightMoveDuration: 0
                model: listing
                Accessible.role: Accessible.List
                Accessible.name: qsTr("Folders and models")

                delegate: PickerRow {
                    id: row

                    width: ListView.view.width
                    highlighted: ListView.isCurrentItem
                    onClicked: {
                        list.currentIndex = row.index;
                        list.forceActiveFocus(Qt.MouseFocusReason);
                    }
                    onDoubleClicked: root.act(row)
                }

                Keys.onPressed: event => {
                    if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Right) && root.chosen)
                        root.act(root.chosen);
                    else if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter) && root.target !== "")
                        root.pick(root.target);
                    else if (event.key === Qt.Key_Backspace || event.key === Qt.Key_Left)
                        listing.openParent();
                    else if (event.text !== "" && event.text >= " " && !(event.modifiers & (Qt.ControlModifier | Qt.AltModifier)))
                        list.currentIndex = listing.rowBeginningWith(event.text, list.currentIndex + 1);
                    else
                        return;
                    event.accepted = true;
                }

                ScrollBar.vertical: AppScrollBar {}
            }
            AppText {
                anchors.centerIn: parent
                width: parent.width - 32
                visible: text !== ""
                text: list.count > 0 ? "" : listing.problem !== "" ? listing.problem : listing.reading ? ""
                      : listing.isModel ? qsTr("This folder is a model.") : qsTr("No folders and no models in here.")
                color: Theme.secondary
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
            }
        }
        AppText {
            width: parent.width
            visible: list.count > 0 && listing.problem !== ""
            text: listing.problem
            color: Theme.secondary
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
        }
        Row {
            anchors.right: parent.right
            spacing: 8

            AppButton {
                text: qsTr("Cancel")
                onClicked: root.close()
            }
            AppButton {
                objectName: "pickerOpen"
                visible: root.target === ""
                enabled: root.chosen !== null
                text: qsTr("Open folder")
                onClicked: root.act(root.chosen)
            }
            AppButton {
                objectName: "pickerAdd"
                visible: root.target !== ""
                kind: "primary"
                text: root.target === listing.folder ? qsTr("Add this folder") : qsTr("Add model")
                onClicked: root.pick(root.target)
            }
        }
    }

    component Place: AppButton {
        implicitHeight: 30
        leftPadding: 12
        rightPadding: 12
    }
}
