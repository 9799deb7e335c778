import QtQuick
import QtQuick.Controls.Basic
import Alcove.Library
import Alcove.Controls

// All checkpoints there are, and ways to get at more.
Popup {
    id: root

    required property LibraryController library
    required property RunningCheckpoint running
    required property real greatestHeight

    signal addRequested
    signal guideRequested

    implicitWidth: 440
    padding: 6
    focus: true
    margins: 12
    closePolicy: Popup.CloseOnEscape | Popup.CloseOnPressOutside

    onAboutToShow: {
        list.forceLayout();
        list.currentIndex = -1;
        for (let i = 0; i < list.count; ++i) {
            const row = list.itemAtIndex(i) as CheckpointRow;
            if (row && row.isCurrent)
                list.currentIndex = i;
        }
        if (list.currentIndex < 0 && list.count > 0)
            list.currentIndex = 0;
        list.forceActiveFocus();
    }

    function choose(row: CheckpointRow) {
        if (!row.usable)
            return;
        root.close();
        if (!row.isCurrent)
            root.library.select(row.path);
    }

    contentItem: Column {
        spacing: 4

        ListView {
            id: list

            objectName: "checkpointList"
            width: parent.width
            // Less the height of the four lines that follow.
            height: Math.min(contentHeight, Math.max(160, root.greatestHeight - 4 * Theme.control - 48))
            clip: true
            focus: true
            activeFocusOnTab: true
            boundsBehavior: Flickable.StopAtBounds
            model: root.library.model
            cacheBuffer: 4000
            spacing: 2
            Accessible.role: Accessible.PopupMenu
            Accessible.name: qsTr("Models")

            delegate: CheckpointRow {
                id: row

                width: ListView.view.width
                highlighted: ListView.isCurrentItem && ListView.view.activeFocus
                loading: root.running.loading && row.path === root.running.loadingPath
                loadProgress: root.running.loadProgress
                onClicked: root.choose(row)
                onForgetRequested: root.library.forget(row.path)
                onCancelRequested: root.running.cancelLoading()
            }

            Keys.onPressed: event => {
                const row = list.currentItem as CheckpointRow;
                if (!row)
                    return;
                if (event.key === Qt.Key_Return || event.key === Qt.Key_Enter || event.key === Qt.Key_Space)
                    root.choose(row);
                else if (event.key === Qt.Key_Delete && row.addedByPath)
                    root.library.forget(row.path);
                else
                    return;
                event.accepted = true;
            }

            ScrollBar.vertical: AppScrollBar {}
        }
        AppText {
            visible: list.count === 0
            width: parent.width
            padding: 14
            text: qsTr("No models yet. Add a MobiLlama folder or a GGUF file, or copy one into the models folder.")
            color: Theme.secondary
            font.pixelSize: Theme.small
            lineHeight: 1.2
            wrapMode: Text.Wrap
        }
        Rectangle {
            width: parent.width
            height: 1
            color: Theme.border
        }
        MenuLine {
            objectName: "modelGuideLine"
            iconName: "info"
            text: qsTr("Get a larger model…")
            onClicked: {
                root.close();
                root.guideRequested();
            }
        }
        MenuLine {
            objectName: "addCheckpoint"
            iconName: "folder-plus"
            text: qsTr("Add a model…")
            onClicked: {
                root.close();
                root.addRequested();
            }
        }
        MenuLine {
            objectName: "openLibrary"
            iconName: "folder"
            text: qsTr("Open models folder")
            onClicked: {
                root.close();
                root.library.openFolder();
            }
        }
        MenuLine {
            objectName: "rescan"
            iconName: "regenerate"
            text: qsTr("Rescan")
            onClicked: root.library.rescan()
        }
    }

    background: Rectangle {
        radius: 14
        color: Theme.raised
        border.width: 1
        border.color: Theme.border
    }
    enter: Transition {
        NumberAnimation {
            property: "opacity"
            from: 0
            to: 1
            duration: Theme.quick
        }
    }

    component MenuLine: ItemDelegate {
        id: line

        required property string iconName

        width: parent ? parent.width : implicitWidth
        implicitHeight: Theme.control
        leftPadding: 12
        hoverEnabled: true
        focusPolicy: Qt.StrongFocus
        Accessible.name: line.text
        Accessible.role: Accessible.MenuItem
        Keys.onReturnPressed: line.clicked()
        Keys.onUpPressed: line.nextItemInFocusChain(false).forceActiveFocus(Qt.BacktabFocusReason)
        Keys.onDownPressed: line.nextItemInFocusChain(true).forceActiveFocus(Qt.TabFocusReason)

        contentItem: Item {
            Icon {
                id: sign

                anchors.verticalCenter: parent.verticalCenter
                icon: line.iconName
            }
            AppText {
                anchors.left: sign.right
                anchors.leftMargin: 12
                anchors.verticalCenter: parent.verticalCenter
                text: line.text
                Accessible.ignored: true
            }
        }
        background: Rectangle {
            radius: Theme.radius
            color: line.down ? Theme.pressed : line.hovered || line.visualFocus ? Theme.hover : "transparent"
        }
    }
}
