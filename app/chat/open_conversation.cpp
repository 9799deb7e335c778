#include "app/chat/open_conversation.h"

#include <algorithm>

#include "app/exchange/exchange_queue.h"
#include "app/history/history_store.h"

namespace alcove {

namespace {

MessageListModel::Status shownStatus(MessageStatus status) {
    switch (status) {
        case MessageStatus::Stopped:
            return MessageListModel::Status::Stopped;
        case MessageStatus::Failed:
            return MessageListModel::Status::Failed;
        default:
            return MessageListModel::Status::Complete;
    }
}

}  // namespace

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
    messages.removeIf([&](const Message& message) {
        return (running != nullptr && running->replacedId() == message.id) ||
               (waiting != nullptr && waiting->replacedId() == message.id);
    });
    if (running != nullptr && std::none_of(messages.begin(), messages.end(), [running](const Message& message) {
            return message.id == running->reply().id;
        })) {
        messages.append(running->reply());  // it is shown in the place of another one, whose path is still stored
    }
    for (Message& message : messages) {
        if (running != nullptr && running->reply().id == message.id) {
            message = running->reply();
        } else if (message.statistics.contextUsed > 0) {
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
        m_messages.addWaitingReply();
    }
}

void OpenConversation::add(const Message& message) {
    m_id = message.conversationId;
    m_messages.add(message);
}

void OpenConversation::waitForReply(qint64 replacedId) {
    if (replacedId != 0) {
        m_messages.remove(replacedId);
    }
    m_messages.addWaitingReply();
}

void OpenConversation::begin(const Exchange& exchange) {
    if (exchange.conversationId() == m_id) {
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
    if (reply.statistics.contextUsed > 0) {
        m_contextUsed[reply.conversationId] = reply.statistics.contextUsed;
        if (reply.conversationId == m_id) {
            m_messages.setMemoryStart(reply.statistics.memoryStartsAt);
        }
    }
    m_messages.finishReply(reply.id, shownStatus(reply.status), reply.error, reply.statistics);
}

}  // namespace alcove
