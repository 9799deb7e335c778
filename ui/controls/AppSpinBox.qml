import QtQuick
import QtQuick.Controls.Basic

// A whole number. `wordFor` names a value that means something of its own ("No limit"); typing it is understood too.
SpinBox {
    id: control

    property var wordFor: ({})

    implicitWidth: 148
    implicitHeight: Theme.control
    editable: true
    font.family: Theme.family
    font.pixelSize: Theme.ui
    leftPadding: 36
    rightPadding: 36

    textFromValue: function (value, locale) {
        const word = control.wordFor[value];
        return word === undefined ? String(value) : word;
    }
    valueFromText: function (text, locale) {
        for (const key in control.wordFor) {
            if (control.wordFor[key].toLowerCase() === text.trim().toLowerCase())
                return Number(key);
        }
        const value = parseInt(text, 10);
        return isNaN(value) ? control.value : value;
    }
    validator: RegularExpressionValidator {
        regularExpression: /.{0,24}/
    }

    contentItem: TextInput {
        text: control.displayText
        font: control.font
        color: Theme.text
        selectionColor: Theme.selection
        selectedTextColor: Theme.text
        horizontalAlignment: Text.AlignHCenter
        verticalAlignment: Text.AlignVCenter
        readOnly: !control.editable
        selectByMouse: true
        clip: true
        validator: control.validator
        Accessible.ignored: true
    }
    up.indicator: StepMark {
        x: control.width - width
        height: control.height
        mark: "plus"
        hovered: control.up.hovered
        pressed: control.up.pressed
        opacity: control.value < control.to ? 1 : 0.35
    }
    down.indicator: StepMark {
        height: control.height
        mark: "minus"
        hovered: control.down.hovered
        pressed: control.down.pressed
        opacity: control.value > control.from ? 1 : 0.35
    }
    background: Rectangle {
        radius: Theme.radius
        color: Theme.raised
        border.width: control.activeFocus ? 2 : 1
        border.color: control.activeFocus ? Theme.accent : control.hovered ? Theme.strongBorder : Theme.border
    }

    component StepMark: Item {
        id: step

        property string mark
        property bool hovered
        property bool pressed

        implicitWidth: 32

        Rectangle {
            anchors.fill: parent
            anchors.margins: 4
            radius: 6
            color: step.pressed ? Theme.pressed : step.hovered ? Theme.hover : "transparent"
        }
        Icon {
            anchors.centerIn: parent
            icon: step.mark
            size: 16
        }
    }
}
