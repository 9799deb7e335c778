#include "app/exchange/exchange.h"

#include <algorithm>

#include "app/exchange/message_path.h"
#include "app/exchange/reply_keeper.h"
#include "app/exchange/reply_record.h"
#include "app/history/history_store.h"

namespace alcove {

namespace {

bool hasText(const QString& text) {
    return std::any_of(text.begin(), text.end(), [](QChar unit) { return !unit.isSpace(); });
}

}  // namespace

Message commitMessage(HistoryStore& store, qint64 conversationId, const QString& text) {
    Message message;
    message.conversationId = conversationId;
    message.text = text;
    if (conversationId == 0) {
        const HistoryStore::Started started = store.startConversation(text);
        message.conversationId = started.conversationId;
        message.id = started.messageId;
    } else {
        message.id = store.appendMessage(conversationId, Author::User, text);
    }
    message.createdAt = QDateTime::currentDateTimeUtc();
    return message;
}

Exchange::Exchange(HistoryStore& store, ReplyKeeper& keeper, qint64 conversationId, qint64 replacedId)
    : m_store(store), m_keeper(keeper), m_conversationId(conversationId), m_replacedId(replacedId) {
    m_state.apply(ExchangeEvent::Ask);
}

std::optional<GenerationRequest> Exchange::begin(const LoadedCheckpoint& checkpoint, const SamplingSettings& sampling) {
    const QList<Message> messages = m_keeper.newest(m_store.messages(m_conversationId));
    const MessagePath path = messagePath(messages, m_replacedId);
    if (!path.answerable() || m_state.step() != ExchangeStep::Waiting) {
        return std::nullopt;
    }
    m_replacedHasText = std::any_of(messages.begin(), messages.end(), [this](const Message& message) {
        return message.id == m_replacedId && hasText(message.text);
    });
    if (m_replacedId != 0 && !m_replacedHasText) {
        m_keeper.remove(m_replacedId);
    }
    Message reply = emptyReply(m_conversationId, checkpoint, sampling);
    reply.parentId = path.messageIds.last();
    reply.id = m_store.beginReply(m_conversationId, reply.settings, reply.parentId);
    m_reply = reply;
    m_turnIds = path.messageIds;
    m_reply.statistics.contextSize = checkpoint.contextSize;
    m_state.apply(ExchangeEvent::Begin);
    return GenerationRequest{.checkpoint = checkpoint.id, .turns = path.turns, .sampling = sampling};
}

void Exchange::take(const GenerationProgress& progress) {
    if (!running()) {
        return;
    }
    if (progress.generatedTokens > 0) {
        m_state.apply(ExchangeEvent::Token);
    }
    m_progress = progress;
    m_progress.text.clear();
    if (progress.text.isEmpty()) {
        return;
    }
    m_hasText = m_hasText || hasText(progress.text);
    m_reply.text += progress.text;
    if (m_hasText) {  // what is stored is shown in the place of the reply before
        m_keeper.grow(m_reply.id, m_reply.text);
    }
}

void Exchange::stop() {
    m_state.apply(ExchangeEvent::Stop);
}

void Exchange::finish(const GenerationOutcome& outcome) {
    if (running()) {
        m_reply.statistics = statisticsOf(outcome, m_turnIds, m_reply.statistics.contextSize);
        end(outcome.reason == EndReason::Stopped ? MessageStatus::Stopped : MessageStatus::Complete);
    }
}

void Exchange::fail(const QString& sentence) {
    if (running()) {
        m_reply.error = sentence;
        end(MessageStatus::Failed);
    }
}

void Exchange::abandon(MessageStatus status) {
    if (running()) {
        end(status);
    }
}

void Exchange::end(MessageStatus status) {
    m_state.apply(ExchangeEvent::End);
    m_reply.status = status;
    m_leftReplaced = m_replacedHasText && !m_hasText;
    if (m_leftReplaced || (!m_hasText && status == MessageStatus::Interrupted)) {
        m_keeper.remove(m_reply.id);
        return;
    }
    m_keeper.finish(m_reply);
}

}  // namespace alcove
