import QtQuick
import Alcove.Chat
import Alcove.Controls

// The end of what is shown of a long message, and how to see more of it.
Item {
    id: root

    required property MessageBlockModel blocks  // null when the message is gone, as long as its view is not

    readonly property bool folded: root.blocks !== null && root.blocks.folded

    implicitHeight: root.folded ? buttons.height + 8 : 0
    visible: root.folded

    Flow {
        id: buttons

        y: 8
        width: parent.width
        spacing: 8

        AppButton {
            objectName: "showMore"
            text: qsTr("Show more")
            onClicked: root.blocks.showMore()
        }
        AppButton {
            objectName: "showAll"
            kind: "quiet"
            visible: root.folded && root.blocks.canShowAll
            text: qsTr("Show all")
            onClicked: root.blocks.showAll()
        }
        AppText {
            objectName: "hiddenCharacters"
            height: Theme.control
            verticalAlignment: Text.AlignVCenter
            text: qsTr("%L1 more characters").arg(root.folded ? root.blocks.hiddenCharacters : 0)
            color: Theme.secondary
            font.pixelSize: Theme.caption
        }
    }
}
