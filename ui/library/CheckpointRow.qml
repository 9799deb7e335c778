import QtQuick
import QtQuick.Controls.Basic
import Alcove.Controls

// A checkpoint in the menu: what it is, whether it answers now, or why it cannot.
ItemDelegate {
    id: root

    required property int index
    required property string name
    required property string description
    required property string path
    required property string detail
    required property bool isCurrent
    required property bool usable
    required property string problem
    required property string kind
    required property bool addedByPath
    property bool loading: false
    property real loadProgress: 0

    signal forgetRequested
    signal cancelRequested

    function afterComma(text: string): string {
        return text === "" ? "" : ", " + text;
    }

    implicitHeight: words.implicitHeight + 20
    leftPadding: 12
    rightPadding: 12
    hoverEnabled: true
    focusPolicy: Qt.NoFocus
    text: root.name
    Accessible.name: root.name + root.afterComma(root.kind === "base" ? tagText.text : "") + root.afterComma(root.usable ? root.description : root.problem)
                     + root.afterComma(root.usable ? root.detail : "")
    Accessible.role: Accessible.MenuItem
    Accessible.checked: root.isCurrent

    contentItem: Item {
        Icon {
            id: sign

            anchors.verticalCenter: parent.verticalCenter
            icon: root.usable ? "cube" : "warning"
            color: !root.usable ? Theme.warning : root.isCurrent ? Theme.accent : Theme.secondary
        }
        Column {
            id: words

            anchors.left: sign.right
            anchors.leftMargin: 12
            anchors.right: tail.left
            anchors.rightMargin: 8
            anchors.verticalCenter: parent.verticalCenter
            spacing: 3

            Row {
                width: parent.width
                spacing: 8

                AppText {
                    id: nameText

                    width: Math.min(implicitWidth, parent.width - (tag.visible ? tag.width + 8 : 0))
                    text: root.name
                    elide: Text.ElideMiddle
                    font.weight: Font.DemiBold
                    color: root.usable ? Theme.text : Theme.secondary
                    Accessible.ignored: true
                }
                Rectangle {
                    id: tag

                    anchors.verticalCenter: parent.verticalCenter
                    visible: root.kind === "base"
                    width: tagText.implicitWidth + 12
                    height: tagText.implicitHeight + 4
                    radius: 5
                    color: Theme.hover

                    AppText {
                        id: tagText

                        anchors.centerIn: parent
                        text: qsTr("base model")
                        color: Theme.secondary
                        font.pixelSize: Theme.tag
                        Accessible.ignored: true
                    }
                }
            }
            AppText {
                width: parent.width
                visible: root.usable && text !== ""
                text: root.description
                font.pixelSize: Theme.small
                maximumLineCount: 3
                elide: Text.ElideRight
                lineHeight: 1.15
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
            AppText {
                width: parent.width
                visible: text !== ""
                text: root.usable ? root.detail : root.problem
                color: root.usable ? Theme.secondary : Theme.warning
                font.pixelSize: Theme.caption
                wrapMode: Text.Wrap
                Accessible.ignored: true
            }
            Meter {
                width: parent.width
                visible: root.loading
                value: root.loadProgress
            }
        }
        Row {
            id: tail

            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter

            Icon {
                anchors.verticalCenter: parent.verticalCenter
                visible: root.isCurrent && !root.loading
                icon: "check"
                color: Theme.accent
            }
            IconButton {
                objectName: "cancelLoading"
                implicitWidth: 32
                implicitHeight: 32
                visible: root.loading
                focusPolicy: Qt.NoFocus
                iconName: "close"
                iconSize: 16
                text: qsTr("Cancel loading")
                onClicked: root.cancelRequested()
            }
            IconButton {
                objectName: "forgetCheckpoint"
                implicitWidth: 32
                implicitHeight: 32
                visible: root.addedByPath && !root.loading && (root.hovered || root.highlighted)
                focusPolicy: Qt.NoFocus
                iconName: "close"
                iconSize: 16
                text: qsTr("Remove from list (files are kept)")
                onClicked: root.forgetRequested()
            }
        }
    }
    AppToolTip {
        visible: root.hovered && text !== ""
        text: {
            const lines = nameText.truncated ? [root.name] : [];
            if (root.kind === "base")
                lines.push(qsTr("A base model continues the text that you begin. It was not trained to answer."));
            return lines.join("\n");
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: root.down ? Theme.pressed : root.highlighted || root.hovered ? Theme.hover : "transparent"
    }
}
