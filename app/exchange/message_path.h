// The messages of a conversation that a reply answers.
#pragma once

#include <QtCore/QList>

#include "app/history/records.h"
#include "app/session/backend.h"

namespace alcove {

struct MessagePath {
    QList<ChatTurn> turns;     // oldest first
    QList<qint64> messageIds;  // of each turn

    // Ends with a person's message; nothing else can be replied to.
    [[nodiscard]] bool answerable() const { return !turns.isEmpty() && turns.last().fromUser; }
};

// `messages` without those that have no text. Where the reply `replacedId` (0: none) is to be made anew, also without
// it and any other reply after the last message of a person.
[[nodiscard]] MessagePath messagePath(const QList<Message>& messages, qint64 replacedId);

}  // namespace alcove
