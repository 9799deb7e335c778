import QtQuick
import QtQuick.Controls.Basic

ToolTip {
    id: control

    delay: 500
    padding: 6
    leftPadding: 10
    rightPadding: 10

    contentItem: AppText {
        objectName: "toolTipText"
        text: control.text
        font.pixelSize: Theme.caption
        color: Theme.page
        wrapMode: Text.Wrap
    }
    background: Rectangle {
        radius: 6
        color: Theme.text
    }
}
