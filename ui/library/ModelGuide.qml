import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// How to get a larger model: which files, and into which folder. The window itself downloads nothing.
AppDialog {
    id: root

    required property string modelsFolder
    required property string hub  // the address of the pages, up to a model's name

    signal copyRequested(string text)
    signal openFolderRequested
    signal rescanRequested

    readonly property var models: [
        {
            name: "MobiLlama-05B-Chat",
            detail: qsTr("535 M parameters, 1.07 GB: for most machines")
        },
        {
            name: "MobiLlama-1B-Chat",
            detail: qsTr("1.26 B parameters, 2.52 GB: better answers, slower")
        },
        {
            name: "MobiLlama-05B",
            detail: qsTr("535 M parameters: a base model, which continues texts")
        }
    ]

    title: qsTr("Get a larger model")
    preferredWidth: 620
    height: parent ? Math.min(implicitHeight, parent.height - 32) : implicitHeight
    padding: 0
    topPadding: 0

    contentItem: Flickable {
        id: scroller

        implicitHeight: column.implicitHeight + 24
        contentHeight: column.implicitHeight + 24
        boundsBehavior: Flickable.StopAtBounds
        clip: true

        ScrollBar.vertical: AppScrollBar {}

        Column {
            id: column

            x: 24
            width: scroller.width - 48
            spacing: 12

            AppText {
                width: parent.width
                text: qsTr("The window connects to nothing. Download the files with a browser, on this machine or on another one; or in a terminal: alcove-cli library download mobillama-05b-chat")
                color: Theme.secondary
                wrapMode: Text.Wrap
                lineHeight: 1.2
            }
            Step {
                number: 1
                text: qsTr("Open the page of a model:")
            }
            Repeater {
                model: root.models

                Rectangle {
                    id: entry

                    required property var modelData

                    readonly property bool narrow: entry.width < 420
                    readonly property string address: root.hub + entry.modelData.name + "/tree/main"

                    width: column.width
                    height: words.height + 20 + (entry.narrow ? copier.height + 8 : 0)
                    radius: Theme.radius
                    color: Theme.raised
                    border.width: 1
                    border.color: Theme.border

                    Column {
                        id: words

                        x: 14
                        y: 10
                        width: parent.width - (entry.narrow ? 28 : copier.width + 34)
                        spacing: 2

                        AppText {
                            width: parent.width
                            text: entry.modelData.name
                            font.weight: Font.DemiBold
                            elide: Text.ElideRight
                        }
                        AppText {
                            width: parent.width
                            text: entry.modelData.detail
                            color: Theme.secondary
                            font.pixelSize: Theme.small
                            wrapMode: Text.Wrap
                        }
                        AppText {
                            width: parent.width
                            text: entry.address
                            color: Theme.secondary
                            font.family: Theme.monospace
                            font.pixelSize: Theme.caption
                            wrapMode: Text.WrapAnywhere
                        }
                    }
                    AppButton {
                        id: copier

                        objectName: "copyModelAddress"
                        x: entry.narrow ? 14 : parent.width - width - 10
                        y: entry.narrow ? words.y + words.height + 8 : (parent.height - height) / 2
                        iconName: "copy"
                        text: qsTr("Copy address")
                        onClicked: root.copyRequested(entry.address)
                    }
                }
            }
            Step {
                number: 2
                text: qsTr("Download these files: config.json, tokenizer.model, and the weights: model.safetensors, or where the page has none every pytorch_model….bin file with pytorch_model.bin.index.json.")
            }
            Step {
                number: 3
                text: qsTr("Put them into a folder with the model's name in here:")
            }
            AppText {
                objectName: "guideFolder"
                width: parent.width
                leftPadding: 32
                text: root.modelsFolder + "/MobiLlama-05B-Chat"
                font.family: Theme.monospace
                font.pixelSize: Theme.small
                wrapMode: Text.WrapAnywhere
            }
            Step {
                number: 4
                text: qsTr("Rescan, and choose the model in the menu at the top (Ctrl+K). GGUF files of LLaMA models work too.")
            }
            Flow {
                width: parent.width
                topPadding: 8
                spacing: 8

                AppButton {
                    objectName: "guideOpenFolder"
                    iconName: "folder"
                    text: qsTr("Open models folder")
                    onClicked: root.openFolderRequested()
                }
                AppButton {
                    objectName: "guideRescan"
                    iconName: "regenerate"
                    text: qsTr("Rescan")
                    onClicked: {
                        root.close();
                        root.rescanRequested();
                    }
                }
            }
        }
    }

    component Step: Item {
        id: step

        required property int number
        required property string text

        width: parent ? parent.width : 0
        implicitHeight: Math.max(22, stepText.implicitHeight)

        Rectangle {
            width: 22
            height: 22
            radius: 11
            color: Theme.accentSoft

            AppText {
                anchors.centerIn: parent
                text: step.number
                color: Theme.accent
                font.pixelSize: Theme.caption
                font.weight: Font.DemiBold
            }
        }
        AppText {
            id: stepText

            x: 32
            y: 2
            width: parent.width - x
            text: step.text
            wrapMode: Text.Wrap
            lineHeight: 1.2
        }
    }
}
