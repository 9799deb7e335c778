#include "app/exchange/message_path.h"

namespace alcove {

MessagePath messagePath(const QList<Message>& messages) {
    MessagePath path;
    for (const Message& message : messages) {
        if (!message.text.isEmpty()) {
            path.turns.append({message.author == Author::User, message.text});
            path.messageIds.append(message.id);
        }
    }
    return path;
}

MessagePath questionPath(const QList<Message>& messages) {
    MessagePath path = messagePath(messages);
    while (!path.turns.isEmpty() && !path.turns.last().fromUser) {
        path.turns.removeLast();
        path.messageIds.removeLast();
    }
    return path;
}

}  // namespace alcove
