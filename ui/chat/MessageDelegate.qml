import QtQuick
import Alcove.Chat
import Alcove.Controls

// One message: the person's in a bubble at the right, the model's as a page of blocks.
Item {
    id: root

    required property int index
    required property real messageId
    required property string author
    required property string beginning
    required property bool hasText
    required property MessageBlockModel blocks
    required property string status
    required property string errorText
    required property string checkpointName
    required property real tokensPerSecond
    required property bool isLast
    required property bool memoryStartsHere
    required property int siblingIndex
    required property int siblingCount
    required property bool canContinue
    required property string switchedTo
    required property string cutOff
    property real readingProgress: 0
    property bool canSend: false
    property bool canRegenerate: false
    property bool canChange: false
    property bool current: false
    property bool editing: false
    property bool menuOpen: false
    property string editedText: ""
    property bool continuing: false  // its words and the replies' are one text

    signal menuRequested(BlockText edit, real x, real y)  // null: not on a text
    signal copyRequested
    signal copyCodeRequested(string code)
    signal linkChosen(string address)
    signal regenerateRequested
    signal continueRequested
    signal editRequested
    signal edited(string text)
    signal editCancelled
    signal moreRequested(Item button)
    signal siblingRequested(int step)

    // The text at a point of the message; null: there is none.
    function textAt(x: real, y: real): BlockText {
        let item = root;
        let point = Qt.point(x, y);
        while (item) {
            const child = item.childAt(point.x, point.y);
            if (child)
                point = item.mapToItem(child, point.x, point.y);
            item = child;
            if (item as BlockText)
                return item as BlockText;
        }
        return null;
    }

    readonly property bool fromUser: root.author === "user"
    readonly property bool inBubble: root.fromUser && !root.continuing
    // In a text that goes on, the menu has them.
    readonly property bool hasActions: root.inBubble || !root.fromUser
    readonly property bool working: root.status === "waiting" || root.status === "reading" || root.status === "writing"
    readonly property bool revealed: hover.hovered || root.current || (root.isLast && !root.fromUser)

    // Draws the eye to it for a moment.
    function flash() {
        glow.restart();
    }
    // The words of a block; null where they are not laid out.
    function textOfBlock(row: int): TextEdit {
        const block = blockViews.itemAt(row) as MessageBlockView;
        return block ? block.words : null;
    }

    property bool presented: false

    Component.onCompleted: {
        root.blocks.present();
        root.presented = true;
    }
    Component.onDestruction: {
        if (!root.blocks)
            return;
        if (root.blocks.waitingLines === 0)
            root.blocks.lastHeight = page.height;
        root.blocks.dismiss();
    }

    implicitHeight: body.y + (root.editing ? editor.height + 8 : body.implicitHeight + (root.hasActions ? actions.height + 4 : 0))
    Accessible.role: Accessible.ListItem
    Accessible.name: root.fromUser ? qsTr("You: %1").arg(root.beginning) : qsTr("Reply: %1").arg(root.beginning)

    HoverHandler {
        id: hover
    }

    TapHandler {
        acceptedButtons: Qt.RightButton
        onTapped: eventPoint => root.menuRequested(root.textAt(eventPoint.position.x, eventPoint.position.y),
                                                   eventPoint.position.x, eventPoint.position.y)
    }

    Column {
        id: divider

        width: parent.width

        Repeater {
            model: {
                const lines = [];
                if (root.memoryStartsHere && root.index > 0)
                    lines.push(qsTr("Earlier messages are no longer in context"));
                if (root.switchedTo !== "")
                    lines.push(qsTr("Switched to %1").arg(root.switchedTo));
                return lines;
            }

            MessageDivider {
                required property string modelData

                width: divider.width
                height: 52
                text: modelData
            }
        }
    }

    FocusRing {
        anchors.fill: body
        anchors.margins: root.inBubble ? -4 : -10
        distance: 6
        cornerRadius: 14
        visible: root.current && !root.editing
    }

    Rectangle {
        id: halo

        anchors.fill: body
        anchors.margins: root.fromUser ? -4 : -10
        radius: 22
        color: Theme.accentSoft
        opacity: 0
    }
    SequentialAnimation {
        id: glow

        NumberAnimation {
            target: halo
            property: "opacity"
            to: 1
            duration: Theme.quick
        }
        PauseAnimation {
            duration: 500
        }
        NumberAnimation {
            target: halo
            property: "opacity"
            to: 0
            duration: 700
        }
    }

    Rectangle {
        id: body

        y: divider.height
        visible: !root.editing
        anchors.right: parent.right
        width: root.inBubble ? Math.min(root.width * 0.82, page.naturalWidth + 2 * page.x) : parent.width
        implicitHeight: page.implicitHeight + 2 * page.y
        height: implicitHeight
        radius: 18
        color: root.inBubble ? Theme.bubble : "transparent"

        Column {
            id: page

            property real naturalWidth: 0
            property bool thoughtsShown: false

            x: root.inBubble ? 16 : 0
            y: root.inBubble ? 10 : 0
            width: parent.width - 2 * x

            Repeater {
                id: blockViews

                model: root.presented ? root.blocks : null

                MessageBlockView {
                    id: block

                    width: page.width
                    fromUser: root.fromUser
                    thoughtsShown: page.thoughtsShown
                    onThoughtsToggled: page.thoughtsShown = !page.thoughtsShown
                    onCopyRequested: root.copyCodeRequested(root.blocks.code(block.index))
                    onLinkChosen: address => root.linkChosen(address)
                    onNaturalWidthKnown: width => page.naturalWidth = Math.max(page.naturalWidth, width)
                }
            }
            // Where the rest of the message will be.
            Item {
                width: 1
                height: root.blocks && root.blocks.waitingLines > 0
                        ? Math.max(root.blocks.waitingLines * Theme.body * 1.5, root.blocks.lastHeight - y) : 0
            }
            Fold {
                width: Math.max(parent.width, root.width * 0.82 - 2 * page.x)
                blocks: root.blocks
            }
            Item {
                width: 1
                height: status.visible && root.blocks && root.blocks.count > 0 ? 12 : 0
            }
            ReplyStatus {
                id: status

                width: parent.width
                status: root.fromUser ? "complete" : root.status
                readingProgress: root.readingProgress
                errorText: root.errorText
                cutOff: root.fromUser ? "" : root.cutOff
                isLast: root.isLast
                canRetry: root.canRegenerate && root.isLast
                canContinue: root.canContinue && root.canChange && root.canSend
                onRetryRequested: root.regenerateRequested()
                onContinueRequested: root.continueRequested()
            }
        }
    }

    MessageActions {
        id: actions

        anchors.top: body.bottom
        anchors.topMargin: 4
        x: root.inBubble ? parent.width - width : siblingCount > 1 ? -4 : -8
        visible: root.hasActions && !root.editing && !root.working
        hasText: root.hasText
        siblingIndex: root.siblingIndex
        siblingCount: root.siblingCount
        canEdit: root.fromUser && root.canSend && root.canChange
        canRegenerate: !root.fromUser && root.canRegenerate && root.status !== "failed"
        canContinue: root.canContinue && root.status === "complete" && root.canSend && root.canChange
        canChange: root.canChange
        isLast: root.isLast
        atRight: root.inBubble
        revealed: root.revealed
        reachable: root.current
        menuOpen: root.menuOpen
        note: root.fromUser || root.checkpointName === "" ? ""
              : root.tokensPerSecond > 0
                ? qsTr("%1 · %2 tokens/s").arg(root.checkpointName).arg(root.tokensPerSecond.toFixed(1))
                : root.checkpointName
        onCopyRequested: root.copyRequested()
        onEditRequested: root.editRequested()
        onRegenerateRequested: root.regenerateRequested()
        onContinueRequested: root.continueRequested()
        onMenuRequested: button => root.moreRequested(button)
        onSiblingRequested: step => root.siblingRequested(step)
    }

    Loader {
        id: editor

        y: body.y
        width: parent.width
        active: root.editing
        onLoaded: begin.start()
        sourceComponent: MessageEditor {
            canSend: root.canSend && root.canChange
            text: root.editedText
            onSubmitted: text => root.edited(text)
            onCancelled: root.editCancelled()
        }

        Timer {
            id: begin

            interval: 0
            onTriggered: {
                const words = editor.item as MessageEditor;
                if (words)
                    words.begin();
            }
        }
    }
}
