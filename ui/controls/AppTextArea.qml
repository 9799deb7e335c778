import QtQuick
import QtQuick.Controls.Basic

// Some lines of plain text, scrolled where they are more.
Flickable {
    id: root

    property alias text: area.text
    property alias placeholderText: area.placeholderText
    property alias name: area.objectName
    property string label: ""

    signal edited(string text)  // the focus has left it

    implicitHeight: 96
    boundsBehavior: Flickable.StopAtBounds
    clip: true

    TextArea.flickable: TextArea {
        id: area

        leftPadding: 12
        rightPadding: 12
        topPadding: 10
        bottomPadding: 10
        textFormat: TextEdit.PlainText
        wrapMode: TextEdit.Wrap
        selectByMouse: true
        color: Theme.text
        placeholderTextColor: Theme.secondary
        selectionColor: Theme.selection
        selectedTextColor: Theme.text
        font.family: Theme.family
        font.pixelSize: Theme.ui
        Accessible.name: root.label
        onEditingFinished: root.edited(area.text)
        Keys.onTabPressed: area.nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)
        Keys.onBacktabPressed: area.nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)

        background: Rectangle {
            radius: Theme.radius
            color: Theme.raised
            border.width: area.activeFocus ? 2 : 1
            border.color: area.activeFocus ? Theme.accent : area.hovered ? Theme.strongBorder : Theme.border
        }
    }

    ScrollBar.vertical: AppScrollBar {}
}
