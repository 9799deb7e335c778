import QtQuick
import Alcove.Chat

// Brings a message of a list into view, and in it the text that was looked for, which it marks.
Item {
    id: root

    required property ListView view

    property TextEdit marked: null
    property string text: ""
    property int row: -1

    function show(row: int, text: string, ordinal: int) {
        root.clear();
        root.row = row;
        root.text = text;
        root.view.cancelFlick();
        root.view.positionViewAtIndex(row, ListView.Beginning);
        const message = root.view.itemAtIndex(row) as MessageDelegate;
        if (!message)
            return;
        message.flash();
        if (text !== "")
            seeker.seek(message.blocks, text, ordinal);
    }
    function clear() {
        seeker.stop();
        if (root.marked)
            root.marked.deselect();
        root.marked = null;
        root.row = -1;
    }

    function scrollTo(y: real, height: real) {
        const top = root.view.originY - root.view.topMargin;
        const bottom = Math.max(top, root.view.originY + root.view.contentHeight - root.view.height);
        if (y < root.view.contentY + 24 || y + height > root.view.contentY + root.view.height - 24)
            root.view.contentY = Math.max(top, Math.min(bottom, y - root.view.height / 3));
    }

    BlockSeeker {
        id: seeker

        onFound: (block, ordinal) => {
            const message = root.view.itemAtIndex(root.row) as MessageDelegate;
            const words = message ? message.textOfBlock(block) : null;
            if (!words)
                return;
            const range = seeker.rangeIn(words.getText(0, words.length), root.text, ordinal);
            let place = Qt.rect(0, 0, words.width, Math.min(words.height, 40));
            if (range.length === 2) {
                words.persistentSelection = true;
                words.select(range[0], range[1]);
                root.marked = words;
                place = words.positionToRectangle(range[0]);
            }
            const corner = words.mapToItem(root.view.contentItem, place.x, place.y);
            root.scrollTo(corner.y, place.height);
        }
    }
}
