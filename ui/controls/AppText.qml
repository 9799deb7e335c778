import QtQuick

// All text of the window. Plain by default: nothing that a model or a person wrote is ever read as markup here.
Text {
    color: Theme.text
    font.family: Theme.family
    font.pixelSize: Theme.ui
    textFormat: Text.PlainText
    Accessible.role: Accessible.StaticText
    Accessible.name: text
}
