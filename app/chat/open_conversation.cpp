#include "app/chat/open_conversation.h"

#include <algorithm>
#include <utility>

#include "app/chat/message_status.h"
#include "app/exchange/exchange_queue.h"
#include "app/history/history_store.h"

namespace alcove {

OpenConversation::OpenConversation(const HistoryStore& store, const ExchangeQueue& exchanges)
    : m_store(store), m_exchanges(exchanges), m_completion(store) {
    QObject::connect(&m_completion, &TextCompletion::completed, &m_messages, &MessageListModel::complete);
}

void OpenConversation::show(qint64 id) {
    QList<Message> messages;
    if (id != 0) {
        messages = m_exchanges.keeper().newest(m_store.beginnings(id));
    }
    const Exchange* const running = m_exchanges.running(id);
    const Exchange* const waiting = m_exchanges.waiting(id);
    const auto cutFrom = [&messages](qint64 messageId) {
        const auto found = std::find_if(messages.begin(), messages.end(),
                                        [messageId](const Message& message) { return message.id == messageId; });
        messages.erase(found, messages.end());
    };
    if (waiting != nullptr) {
        cutFrom(waiting->wish().replacedId);
    }
    if (running != nullptr) {
        const Message& reply = running->reply();
        const auto at = std::find_if(messages.begin(), messages.end(), [&reply](const Message& message) {
            return message.id == reply.id || message.id == reply.parentId;
        });
        if (at != messages.end()) {  // otherwise another path is shown
            messages.erase(at->id == reply.id ? at : at + 1, messages.end());
            messages.append(reply);
        }
    }
    for (const Message& message : std::as_const(messages)) {
        if (message.statistics.contextUsed > 0) {
            m_contextUsed[id] = message.statistics.contextUsed;
        }
    }
    m_id = id;
    m_messages.reset(messages);
    m_completion.begin(messages);
    if (running != nullptr) {
        if (running->progress().contextUsed > 0) {
            m_contextUsed[id] = running->progress().contextUsed;
        }
        if (running->progress().generatedTokens == 0) {
            m_messages.setStatus(running->reply().id, MessageListModel::Status::Reading);
        }
    }
    if (waiting != nullptr) {
        waitForReply(waiting->wish());
    }
}

void OpenConversation::showPath() {
    const QList<Message> messages = m_exchanges.keeper().newest(m_store.beginnings(m_id));
    m_completion.begin(messages.mid(m_messages.change(messages)));
}

void OpenConversation::add(const Message& message) {
    m_id = message.conversationId;
    m_messages.add(message);
}

void OpenConversation::waitForReply(const ReplyWish& wish) {
    if (wish.continuedId != 0) {
        m_messages.setStatus(wish.continuedId, MessageListModel::Status::Waiting);
        return;
    }
    if (wish.replacedId != 0) {
        m_messages.removeFrom(wish.replacedId);
    }
    m_messages.addWaitingReply();
}

void OpenConversation::begin(const Exchange& exchange) {
    if (exchange.conversationId() != m_id) {
        return;
    }
    if (exchange.wish().continuedId != 0) {
        m_messages.resumeReply(exchange.reply());
    } else {
        m_messages.beginReply(exchange.reply());
    }
}

void OpenConversation::progress(const Exchange& exchange, const QString& text) {
    m_contextUsed[exchange.conversationId()] = exchange.progress().contextUsed;
    if (exchange.progress().generatedTokens > 0) {
        m_messages.setStatus(exchange.reply().id, MessageListModel::Status::Writing);
    }
    m_messages.appendText(exchange.reply().id, text);
}

void OpenConversation::end(const Exchange& exchange) {
    const Message& reply = exchange.reply();
    const Message* const shown = m_messages.message(reply.id);
    if (exchange.wish().continuedId != 0 && shown != nullptr && shown->text != reply.text) {
        m_messages.resumeReply(reply);  // nothing was added: it is what it was before
    }
    if (reply.statistics.contextUsed > 0) {
        m_contextUsed[reply.conversationId] = reply.statistics.contextUsed;
        if (reply.conversationId == m_id) {
            m_messages.setMemoryStart(reply.statistics.memoryStartsAt);
        }
    }
    m_messages.finishReply(reply.id, statusOf(reply.status), reply.error, reply.statistics);
}

}  // namespace alcove
