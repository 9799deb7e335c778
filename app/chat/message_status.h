// What a row of MessageListModel can be, and what the history has of that.
#pragma once

#include "app/chat/message_list_model.h"

namespace alcove {

[[nodiscard]] QString statusName(MessageListModel::Status status);  // for QML
[[nodiscard]] MessageListModel::Status statusOf(MessageStatus stored);
[[nodiscard]] MessageStatus storedStatus(MessageListModel::Status status);  // of a reply that has ended
[[nodiscard]] bool growing(MessageListModel::Status status);

}  // namespace alcove
