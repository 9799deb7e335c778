// The replies that are asked for and cannot begin yet, because no checkpoint is ready or another one is being made.
#pragma once

#include <optional>

#include <QtCore/QList>

namespace alcove {

struct WaitingReply {
    qint64 conversationId = 0;
    qint64 replacedId = 0;  // the reply to drop when the new one begins; 0: none
};

// In the order they were asked for; at most one a conversation.
class WaitingReplies {
public:
    // False, and nothing changes, if one of that conversation waits already.
    bool add(const WaitingReply& reply);
    // False if none of that conversation waits.
    bool remove(qint64 conversationId);
    void clear() { m_replies.clear(); }

    [[nodiscard]] std::optional<WaitingReply> find(qint64 conversationId) const;
    [[nodiscard]] bool isEmpty() const { return m_replies.isEmpty(); }
    // The one that has waited longest, which waits no more. Not when it is empty.
    [[nodiscard]] WaitingReply take() { return m_replies.takeFirst(); }

private:
    QList<WaitingReply> m_replies;
};

}  // namespace alcove
