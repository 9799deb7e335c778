#include "app/chat/chat_controller.h"

#include <utility>

#include "app/conversations/conversation_list_model.h"
#include "app/history/history_store.h"
#include "app/library/running_checkpoint.h"
#include "app/notices/notice_list_model.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

namespace {

constexpr int kReplySaveMs = 1000;
constexpr int kDraftSaveMs = 500;

// Without blank lines before and white space after; the first line keeps its indentation.
QString trimmedMessage(const QString& text) {
    qsizetype begin = 0;
    for (qsizetype i = 0; i < text.size() && text[i].isSpace(); ++i) {
        if (text[i] == u'\n') {
            begin = i + 1;
        }
    }
    qsizetype end = text.size();
    while (end > begin && text[end - 1].isSpace()) {
        --end;
    }
    return text.mid(begin, end - begin);
}

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

ChatController::ChatController(const Parts& parts, QObject* parent)
    : QObject(parent), m_parts(parts), m_replies(parts.store) {
    setSaveIntervals(kReplySaveMs, kDraftSaveMs);
    m_draftTimer.setSingleShot(true);
    connect(&m_draftTimer, &QTimer::timeout, this, &ChatController::saveDraft);
    connect(&m_replies, &ReplyKeeper::failed, this, &ChatController::report);

    connect(&parts.engine, &EngineThread::progressed, this, &ChatController::onProgress);
    connect(&parts.engine, &EngineThread::finished, this, &ChatController::onFinished);
    connect(&parts.engine, &EngineThread::failed, this, &ChatController::onFailed);
    connect(&parts.engine, &EngineThread::noticed, this,
            [this](const QString& sentence) { m_parts.notices.add(NoticeListModel::Info, sentence); });

    connect(&parts.checkpoints, &RunningCheckpoint::loadingEnded, this, [this] {
        beginNext();
        update();
    });
    connect(&parts.checkpoints, &RunningCheckpoint::currentChanged, this, [this] {
        emit contextSizeChanged();
        update();
    });
    connect(&parts.checkpoints, &RunningCheckpoint::canAnswerChanged, this, &ChatController::update);

    connect(&parts.conversations, &ConversationListModel::renamed, this, [this](qint64 id) {
        if (id == m_conversationId) {
            emit titleChanged();
        }
    });
    connect(&parts.conversations, &ConversationListModel::removed, this, &ChatController::onRemoved);
    connect(&parts.conversations, &ConversationListModel::restored, this, [this](qint64 id) {
        if (id == m_lastRemoved && m_conversationId == 0 && m_draft.isEmpty()) {
            show(id);
        }
    });
    show(0);
}

ChatController::~ChatController() = default;

QString ChatController::title() const {
    return m_parts.conversations.title(m_conversationId);
}

bool ChatController::canSend() const {
    return !m_closed && !m_parts.store.readOnly() && m_parts.checkpoints.canAnswer();
}

bool ChatController::canRegenerate() const {
    const Message* last = m_messages.last();
    return last && m_state == Idle && canSend() && (last->author == Author::User || m_messages.count() > 1);
}

double ChatController::readingProgress() const {
    return m_active && m_active->reply.conversationId == m_conversationId ? m_active->readingProgress : 0;
}

double ChatController::tokensPerSecond() const {
    const bool here = m_active && m_active->reply.conversationId == m_conversationId;
    return here && m_active->tokensPerSecond > 0 ? m_active->tokensPerSecond : m_messages.newestSpeed();
}

int ChatController::contextUsed() const {
    return m_contextUsed.value(m_conversationId);
}

int ChatController::contextSize() const {
    const auto& current = m_parts.checkpoints.current();
    return current ? current->contextSize : 0;
}

void ChatController::setSaveIntervals(int replyMs, int draftMs) {
    m_replies.setInterval(replyMs);
    m_draftTimer.setInterval(draftMs);
}

void ChatController::setDraft(const QString& draft) {
    if (draft == m_draft) {
        return;
    }
    m_draft = draft;
    m_draftUnsaved = true;
    m_draftTimer.start();
    emit draftChanged();
}

void ChatController::saveDraft() {
    m_draftTimer.stop();
    if (!std::exchange(m_draftUnsaved, false) || m_parts.store.readOnly()) {
        return;
    }
    try {
        m_parts.store.setDraft(m_conversationId, m_draft);
    } catch (const HistoryError& error) {
        report(error.sentence());
    }
}

void ChatController::newConversation() {
    openConversation(0);
}

void ChatController::openConversation(int conversationId) {
    if (conversationId != m_conversationId) {
        saveDraft();
        show(conversationId);
    }
}

// Fills the view from the store, with what is not in the store yet laid over it.
void ChatController::show(qint64 conversationId) {
    QList<Message> messages;
    QString draft;
    try {
        if (conversationId != 0) {
            messages = m_parts.store.messages(conversationId);
        }
        draft = m_parts.store.draft(conversationId);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    const bool activeHere = m_active && m_active->reply.conversationId == conversationId;
    for (Message& message : messages) {
        message = activeHere && message.id == m_active->reply.id ? m_active->reply : m_replies.newest(message);
        if (message.statistics.contextUsed > 0) {
            m_contextUsed[conversationId] = message.statistics.contextUsed;
        }
    }
    const qint64 before = std::exchange(m_conversationId, conversationId);
    m_messages.reset(messages);
    if (activeHere && !m_active->writing) {
        m_messages.setStatus(m_active->reply.id, MessageListModel::Status::Reading);
    }
    if (const auto waiting = m_waiting.find(conversationId)) {
        if (waiting->replacedId != 0) {
            m_messages.remove(waiting->replacedId);
        }
        m_messages.addWaitingReply();
    }
    if (before != conversationId) {
        emit conversationChanged();
        emit titleChanged();
    }
    if (m_draft != draft) {
        m_draft = draft;
        emit draftChanged();
    }
    m_draftUnsaved = false;
    m_draftTimer.stop();
    emit readingProgressChanged();
    emit figuresChanged();
    update();
}

bool ChatController::send(const QString& text) {
    Message message;
    message.text = trimmedMessage(text);
    if (message.text.isEmpty() || !canSend()) {
        return false;
    }
    const qint64 draftOf = m_conversationId;
    try {
        if (m_conversationId == 0) {
            const HistoryStore::Started started = m_parts.store.startConversation(message.text);
            message.conversationId = started.conversationId;
            message.id = started.messageId;
        } else {
            message.conversationId = m_conversationId;
            message.id = m_parts.store.appendMessage(m_conversationId, Author::User, message.text);
        }
    } catch (const HistoryError& error) {
        report(tr("Your message was not sent, because it could not be saved. %1").arg(error.sentence()));
        setDraft(text);
        return false;
    }
    message.createdAt = QDateTime::currentDateTimeUtc();
    m_draftTimer.stop();
    m_draftUnsaved = false;
    if (!m_draft.isEmpty()) {
        m_draft.clear();
        emit draftChanged();
    }
    try {
        m_parts.store.setDraft(draftOf, {});
    } catch (const HistoryError& error) {
        report(error.sentence());
    }
    m_parts.conversations.refresh();
    if (m_conversationId == 0) {
        m_conversationId = message.conversationId;
        emit conversationChanged();
        emit titleChanged();
    }
    m_messages.add(message);
    ask(m_conversationId, 0);
    return true;
}

void ChatController::regenerate() {
    if (!canRegenerate()) {
        return;
    }
    const Message* last = m_messages.last();
    const qint64 replacedId = last->author == Author::Assistant ? last->id : 0;
    if (replacedId != 0) {
        m_messages.remove(replacedId);
    }
    ask(m_conversationId, replacedId);
}

void ChatController::stop() {
    if (m_active && m_active->reply.conversationId == m_conversationId) {
        m_active->stopping = true;
        m_parts.engine.stop(m_active->requestId);
        update();
    } else {
        cancelWaiting(m_conversationId);
    }
}

void ChatController::ask(qint64 conversationId, qint64 replacedId) {
    if (m_waiting.add({conversationId, replacedId})) {
        m_messages.addWaitingReply();
    }
    beginNext();
    update();
}

void ChatController::cancelWaiting(qint64 conversationId) {
    if (m_waiting.remove(conversationId) && conversationId == m_conversationId) {
        saveDraft();
        show(conversationId);  // with the reply that would have been replaced
    }
}

void ChatController::beginNext() {
    while (!m_active && !m_waiting.isEmpty() && !m_closed && m_parts.checkpoints.current() &&
           !m_parts.checkpoints.loading()) {
        const WaitingReply waiting = m_waiting.take();
        if (!begin(waiting) && waiting.conversationId == m_conversationId) {
            saveDraft();
            show(m_conversationId);
        }
    }
}

bool ChatController::begin(const WaitingReply& waiting) {
    const LoadedCheckpoint& checkpoint = *m_parts.checkpoints.current();
    ReplyInProgress active;
    GenerationRequest request;
    request.checkpoint = checkpoint.id;
    request.sampling = m_parts.settings.samplingForReply();
    active.reply = emptyReply(waiting.conversationId, checkpoint, request.sampling);
    try {
        for (const Message& stored : m_parts.store.messages(waiting.conversationId)) {
            const Message message = m_replies.newest(stored);
            if (message.id != waiting.replacedId && !message.text.isEmpty()) {
                request.turns.append({message.author == Author::User, message.text});
                active.turnIds.append(message.id);
            }
        }
        if (request.turns.isEmpty() || !request.turns.last().fromUser) {
            return false;
        }
        active.reply.id = m_parts.store.beginReply(waiting.conversationId, active.reply.settings);
        if (waiting.replacedId != 0) {
            m_replies.forget(waiting.replacedId);
            m_parts.store.deleteMessage(waiting.replacedId);
        }
    } catch (const HistoryError& error) {
        report(error.sentence());
        if (active.reply.id == 0) {
            return false;
        }
    }
    active.requestId = m_parts.engine.generate(request);
    m_active = std::move(active);
    if (waiting.conversationId == m_conversationId) {
        m_messages.beginReply(m_active->reply);
        emit readingProgressChanged();
    }
    return true;
}

void ChatController::onProgress(quint64 id, const GenerationProgress& progress) {
    if (!m_active || m_active->requestId != id) {
        return;
    }
    ReplyInProgress& active = *m_active;
    const bool here = active.reply.conversationId == m_conversationId;
    active.readingProgress =
        progress.promptTokens > 0 ? static_cast<double>(progress.promptTokensDone) / progress.promptTokens : 0;
    active.tokensPerSecond = progress.tokensPerSecond;
    m_contextUsed[active.reply.conversationId] = progress.contextUsed;
    if (progress.generatedTokens > 0 && !std::exchange(active.writing, true)) {
        m_messages.setStatus(active.reply.id, MessageListModel::Status::Writing);
        update();
    }
    if (!progress.text.isEmpty()) {
        active.reply.text += progress.text;
        m_replies.grow(active.reply.id, active.reply.text);
        m_messages.appendText(active.reply.id, progress.text);
    }
    if (here) {
        if (!active.writing) {
            emit readingProgressChanged();
        }
        emit figuresChanged();
    }
}

void ChatController::onFinished(quint64 id, const GenerationOutcome& outcome) {
    if (!m_active || m_active->requestId != id) {
        return;
    }
    Message& reply = m_active->reply;
    reply.statistics = statisticsOf(outcome, m_active->turnIds, contextSize());
    if (outcome.contextUsed > 0) {
        m_contextUsed[reply.conversationId] = outcome.contextUsed;
        if (reply.conversationId == m_conversationId) {
            m_messages.setMemoryStart(reply.statistics.memoryStartsAt);
        }
    }
    end(outcome.reason == EndReason::Stopped ? MessageStatus::Stopped : MessageStatus::Complete, {});
    if (outcome.reason != EndReason::Stopped) {
        m_parts.checkpoints.replySucceeded();
    }
}

void ChatController::onFailed(quint64 id, const QString& sentence, bool reopenNeeded) {
    if (!m_active || m_active->requestId != id) {
        return;
    }
    if (reopenNeeded && !m_closed) {
        if (m_parts.checkpoints.reopen()) {
            m_parts.notices.add(NoticeListModel::Warning, tr("%1 The checkpoint is being opened again.").arg(sentence));
        } else {
            m_parts.notices.add(NoticeListModel::Error,
                                tr("%1 This happened again after opening the checkpoint anew. Choose a checkpoint or "
                                   "another device to go on.")
                                    .arg(sentence));
        }
    }
    end(MessageStatus::Failed, sentence);
}

void ChatController::end(MessageStatus status, const QString& error) {
    Message reply = std::exchange(m_active, std::nullopt)->reply;
    reply.status = status;
    reply.error = error;
    m_replies.finish(reply);
    m_messages.finishReply(reply.id, shownStatus(status), error, reply.statistics.tokensPerSecond);
    m_parts.conversations.refresh();
    if (reply.conversationId == m_conversationId) {
        emit figuresChanged();
    }
    beginNext();
    update();
}

void ChatController::onRemoved(qint64 conversationId) {
    if (m_active && m_active->reply.conversationId == conversationId) {
        m_active->stopping = true;
        m_parts.engine.stop(m_active->requestId);
    }
    m_waiting.remove(conversationId);
    m_lastRemoved = conversationId == m_conversationId ? conversationId : 0;
    if (conversationId == m_conversationId) {
        newConversation();
    }
}

void ChatController::close() {
    m_closed = true;
    m_waiting.clear();
    saveDraft();
    m_parts.engine.shutdown();
    if (m_active) {
        end(MessageStatus::Stopped, {});
    }
    m_replies.saveNow();
}

void ChatController::update() {
    State state = Idle;
    if (m_active && m_active->reply.conversationId == m_conversationId) {
        state = m_active->stopping ? Stopping : m_active->writing ? Writing : Reading;
    } else if (m_waiting.find(m_conversationId)) {
        state = WaitingForCheckpoint;
    }
    if (std::exchange(m_state, state) != state) {
        emit stateChanged();
    }
    if (const bool now = canSend(); std::exchange(m_canSend, now) != now) {
        emit canSendChanged();
    }
    if (const bool now = canRegenerate(); std::exchange(m_canRegenerate, now) != now) {
        emit canRegenerateChanged();
    }
}

void ChatController::report(const QString& sentence) {
    m_parts.notices.add(NoticeListModel::Error, sentence);
}

}  // namespace alcove

#include "moc_chat_controller.cpp"
