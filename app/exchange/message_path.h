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

// `messages` without those that have no text.
[[nodiscard]] MessagePath messagePath(const QList<Message>& messages);
// What a reply that is the last of `messages`, or a sibling of it, answers: also without the replies after the last
// message of a person.
[[nodiscard]] MessagePath questionPath(const QList<Message>& messages);

}  // namespace alcove
