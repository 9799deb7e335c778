#include "app/chat/message_status.h"

namespace alcove {

QString statusName(MessageListModel::Status status) {
    switch (status) {
        case MessageListModel::Status::Complete:
            return "complete";
        case MessageListModel::Status::Waiting:
            return "waiting";
        case MessageListModel::Status::Reading:
            return "reading";
        case MessageListModel::Status::Writing:
            return "writing";
        case MessageListModel::Status::Stopped:
            return "stopped";
        case MessageListModel::Status::Failed:
            return "failed";
        case MessageListModel::Status::Interrupted:
            return "interrupted";
    }
    Q_UNREACHABLE();
}

MessageListModel::Status statusOf(MessageStatus stored) {
    switch (stored) {
        case MessageStatus::Complete:
            return MessageListModel::Status::Complete;
        case MessageStatus::Writing:
            return MessageListModel::Status::Writing;
        case MessageStatus::Stopped:
            return MessageListModel::Status::Stopped;
        case MessageStatus::Failed:
            return MessageListModel::Status::Failed;
        case MessageStatus::Interrupted:
            return MessageListModel::Status::Interrupted;
    }
    Q_UNREACHABLE();
}

// Of a reply that has ended.
MessageStatus storedStatus(MessageListModel::Status status) {
    switch (status) {
        case MessageListModel::Status::Stopped:
            return MessageStatus::Stopped;
        case MessageListModel::Status::Failed:
            return MessageStatus::Failed;
        case MessageListModel::Status::Interrupted:
            return MessageStatus::Interrupted;
        default:
            return MessageStatus::Complete;
    }
}

bool growing(MessageListModel::Status status) {
    return status == MessageListModel::Status::Waiting || status == MessageListModel::Status::Reading ||
           status == MessageListModel::Status::Writing;
}

}  // namespace alcove
