#include "app/exchange/waiting_replies.h"

#include <algorithm>

namespace alcove {

bool WaitingReplies::add(const WaitingReply& reply) {
    if (find(reply.conversationId)) {
        return false;
    }
    m_replies.append(reply);
    return true;
}

bool WaitingReplies::remove(qint64 conversationId) {
    return m_replies.removeIf([&](const WaitingReply& reply) { return reply.conversationId == conversationId; }) > 0;
}

std::optional<WaitingReply> WaitingReplies::find(qint64 conversationId) const {
    const auto found = std::find_if(m_replies.begin(), m_replies.end(),
                                    [&](const WaitingReply& reply) { return reply.conversationId == conversationId; });
    return found == m_replies.end() ? std::nullopt : std::make_optional(*found);
}

}  // namespace alcove
