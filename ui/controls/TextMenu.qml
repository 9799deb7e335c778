import QtQuick

// What can be done with a text that is edited, by a right click or the menu key.
AppMenu {
    id: root

    required property TextEdit edit

    function popupAtCursor() {
        const place = root.edit.cursorRectangle;
        root.popup(root.edit, place.x, place.y + place.height);
    }

    AppMenuItem {
        objectName: "cutItem"
        text: qsTr("Cut")
        keys: qsTr("Ctrl+X")
        enabled: root.edit.selectedText !== ""
        onTriggered: root.edit.cut()
    }
    AppMenuItem {
        objectName: "copyItem"
        text: qsTr("Copy")
        keys: qsTr("Ctrl+C")
        enabled: root.edit.selectedText !== ""
        onTriggered: root.edit.copy()
    }
    AppMenuItem {
        objectName: "pasteItem"
        text: qsTr("Paste")
        keys: qsTr("Ctrl+V")
        enabled: root.edit.canPaste
        onTriggered: root.edit.paste()
    }
    AppMenuItem {
        objectName: "selectAllItem"
        text: qsTr("Select all")
        keys: qsTr("Ctrl+A")
        enabled: root.edit.length > 0
        onTriggered: root.edit.selectAll()
    }
}
