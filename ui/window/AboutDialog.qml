import QtQuick
import QtQuick.Controls.Basic
import Alcove.Library
// Qualified, because Qt Quick has an Application of its own.
import Alcove.Window as Alcove
import Alcove.Controls

// The version, the model that is open, and the licences of both and of what they are made of.
AppDialog {
    id: root

    required property Alcove.About about
    required property RunningCheckpoint running

    signal copyRequested(string text)

    title: qsTr("About Alcove")
    preferredWidth: 560
    height: parent ? Math.min(680, parent.height - 32) : 680
    padding: 0
    topPadding: 0
    onAboutToShow: {
        scroller.contentY = 0;
        texts.unfolded = false;
        modelText.unfolded = false;
        root.about.refresh();
    }

    contentItem: Flickable {
        id: scroller

        contentHeight: column.implicitHeight + 24
        boundsBehavior: Flickable.StopAtBounds
        clip: true

        ScrollBar.vertical: AppScrollBar {}

        Column {
            id: column

            x: 24
            width: scroller.width - 48
            spacing: 8

            Row {
                spacing: 16

                Mark {
                    size: 48
                }
                Column {
                    anchors.verticalCenter: parent.verticalCenter
                    spacing: 4

                    AppText {
                        objectName: "aboutVersion"
                        text: qsTr("Alcove %1").arg(root.about.version)
                        font.weight: Font.DemiBold
                    }
                    AppText {
                        text: qsTr("Private chat on your own machine. Works fully offline.")
                        color: Theme.secondary
                        font.pixelSize: Theme.small
                    }
                }
            }
            AppButton {
                objectName: "copyVersion"
                iconName: "copy"
                text: qsTr("Copy version")
                onClicked: root.copyRequested(qsTr("Alcove %1").arg(root.about.version))
            }

            Title {
                visible: root.running.name !== ""
                text: qsTr("The model that is open")
            }
            AppText {
                visible: root.running.name !== ""
                width: parent.width
                text: root.running.name
                font.weight: Font.DemiBold
                wrapMode: Text.Wrap
            }
            AppText {
                visible: text !== ""
                width: parent.width
                text: root.about.modelDescription
                wrapMode: Text.Wrap
                lineHeight: 1.15
            }
            AppText {
                visible: text !== ""
                width: parent.width
                text: root.running.path === "" ? "" : root.running.detail + "\n" + root.running.path
                color: Theme.secondary
                font.pixelSize: Theme.small
                wrapMode: Text.WrapAnywhere
                lineHeight: 1.15
            }
            AppText {
                objectName: "modelLicence"
                visible: text !== ""
                width: parent.width
                text: root.about.modelLicence
                color: Theme.secondary
                font.pixelSize: Theme.small
                wrapMode: Text.Wrap
            }
            Unfolding {
                id: modelText

                visible: root.about.modelLicenceText !== ""
                label: qsTr("Show the model's licence")
                content: unfolded ? root.about.modelLicenceText : ""
            }

            Title {
                text: qsTr("What Alcove is made of")
            }
            AppText {
                width: parent.width
                text: qsTr("Alcove itself is licensed under the Apache License 2.0. It uses:")
                wrapMode: Text.Wrap
            }
            Repeater {
                model: root.about.components

                Item {
                    id: line

                    required property var modelData

                    width: column.width
                    height: Math.max(name.height, licence.height)

                    AppText {
                        id: name

                        width: parent.width * 0.5
                        text: line.modelData.name
                        font.pixelSize: Theme.small
                        wrapMode: Text.Wrap
                    }
                    AppText {
                        id: licence

                        x: parent.width * 0.5
                        width: parent.width * 0.5
                        text: line.modelData.licence
                        color: Theme.secondary
                        font.pixelSize: Theme.small
                        wrapMode: Text.Wrap
                    }
                }
            }
            Unfolding {
                id: texts

                name: "licenceTexts"
                label: qsTr("Show the licence texts")
                content: unfolded ? root.about.licenceTexts() : ""
            }
        }
    }

    component Title: AppText {
        topPadding: 16
        color: Theme.accent
        font.pixelSize: Theme.small
        font.weight: Font.DemiBold
        Accessible.role: Accessible.Heading
    }
    // A long text behind a button.
    component Unfolding: Column {
        id: unfolding

        property string label
        property string name
        property string content
        property bool unfolded: false

        width: parent ? parent.width : 0
        spacing: 8

        AppButton {
            objectName: unfolding.name
            text: unfolding.label
            visible: !unfolding.unfolded
            onClicked: unfolding.unfolded = true
        }
        Loader {
            width: parent.width
            active: unfolding.unfolded
            sourceComponent: AppText {
                objectName: "licenceText"
                text: unfolding.content
                font.family: Theme.monospace
                font.pixelSize: Theme.caption
                wrapMode: Text.Wrap
            }
        }
    }
}
