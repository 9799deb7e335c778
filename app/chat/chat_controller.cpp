#include "app/chat/chat_controller.h"

#include <utility>

#include "app/chat/trimmed_message.h"
#include "app/conversations/conversation_list_model.h"
#include "app/history/history_store.h"
#include "app/library/running_checkpoint.h"
#include "app/notices/notice_list_model.h"
#include "app/session/engine_thread.h"
#include "app/settings/settings_controller.h"

namespace alcove {

namespace {

ChatController::State stateOf(ExchangeStep step) {
    switch (step) {
        case ExchangeStep::Idle:
            return ChatController::Idle;
        case ExchangeStep::Waiting:
            return ChatController::WaitingForCheckpoint;
        case ExchangeStep::Reading:
            return ChatController::Reading;
        case ExchangeStep::Writing:
            return ChatController::Writing;
        case ExchangeStep::Stopping:
            return ChatController::Stopping;
    }
    Q_UNREACHABLE();
}

}  // namespace

ChatController::ChatController(const Parts& parts, QObject* parent)
    : QObject(parent),
      m_parts(parts),
      m_exchanges(parts.store, parts.engine,
                  {.checkpoint = [this]() -> const LoadedCheckpoint* {
                       const RunningCheckpoint& checkpoints = m_parts.checkpoints;
                       return checkpoints.current() && !checkpoints.loading() ? &*checkpoints.current() : nullptr;
                   },
                   .sampling = [this] { return m_parts.settings.samplingForReply(); },
                   .systemPrompt = [this] { return m_parts.settings.systemPrompt(); }}),
      m_drafts(parts.store),
      m_open(parts.store, m_exchanges),
      m_draftSize(parts.engine, parts.checkpoints, parts.settings) {
    connect(&m_drafts, &DraftKeeper::failed, this, &ChatController::report);
    m_open.messages().setReadText([this](qint64 messageId) {
        try {
            return m_parts.store.text(messageId);
        } catch (const HistoryError& error) {
            report(error.sentence());
            return QString();
        }
    });
    connect(&parts.engine, &EngineThread::noticed, this, [this](const QString& sentence) {
        m_parts.notices.add({.text = sentence, .kind = QStringLiteral("engine")});
    });
    followExchanges();
    followCheckpoints();
    followConversations();
    show(0);
}

ChatController::~ChatController() = default;

void ChatController::followExchanges() {
    connect(&m_exchanges.keeper(), &ReplyKeeper::failed, this, &ChatController::report);
    connect(&m_exchanges, &ExchangeQueue::began, this, [this](const Exchange& exchange) {
        m_open.begin(exchange);
        if (isOpen(exchange)) {
            emit readingProgressChanged();
        }
    });
    connect(&m_exchanges, &ExchangeQueue::notBegun, this, [this](qint64 conversationId, const QString& sentence) {
        if (!sentence.isEmpty()) {
            report(sentence);
        }
        if (conversationId == m_open.id()) {
            show(conversationId);
        }
    });
    connect(&m_exchanges, &ExchangeQueue::progressed, this, &ChatController::onProgress);
    connect(&m_exchanges, &ExchangeQueue::ended, this, &ChatController::onEnded);
    connect(&m_exchanges, &ExchangeQueue::stepsChanged, this, [this] {
        m_parts.conversations.setAnswering(m_exchanges.conversations());
        update();
    });
}

void ChatController::followCheckpoints() {
    connect(&m_parts.checkpoints, &RunningCheckpoint::loadingEnded, &m_exchanges, &ExchangeQueue::beginNext);
    connect(&m_parts.checkpoints, &RunningCheckpoint::currentChanged, this, [this] {
        emit contextSizeChanged();
        update();
    });
    connect(&m_parts.checkpoints, &RunningCheckpoint::canAnswerChanged, this, &ChatController::update);
}

void ChatController::followConversations() {
    connect(&m_parts.conversations, &ConversationListModel::renamed, this, [this](qint64 id) {
        if (id == m_open.id()) {
            emit titleChanged();
        }
    });
    connect(&m_parts.conversations, &ConversationListModel::removed, this, &ChatController::onRemoved);
    connect(&m_parts.conversations, &ConversationListModel::restored, this, [this](qint64 id) {
        if (id == m_lastRemoved && m_open.id() == 0 && m_draft.isEmpty()) {
            show(id);
        }
    });
}

QString ChatController::title() const {
    return m_parts.conversations.title(m_open.id());
}

bool ChatController::canSend() const {
    return !m_exchanges.closed() && !m_parts.store.readOnly() && m_parts.checkpoints.canAnswer();
}

bool ChatController::canRegenerate() const {
    const Message* last = m_open.messages().last();
    return last && !busy() && canSend() && (last->author == Author::User || m_open.messages().count() > 1);
}

bool ChatController::canChange() const {
    return !m_exchanges.closed() && !m_parts.store.readOnly() && m_exchanges.step(m_open.id()) == ExchangeStep::Idle;
}

double ChatController::readingProgress() const {
    const Exchange* const running = m_exchanges.running(m_open.id());
    return running != nullptr && running->progress().promptTokens > 0
               ? static_cast<double>(running->progress().promptTokensDone) / running->progress().promptTokens
               : 0;
}

double ChatController::tokensPerSecond() const {
    const Exchange* const running = m_exchanges.running(m_open.id());
    return running != nullptr && running->progress().tokensPerSecond > 0 ? running->progress().tokensPerSecond
                                                                         : m_open.messages().newestSpeed();
}

int ChatController::contextSize() const {
    const auto& current = m_parts.checkpoints.current();
    return current ? current->contextSize : 0;
}

void ChatController::setSaveIntervals(int replyMs, int draftMs) {
    m_exchanges.keeper().setInterval(replyMs);
    m_drafts.setInterval(draftMs);
}

void ChatController::setDraft(const QString& draft) {
    if (draft != m_draft) {
        m_drafts.set(m_open.id(), draft);
        takeDraft(draft);
    }
}

// What the draft is now, wherever it comes from.
void ChatController::takeDraft(const QString& draft) {
    if (draft != m_draft) {
        m_draft = draft;
        m_draftSize.setText(draft);
        emit draftChanged();
    }
}

void ChatController::newConversation() {
    openConversation(0);
}

void ChatController::openConversation(int conversationId) {
    if (conversationId != m_open.id()) {
        m_drafts.saveNow();
        show(conversationId);
    }
}

void ChatController::showMessage(qint64 conversationId, qint64 messageId) {
    openConversation(static_cast<int>(conversationId));
    if (messageId == 0 || m_open.messages().has(messageId)) {
        return;
    }
    try {
        m_parts.store.showMessage(messageId);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    show(conversationId);
}

void ChatController::show(qint64 conversationId) {
    const qint64 before = m_open.id();
    QString draft;
    try {
        draft = m_drafts.draft(conversationId);
        m_open.show(conversationId);
    } catch (const HistoryError& error) {
        report(error.sentence());
        return;
    }
    if (before != conversationId) {
        emit conversationChanged();
        emit titleChanged();
    }
    takeDraft(draft);
    emit readingProgressChanged();
    emit figuresChanged();
    update();
}

void ChatController::submit() {
    m_draftSize.ask(m_draft, [this, text = m_draft, conversation = m_open.id()](bool fits) {
        if (!fits || conversation != m_open.id()) {
            return;
        }
        const QString now = m_draft;
        if (send(text) && now != text && now.startsWith(text)) {
            setDraft(now.mid(text.size()));  // typed meanwhile
        }
    });
}

bool ChatController::send(const QString& text) {
    const QString trimmed = trimmedMessage(text);
    if (trimmed.isEmpty() || !canSend()) {
        return false;
    }
    const qint64 before = m_open.id();
    if (const Exchange* const waiting = m_exchanges.waiting(before);
        waiting != nullptr && (waiting->wish().replacedId != 0 || waiting->wish().continuedId != 0)) {
        stop();  // a reply to this message is wanted instead
    }
    const Exchange* const running = m_exchanges.running(before);
    // A reply that is made anew is not what the stored path ends with until there is some text of it, or a message
    // follows it.
    const Message* const last = m_open.messages().last();
    const bool follows = running != nullptr && last != nullptr && last->id == running->reply().id;
    if (!commit(trimmed, follows ? std::optional(running->reply().id) : std::nullopt)) {
        setDraft(text);
        return false;
    }
    m_drafts.set(before, {});
    m_drafts.saveNow();
    takeDraft({});
    ask({.conversationId = m_open.id()});
    return true;
}

bool ChatController::commit(const QString& text, std::optional<qint64> parentId) {
    const qint64 before = m_open.id();
    Message message;
    try {
        message = commitMessage(m_parts.store, before, text, parentId);
        if (before != 0 && parentId) {
            const QList<qint64> siblings = m_parts.store.siblings(message.id);
            message.siblingIndex = static_cast<int>(siblings.indexOf(message.id));
            message.siblingCount = static_cast<int>(siblings.size());
        }
    } catch (const HistoryError& error) {
        report(tr("Your message was not sent, because it could not be saved. %1").arg(error.sentence()));
        return false;
    }
    m_parts.conversations.refresh(message.conversationId);
    m_open.add(message);
    if (before == 0) {
        emit conversationChanged();
        emit titleChanged();
    }
    return true;
}

void ChatController::regenerate() {
    const Message* const last = m_open.messages().last();
    if (last != nullptr && last->author == Author::Assistant) {
        regenerateReply(last->id);
    } else if (canRegenerate()) {
        ask({.conversationId = m_open.id()});
    }
}

void ChatController::regenerateReply(qint64 messageId) {
    const Message* const reply = m_open.messages().message(messageId);
    if (canRegenerate() && reply != nullptr && reply->author == Author::Assistant) {
        ask({.conversationId = m_open.id(), .replacedId = messageId});
    }
}

void ChatController::continueReply() {
    if (canChange() && canSend() && m_open.messages().canContinue()) {
        ask({.conversationId = m_open.id(), .continuedId = m_open.messages().last()->id});
    }
}

void ChatController::ask(const ReplyWish& wish) {
    if (m_exchanges.ask(wish)) {
        m_open.waitForReply(wish);
    }
    m_exchanges.beginNext();
}

void ChatController::stop() {
    if (m_exchanges.stop(m_open.id())) {
        show(m_open.id());  // with the reply that would have been replaced
    }
}

void ChatController::onProgress(const Exchange& exchange, const QString& text) {
    m_open.progress(exchange, text);
    if (isOpen(exchange)) {
        if (exchange.progress().generatedTokens == 0) {
            emit readingProgressChanged();
        }
        emit figuresChanged();
    }
}

void ChatController::onEnded(const Exchange& exchange, bool reopenNeeded) {
    if (exchange.reply().status == MessageStatus::Failed) {
        explainFailure(exchange, reopenNeeded);
    }
    if (!exchange.leftReplaced()) {
        m_open.end(exchange);
    } else if (isOpen(exchange)) {
        show(m_open.id());
    }
    if (exchange.leftReplaced() && exchange.reply().status == MessageStatus::Complete) {
        report(tr("The model wrote nothing, so the previous reply was kept."));
    }
    m_parts.conversations.refresh(exchange.conversationId());
    if (isOpen(exchange)) {
        emit figuresChanged();
    }
    if (exchange.reply().status == MessageStatus::Complete) {
        m_parts.checkpoints.replySucceeded();
    }
}

// What the failed reply does not say itself.
void ChatController::explainFailure(const Exchange& exchange, bool reopenNeeded) {
    const QString& sentence = exchange.reply().error;
    if (reopenNeeded && !m_exchanges.closed()) {
        if (m_parts.checkpoints.reopen()) {
            m_parts.notices.add({.severity = NoticeListModel::Warning,
                                 .text = tr("%1 The model is being reopened.").arg(sentence),
                                 .kind = QStringLiteral("reply")});
        } else {
            m_parts.notices.add({.severity = NoticeListModel::Error,
                                 .text = tr("%1 This happened again after reopening the model. Choose another model or "
                                            "another device to go on.")
                                             .arg(sentence),
                                 .kind = QStringLiteral("reply")});
        }
    } else if (exchange.leftReplaced()) {
        report(tr("The new reply failed, so the previous one was kept. %1").arg(sentence));
    }
}

void ChatController::onRemoved(qint64 conversationId) {
    m_exchanges.remove(conversationId);
    if (conversationId == m_open.id()) {
        m_lastRemoved = conversationId;
        newConversation();
    }
}

void ChatController::saveNow() {
    m_drafts.saveNow();
    m_exchanges.keeper().saveNow();
}

void ChatController::close(QDeadlineTimer patience) {
    saveNow();
    m_exchanges.close(patience);
}

void ChatController::update() {
    if (const State now = stateOf(m_exchanges.step(m_open.id())); std::exchange(m_shown.state, now) != now) {
        emit stateChanged();
    }
    if (const bool now = canSend(); std::exchange(m_shown.canSend, now) != now) {
        emit canSendChanged();
    }
    if (const bool now = canRegenerate(); std::exchange(m_shown.canRegenerate, now) != now) {
        emit canRegenerateChanged();
    }
    if (const bool now = canChange(); std::exchange(m_shown.canChange, now) != now) {
        emit canChangeChanged();
    }
}

void ChatController::report(const QString& sentence) {
    m_parts.notices.add({.severity = NoticeListModel::Error, .text = sentence, .kind = QStringLiteral("chat")});
}

}  // namespace alcove

#include "moc_chat_controller.cpp"
