import QtQuick
import Alcove.Notices

// The notices of the application, one below the other; an "info" is dismissed after a while.
Column {
    id: root

    required property NoticeListModel notices

    signal focusLost  // a notice in which something had the focus has been removed

    spacing: 8

    Repeater {
        model: root.notices
        onItemRemoved: (index, item) => {
            if ((item as Banner).focusInside)
                root.focusLost();
        }

        Banner {
            id: banner

            required property int noticeId
            required property bool stays
            readonly property Timer passing: timer

            required otherText
            required progress
            dismissable: !banner.stays
            width: root.width
            onActed: root.notices.act(banner.noticeId)
            onActedOtherwise: root.notices.actOtherwise(banner.noticeId)
            onDismissed: root.notices.dismiss(banner.noticeId)

            HoverHandler {
                id: hover
            }
            Timer {
                id: timer

                interval: 10000
                running: banner.severity === "info" && !banner.stays && !hover.hovered
                onTriggered: root.notices.dismiss(banner.noticeId)
            }
        }
    }
}
