import QtQuick
import QtQuick.Controls.Basic

ComboBox {
    id: control

    property string detailRole: ""  // of a second line in the menu
    property real menuWidth: control.width

    implicitHeight: Theme.control
    implicitWidth: 240
    leftPadding: 12
    rightPadding: 32
    font.family: Theme.family
    font.pixelSize: Theme.ui

    contentItem: AppText {
        text: control.displayText
        verticalAlignment: Text.AlignVCenter
        elide: Text.ElideRight
        Accessible.ignored: true
    }
    indicator: Icon {
        x: control.width - width - 10
        y: (control.height - height) / 2
        icon: "chevron-down"
        size: 18
    }
    delegate: ItemDelegate {
        id: row

        required property var modelData
        required property int index

        readonly property string detail: control.detailRole === "" ? "" : row.modelData[control.detailRole]

        width: ListView.view ? ListView.view.width : implicitWidth
        implicitHeight: row.detail === "" ? Theme.control : lines.implicitHeight + 16
        highlighted: control.highlightedIndex === row.index
        text: control.textRole === "" ? row.modelData : row.modelData[control.textRole]
        Accessible.name: row.detail === "" ? row.text : row.text + ", " + row.detail

        contentItem: Item {
            Column {
                id: lines

                anchors.verticalCenter: parent.verticalCenter
                width: parent.width
                spacing: 2

                AppText {
                    width: parent.width
                    text: row.text
                    elide: Text.ElideRight
                    Accessible.ignored: true
                }
                AppText {
                    width: parent.width
                    visible: text !== ""
                    text: row.detail
                    color: Theme.secondary
                    font.pixelSize: Theme.caption
                    wrapMode: Text.Wrap
                    maximumLineCount: 3
                    elide: Text.ElideRight
                    Accessible.ignored: true
                }
            }
        }
        background: Rectangle {
            radius: 6
            color: row.highlighted ? Theme.hover : "transparent"
        }
    }
    popup: Popup {
        x: control.width - width
        y: control.height + 4
        width: control.menuWidth
        height: Math.min(contentItem.implicitHeight + 8, 320)
        padding: 4

        contentItem: ListView {
            clip: true
            implicitHeight: contentHeight
            // Qt does not describe this type to its linter.
            model: control.popup.visible ? control.delegateModel : null // qmllint disable type
            currentIndex: control.highlightedIndex
            ScrollBar.vertical: AppScrollBar {}
        }
        background: Rectangle {
            radius: 10
            color: Theme.raised
            border.width: 1
            border.color: Theme.border
        }
    }
    background: Rectangle {
        radius: Theme.radius
        color: Theme.raised
        border.width: control.visualFocus ? 2 : 1
        border.color: control.visualFocus ? Theme.accent : control.hovered ? Theme.strongBorder : Theme.border
    }
}
