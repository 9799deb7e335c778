import QtQuick
import Alcove.Chat

// The notices of the application, one below the other; passing ones leave by themselves.
Column {
    id: root

    required property NoticeListModel notices

    spacing: 8

    Repeater {
        model: root.notices

        Banner {
            id: banner

            required property int noticeId

            width: root.width
            onActed: root.notices.act(banner.noticeId)
            onDismissed: root.notices.dismiss(banner.noticeId)

            HoverHandler {
                id: hover
            }
            Timer {
                interval: 10000
                running: banner.severity === "info" && !hover.hovered
                onTriggered: root.notices.dismiss(banner.noticeId)
            }
        }
    }
}
