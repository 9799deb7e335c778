import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls
import Alcove.Library
import Alcove.Transfer

// Asks for what to import, a file or a folder; or, where `exporting`, for a place and a format to export to.
AppDialog {
    id: root

    required property TransferController transfer

    property bool exporting: false
    property var ids: []  // of the conversations to export; none: all
    property string name: ""
    property int format: TransferController.Markdown
    // Absolute paths.
    signal chosenToImport(string path)
    signal chosenToExport(var ids, int format, string path)

    readonly property FileRow chosen: list.currentItem as FileRow
    readonly property string source: root.chosen ? root.chosen.path : listing.folder

    function askForImport() {
        root.exporting = false;
        root.show();
    }
    function askForExport(ids: var, name: string) {
        root.exporting = true;
        root.ids = ids;
        root.name = name;
        root.format = TransferController.Markdown;
        root.show();
    }
    function show() {
        listing.allFiles = true;
        if (listing.folder === "")
            listing.openHome();
        else
            listing.open(listing.folder);
        root.open();
        list.forceActiveFocus();
    }
    function act(row: FileRow) {
        if (!row.isFile)
            listing.open(row.path);
        else if (!root.exporting)
            root.importPath(row.path);
    }
    function importPath(path: string) {
        root.close();
        root.chosenToImport(path);
    }
    function exportHere() {
        const folder = listing.folder;
        root.close();
        root.chosenToExport(root.ids, root.format, root.transfer.freePath(folder, root.name, root.format));
    }

    title: !root.exporting ? qsTr("Import conversations") : root.ids.length === 1 ? qsTr("Export the conversation") : qsTr("Export all conversations")
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
            visible: !root.exporting
            text: qsTr("Choose an export of ChatGPT, Open WebUI or llama.cpp, a chat of GPT4All, a folder of LM Studio's, or what Alcove has exported or backed up.")
            color: Theme.secondary
            lineHeight: 1.15
            wrapMode: Text.Wrap
        }
        AppComboBox {
            id: formats

            objectName: "exportFormat"
            width: Math.min(parent.width, 260)
            visible: root.exporting
            model: [qsTr("Markdown"), qsTr("JSON"), qsTr("Web page")].concat(root.ids.length > 0 ? [] : [qsTr("Backup")])
            currentIndex: root.format  // in the order of TransferController.Format
            Accessible.name: qsTr("Format")
            onActivated: index => root.format = index
        }
        AppText {
            width: parent.width
            visible: root.exporting
            text: root.format === TransferController.Json ? qsTr("Everything: all branches, settings and facts. Alcove imports it.")
                  : root.format === TransferController.Backup ? qsTr("The whole history in one file. Import takes it back, beside what is there by then.")
                  : qsTr("To read, print or pass on: the branch that is shown.")
            color: Theme.secondary
            font.pixelSize: Theme.small
            wrapMode: Text.Wrap
        }
        Row {
            width: parent.width
            spacing: 4

            IconButton {
                id: up

                objectName: "filePickerUp"
                iconName: "arrow-up"
                text: qsTr("Enclosing folder")
                onClicked: listing.openParent()
            }
            AppTextField {
                id: address

                objectName: "filePickerAddress"
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
        Rectangle {
            width: parent.width
            height: Math.max(120, Math.min(300, (root.parent ? root.parent.height : 600) - 380))
            radius: Theme.radius
            color: Theme.raised
            border.width: list.activeFocus && list.currentIndex < 0 ? 2 : 1
            border.color: list.activeFocus && list.currentIndex < 0 ? Theme.accent : Theme.border

            ListView {
                id: list

                objectName: "filePickerList"
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
                Accessible.name: qsTr("Folders and files")

                delegate: FileRow {
                    id: row

                    width: ListView.view.width
                    highlighted: ListView.isCurrentItem
                    opacity: root.exporting && row.isFile ? 0.5 : 1
                    onClicked: {
                        list.currentIndex = row.index;
                        list.forceActiveFocus(Qt.MouseFocusReason);
                    }
                    onDoubleClicked: root.act(row)
                }

                Keys.onPressed: event => {
                    if ((event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Right) && root.chosen)
                        root.act(root.chosen);
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
                text: list.count > 0 || listing.reading ? "" : listing.problem !== "" ? listing.problem : qsTr("This folder is empty.")
                color: Theme.secondary
                horizontalAlignment: Text.AlignHCenter
                wrapMode: Text.Wrap
            }
        }
        AppTextField {
            id: nameField

            objectName: "exportName"
            width: parent.width
            visible: root.exporting
            text: root.name
            maximumLength: 200
            placeholderText: qsTr("File name")
            Accessible.name: qsTr("File name")
            onTextEdited: root.name = nameField.text
            onAccepted: root.exportHere()
        }
        Row {
            anchors.right: parent.right
            spacing: 8

            AppButton {
                text: qsTr("Cancel")
                onClicked: root.close()
            }
            AppButton {
                objectName: "filePickerOpen"
                visible: root.chosen !== null && !root.chosen.isFile
                text: qsTr("Open folder")
                onClicked: root.act(root.chosen)
            }
            AppButton {
                objectName: "filePickerImport"
                visible: !root.exporting
                enabled: root.source !== ""
                kind: "primary"
                text: root.chosen && root.chosen.isFile ? qsTr("Import") : qsTr("Import this folder")
                onClicked: root.importPath(root.source)
            }
            AppButton {
                objectName: "filePickerExport"
                visible: root.exporting
                enabled: listing.folder !== ""
                kind: "primary"
                text: root.format === TransferController.Backup ? qsTr("Back up here") : qsTr("Export here")
                onClicked: root.exportHere()
            }
        }
    }
}
