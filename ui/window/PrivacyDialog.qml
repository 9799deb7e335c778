import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls
import Alcove.Window

// What the kernel refuses Alcove, tried when the page opens, where its files are, and what is not protected.
AppDialog {
    id: root

    required property PrivacyReport report
    required property string dataFolder

    title: qsTr("Privacy")
    preferredWidth: 560
    height: parent ? Math.min(680, parent.height - 32) : 680
    padding: 0
    topPadding: 0
    onAboutToShow: {
        root.report.tryNow();
        scroller.contentY = 0;
    }

    contentItem: Flickable {
        id: scroller

        clip: true
        focus: true
        contentHeight: column.height + 24
        boundsBehavior: Flickable.StopAtBounds
        ScrollBar.vertical: AppScrollBar {}
        Keys.onUpPressed: scroller.contentY = Math.max(0, scroller.contentY - 48)
        Keys.onDownPressed: scroller.contentY = Math.max(0, Math.min(scroller.contentHeight - scroller.height, scroller.contentY + 48))

        Column {
            id: column

            x: 24
            width: scroller.width - 48
            spacing: 12

            AppText {
                width: parent.width
                wrapMode: Text.Wrap
                text: root.report.allEnforced
                      ? qsTr("The model runs on this machine, and the system itself keeps Alcove off the network. Alcove has just tried to break out, and was refused:")
                      : qsTr("The model runs on this machine, and Alcove opens no connection. This system does not enforce all of it:")
            }
            Repeater {
                model: root.report.protections

                delegate: Rectangle {
                    id: card

                    required property var modelData

                    objectName: "privacyProtection"
                    width: column.width
                    height: cardColumn.height + 24
                    radius: Theme.largeRadius
                    color: Theme.raised
                    border.width: 1
                    border.color: Theme.border
                    Accessible.role: Accessible.StaticText
                    Accessible.name: card.modelData.name + ": " + state.text

                    Column {
                        id: cardColumn

                        x: 16
                        y: 12
                        width: parent.width - 32
                        spacing: 4

                        Item {
                            width: parent.width
                            height: Math.max(name.height, state.height)

                            AppText {
                                id: name

                                width: parent.width - state.width - 12
                                text: card.modelData.name
                                wrapMode: Text.Wrap
                                font.weight: Font.DemiBold
                            }
                            AppText {
                                id: state

                                anchors.right: parent.right
                                text: card.modelData.enforced ? qsTr("Enforced") : qsTr("Not enforced")
                                color: card.modelData.enforced ? Theme.accent : Theme.danger
                                font.pixelSize: Theme.small
                            }
                        }
                        AppText {
                            width: parent.width
                            wrapMode: Text.Wrap
                            text: card.modelData.explanation
                            color: Theme.secondary
                            font.pixelSize: Theme.small
                        }
                        Repeater {
                            model: card.modelData.answers

                            delegate: AppText {
                                required property string modelData

                                width: cardColumn.width
                                text: modelData
                                wrapMode: Text.Wrap
                                color: Theme.secondary
                                font.family: Theme.monospace
                                font.pixelSize: Theme.caption
                            }
                        }
                    }
                }
            }
            AppText {
                width: parent.width
                topPadding: 8
                text: qsTr("What is not protected")
                font.weight: Font.DemiBold
                Accessible.role: Accessible.Heading
            }
            AppText {
                width: parent.width
                wrapMode: Text.Wrap
                color: Theme.secondary
                font.pixelSize: Theme.small
                text: qsTr("Conversations are not encrypted: other programs that run as you, and whoever can read your disk, can read them. What you copy is on the clipboard, what you see is on the screen, and memory may be swapped to disk.")
            }
            AppText {
                width: parent.width
                wrapMode: Text.WrapAnywhere
                color: Theme.secondary
                font.pixelSize: Theme.small
                text: qsTr("Your conversations are in %1.").arg(root.dataFolder)
            }
        }
    }
}
