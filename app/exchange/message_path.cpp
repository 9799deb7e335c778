#include "app/exchange/message_path.h"

namespace alcove {

MessagePath messagePath(const QList<Message>& messages, qint64 replacedId) {
    MessagePath path;
    for (const Message& message : messages) {
        if (message.id != replacedId && !message.text.isEmpty()) {
            path.turns.append({message.author == Author::User, message.text});
            path.messageIds.append(message.id);
        }
    }
    while (replacedId != 0 && !path.turns.isEmpty() && !path.turns.last().fromUser) {
        path.turns.removeLast();
        path.messageIds.removeLast();
    }
    return path;
}

}  // namespace alcove
