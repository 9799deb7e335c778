import QtQuick
import QtQuick.Controls.Basic
import Alcove.Library
import Alcove.Controls

// What the page shows before the first message: how to begin, or how to get a checkpoint.
Flickable {
    id: root

    required property LibraryController library

    signal suggested(string text)
    signal addRequested
    signal guideRequested

    readonly property bool welcoming: root.library.count > 0
    // What the checkpoint's card suggests or, where it suggests nothing, what any model can be asked.
    readonly property var suggestions: root.ownSuggestions.length > 0 ? root.ownSuggestions.map(text => ({
                icon: "bulb",
                title: "",
                text: text
            })) : root.usualSuggestions
    readonly property bool continuing: root.library.continuesText
    readonly property var ownSuggestions: root.library.suggestions
    readonly property var usualSuggestions: root.continuing ? root.beginnings : root.questions
    readonly property var beginnings: [
        {
            icon: "book",
            title: qsTr("Begin a story"),
            text: qsTr("Once upon a time, a lighthouse keeper found")
        },
        {
            icon: "bulb",
            title: qsTr("Begin an explanation"),
            text: qsTr("The sky is blue because")
        }
    ]
    readonly property var questions: [
        {
            icon: "bulb",
            title: qsTr("Explain something"),
            text: qsTr("Explain in simple words why the sky is blue.")
        },
        {
            icon: "letter",
            title: qsTr("Draft a letter"),
            text: qsTr("Write a short, friendly letter to my neighbours about a garden party on Saturday.")
        },
        {
            icon: "book",
            title: qsTr("Tell a story"),
            text: qsTr("Tell me a short story about a lighthouse keeper and a lost whale.")
        },
        {
            icon: "calendar",
            title: qsTr("Make a plan"),
            text: qsTr("Give me five ideas for a rainy weekend at home.")
        }
    ]

    contentHeight: Math.max(height, column.implicitHeight + 48)
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    Column {
        id: column

        anchors.centerIn: parent
        width: Math.min(600, root.width - 48)
        spacing: 0

        Mark {
            anchors.horizontalCenter: parent.horizontalCenter
            size: 64
        }
        Item {
            width: 1
            height: 24
        }
        AppText {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: !root.welcoming ? qsTr("Welcome to Alcove")
                  : root.continuing ? qsTr("Begin a text") : qsTr("What is on your mind?")
            font.pixelSize: Theme.display
            font.weight: Font.DemiBold
            wrapMode: Text.Wrap
            Accessible.role: Accessible.Heading
        }
        Item {
            width: 1
            height: 12
        }
        AppText {
            width: parent.width
            horizontalAlignment: Text.AlignHCenter
            text: root.welcoming && root.continuing
                  ? qsTr("This is a base model: it continues the text that you begin, and was not trained to answer questions.")
                  : root.welcoming ? qsTr("The model runs on this machine. What you write stays here.")
                                   : qsTr("Chat with a model that runs on your own machine. To start, add a MobiLlama model: a folder with config.json, tokenizer.model and the weights, or a GGUF file.")
            color: Theme.secondary
            font.pixelSize: Theme.body
            lineHeight: 1.3
            wrapMode: Text.Wrap
        }
        Item {
            width: 1
            height: 32
        }

        Grid {
            id: grid

            width: parent.width
            visible: root.welcoming
            columns: width >= 480 ? 2 : 1
            spacing: 12

            Repeater {
                model: root.welcoming ? root.suggestions : []

                AbstractButton {
                    id: card

                    required property var modelData

                    objectName: "suggestion"
                    width: (grid.width - (grid.columns - 1) * grid.spacing) / grid.columns
                    implicitHeight: hints.implicitHeight + 28
                    hoverEnabled: true
                    focusPolicy: Qt.StrongFocus
                    text: card.modelData.title
                    Accessible.name: card.modelData.title === "" ? card.modelData.text : card.modelData.title + ": " + card.modelData.text
                    onClicked: root.suggested(card.modelData.text)
                    Keys.onReturnPressed: card.clicked()

                    contentItem: Item {
                        Icon {
                            id: sign

                            x: 16
                            y: 14
                            icon: card.modelData.icon
                            color: Theme.accent
                        }
                        Column {
                            id: hints

                            anchors.left: sign.right
                            anchors.leftMargin: 12
                            anchors.right: parent.right
                            anchors.rightMargin: 16
                            y: 14
                            spacing: 4

                            AppText {
                                width: parent.width
                                visible: text !== ""
                                text: card.modelData.title
                                font.weight: Font.Medium
                                Accessible.ignored: true
                            }
                            AppText {
                                width: parent.width
                                text: card.modelData.text
                                color: card.modelData.title === "" ? Theme.text : Theme.secondary
                                font.pixelSize: card.modelData.title === "" ? Theme.ui : Theme.small
                                maximumLineCount: 2
                                elide: Text.ElideRight
                                wrapMode: Text.Wrap
                                Accessible.ignored: true
                            }
                        }
                    }
                    background: Rectangle {
                        radius: Theme.largeRadius
                        color: Theme.raised
                        border.width: 1
                        border.color: card.hovered ? Theme.strongBorder : Theme.border

                        Rectangle {
                            anchors.fill: parent
                            radius: parent.radius
                            color: card.down ? Theme.hover : "transparent"
                        }
                        FocusRing {
                            visible: card.visualFocus
                            cornerRadius: Theme.largeRadius
                        }
                    }
                }
            }
        }

        Item {
            width: 1
            height: 20
            visible: root.library.onlySmall
        }
        AppButton {
            objectName: "emptyGuide"
            anchors.horizontalCenter: parent.horizontalCenter
            visible: root.library.onlySmall
            kind: "quiet"
            iconName: "cube"
            text: qsTr("Get a larger model…")
            onClicked: root.guideRequested()
        }
        Column {
            width: parent.width
            visible: !root.welcoming
            spacing: 16

            Flow {
                anchors.horizontalCenter: parent.horizontalCenter
                width: Math.min(parent.width, add.implicitWidth + look.implicitWidth + open.implicitWidth + 24)
                spacing: 12

                AppButton {
                    id: add

                    objectName: "emptyAdd"
                    kind: "primary"
                    iconName: "folder-plus"
                    text: qsTr("Add a model…")
                    onClicked: root.addRequested()
                }
                AppButton {
                    id: open

                    objectName: "emptyOpenLibrary"
                    iconName: "folder"
                    text: qsTr("Open models folder")
                    onClicked: root.library.openFolder()
                }
                AppButton {
                    id: look

                    objectName: "emptyRescan"
                    iconName: "regenerate"
                    text: qsTr("Rescan")
                    onClicked: root.library.rescan()
                }
            }
            AppText {
                width: parent.width
                horizontalAlignment: Text.AlignHCenter
                text: qsTr("Models in %1 are found automatically.").arg(root.library.folder)
                color: Theme.secondary
                font.pixelSize: Theme.caption
                lineHeight: 1.2
                wrapMode: Text.WrapAnywhere
            }
        }
    }

    ScrollBar.vertical: AppScrollBar {}
}
