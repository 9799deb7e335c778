import QtQuick
import QtQuick.Controls.Basic

// One of a few options: `options` is a list of { value, label, icon }. It does not change `value`: it emits chosen().
FocusScope {
    id: root

    required property var options
    required property string value
    property string name: ""

    signal chosen(string value)

    implicitWidth: row.implicitWidth + 8
    implicitHeight: 40
    activeFocusOnTab: false
    Accessible.role: Accessible.Grouping
    Accessible.name: root.name

    Rectangle {
        anchors.fill: parent
        radius: 10
        color: Theme.hover
    }
    Row {
        id: row

        x: 4
        y: 4
        spacing: 4

        Repeater {
            model: root.options

            AbstractButton {
                id: option

                required property var modelData

                implicitHeight: 32
                leftPadding: 12
                rightPadding: 14
                checked: option.modelData.value === root.value
                hoverEnabled: true
                focusPolicy: Qt.StrongFocus
                text: option.modelData.label
                Accessible.role: Accessible.RadioButton
                Accessible.name: option.text
                Accessible.checked: option.checked
                onClicked: root.chosen(option.modelData.value)
                Keys.onReturnPressed: option.clicked()
                Keys.onLeftPressed: option.nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
                Keys.onRightPressed: option.nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)

                contentItem: Row {
                    spacing: 6

                    Icon {
                        anchors.verticalCenter: parent.verticalCenter
                        icon: option.modelData.icon
                        size: 16
                        color: option.checked ? Theme.accent : Theme.secondary
                    }
                    AppText {
                        anchors.verticalCenter: parent.verticalCenter
                        text: option.text
                        font.pixelSize: Theme.small
                        font.weight: option.checked ? Font.DemiBold : Font.Normal
                        Accessible.ignored: true
                    }
                }
                background: Rectangle {
                    radius: 7
                    color: option.checked ? Theme.raised : option.hovered ? Theme.hover : "transparent"
                    border.width: option.checked ? 1 : 0
                    border.color: Theme.border

                    FocusRing {
                        visible: option.visualFocus
                        distance: 1
                        cornerRadius: 7
                    }
                }
            }
        }
    }
}
