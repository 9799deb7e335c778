#include "app/exchange/exchange.h"

#include <algorithm>
#include <utility>

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

Message commitMessage(HistoryStore& store, qint64 conversationId, const QString& text, std::optional<qint64> parentId) {
    Message message;
    message.conversationId = conversationId;
    message.text = text;
    if (conversationId == 0) {
        const HistoryStore::Started started = store.startConversation(text);
        message.conversationId = started.conversationId;
        message.id = started.messageId;
    } else {
        message.id = store.appendMessage(conversationId, Author::User, text, parentId);
        message.parentId = parentId.value_or(0);
    }
    message.createdAt = QDateTime::currentDateTimeUtc();
    return message;
}

Exchange::Exchange(HistoryStore& store, ReplyKeeper& keeper, const ReplyWish& wish)
    : m_store(store), m_keeper(keeper), m_wish(wish) {
    m_state.apply(ExchangeEvent::Ask);
}

std::optional<GenerationRequest> Exchange::begin(const LoadedCheckpoint& checkpoint, const SamplingSettings& sampling) {
    if (m_state.step() != ExchangeStep::Waiting) {
        return std::nullopt;
    }
    std::optional<GenerationRequest> request =
        m_wish.continuedId != 0 ? beginOn(checkpoint, sampling) : beginReply(checkpoint, sampling);
    if (request) {
        m_tokens.seed = QString::number(static_cast<quint64>(request->sampling.seed));
        m_tokens.contextSize = checkpoint.contextSize;
        m_tokens.fingerprint = checkpoint.fingerprint;
        m_reply.statistics.contextSize = checkpoint.contextSize;
        m_state.apply(ExchangeEvent::Begin);
    }
    return request;
}

std::optional<GenerationRequest> Exchange::beginReply(const LoadedCheckpoint& checkpoint,
                                                      const SamplingSettings& sampling) {
    const bool anew = m_wish.replacedId != 0;
    const QList<Message> messages =
        m_keeper.newest(anew ? m_store.messagesTo(m_wish.replacedId) : m_store.messages(m_wish.conversationId));
    const MessagePath path = anew ? questionPath(messages) : messagePath(messages);
    if (!path.answerable()) {
        return std::nullopt;
    }
    m_replacedHasText = anew && messages.last().id == m_wish.replacedId && hasText(messages.last().text);
    if (anew && !m_replacedHasText) {
        m_keeper.remove(m_wish.replacedId);
    }
    Message reply = emptyReply(m_wish.conversationId, checkpoint, sampling);
    reply.parentId = path.messageIds.last();
    reply.id = m_store.beginReply(m_wish.conversationId, reply.settings, reply.parentId);
    const QList<qint64> siblings = m_store.siblings(reply.id);
    reply.siblingIndex = static_cast<int>(siblings.indexOf(reply.id));
    reply.siblingCount = static_cast<int>(siblings.size());
    m_reply = reply;
    m_turnIds = path.messageIds;
    return GenerationRequest{.checkpoint = checkpoint.id, .turns = path.turns, .sampling = sampling};
}

std::optional<GenerationRequest> Exchange::beginOn(const LoadedCheckpoint& checkpoint,
                                                   const SamplingSettings& sampling) {
    QList<Message> messages = m_keeper.newest(m_store.messagesTo(m_wish.continuedId));
    if (messages.isEmpty() || messages.last().id != m_wish.continuedId || messages.last().author != Author::Assistant) {
        return std::nullopt;
    }
    Message reply = messages.takeLast();
    const MessagePath path = questionPath(messages);
    if (!path.answerable() || !hasText(reply.text)) {
        return std::nullopt;
    }
    const QByteArray text = reply.text.toUtf8();
    ReplyTokens tokens = m_store.replyTokens(reply.id);
    const bool known = !tokens.ids.isEmpty() && tokens.ids.size() == tokens.ends.size() &&
                       tokens.fingerprint == checkpoint.fingerprint && tokens.ends.last() >= 0 &&
                       tokens.ends.last() <= text.size() && std::is_sorted(tokens.ends.begin(), tokens.ends.end());
    m_store.resumeReply(reply.id, known);
    m_before = reply.text;
    if (known) {  // what was held back until the end is made again
        reply.text = QString::fromUtf8(text.left(tokens.ends.last()));
    }
    reply.status = MessageStatus::Writing;
    reply.error.clear();
    GenerationRequest request{.checkpoint = checkpoint.id,
                              .turns = path.turns,
                              .sampling = samplingFromJson(reply.settings.sampling, sampling),
                              .begunText = reply.text};
    if (known) {
        request.begunTokens = tokens.ids;
        request.firstTurn =
            static_cast<int>(std::max<qsizetype>(0, path.messageIds.indexOf(reply.statistics.memoryStartsAt)));
    } else {
        tokens = {};
    }
    m_tokensKnown = known;
    m_tokens = tokens;
    m_reply = reply;
    m_turnIds = path.messageIds;
    m_hasText = true;
    return request;
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
    m_progress.tokens.clear();
    takeTokens(progress);
    if (progress.text.isEmpty()) {
        return;
    }
    m_grown = true;
    m_hasText = m_hasText || hasText(progress.text);
    m_reply.text += progress.text;
    if (m_hasText) {  // what is stored is shown in the place of the reply before
        m_keeper.grow(m_reply.id, m_reply.text, m_tokensKnown ? m_tokens : ReplyTokens());
    }
}

void Exchange::takeTokens(const GenerationProgress& progress) {
    for (const MadeToken& token : progress.tokens) {
        m_tokens.ids.append(token.id);
        m_tokens.ends.append((m_tokens.ends.isEmpty() ? 0 : m_tokens.ends.last()) + token.textBytes);
    }
    const qint64 start = progress.firstTurnInContext > 0 ? m_turnIds.value(progress.firstTurnInContext) : 0;
    if (std::exchange(m_reply.statistics.memoryStartsAt, start) != start) {
        try {
            m_store.setMemoryStart(m_reply.id, start);  // once: what goes on after a crash needs the same prompt
        } catch (const HistoryError&) {
            return;  // it is stored again with the end
        }
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
    if (!m_grown && !m_before.isEmpty()) {
        m_reply.text = m_before;
    }
    m_keeper.finish(m_reply, m_tokensKnown ? m_tokens : ReplyTokens());
}

}  // namespace alcove
