#include "app/cli/conversation.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "app/exchange/reply_record.h"

namespace alcove::cli {

Conversation::Conversation(HistoryStore& store, Backend& backend, OpenCheckpoint open, const SamplingSettings& sampling)
    : m_store(store), m_backend(backend), m_open(std::move(open)), m_sampling(sampling), m_keeper(store) {
    QObject::connect(&m_keeper, &ReplyKeeper::failed, &m_keeper,
                     [this](const QString& sentence) { m_problem = sentence; });
    m_backend.deviceChanged = [this](quint64 /*checkpoint*/, const DeviceDescription& device, const QString& sentence) {
        m_checkpoint.deviceName = device.name;
        m_backend.notice(sentence);
    };
    m_checkpoint = m_open();
}

Conversation::~Conversation() {
    m_keeper.saveNow();
    m_backend.deviceChanged = [](quint64, const DeviceDescription&, const QString&) {};
}

Answer Conversation::ask(const QString& text, const std::function<void(const QString&)>& onText,
                         const std::atomic<bool>& stop) {
    m_keeper.saveNow();
    m_id = commitMessage(m_store, m_id, text).conversationId;
    return answer({.conversationId = m_id}, onText, stop);
}

Answer Conversation::goOn(const std::function<void(const QString&)>& onText, const std::atomic<bool>& stop) {
    m_keeper.saveNow();
    const QList<Message> messages = m_id == 0 ? QList<Message>() : m_store.messages(m_id);
    const Message last = messages.isEmpty() ? Message() : messages.last();
    if (!canGoOn(last)) {
        throw HistoryError(HistoryError::Kind::NotFound, QStringLiteral("There is no reply to go on with."));
    }
    return answer({.conversationId = m_id, .continuedId = last.id}, onText, stop);
}

Answer Conversation::answer(const ReplyWish& wish, const std::function<void(const QString&)>& onText,
                            const std::atomic<bool>& stop) {
    Answer answer;
    answer.conversationId = m_id;
    if (m_reopenNeeded) {
        try {
            m_checkpoint = m_open();
            m_reopenNeeded = false;
        } catch (const BackendError& error) {
            answer.reply.status = MessageStatus::Failed;
            answer.reply.error = error.sentence;
            return answer;
        }
    }
    Exchange exchange(m_store, m_keeper, wish);
    const std::optional<GenerationRequest> request = exchange.begin(m_checkpoint, m_sampling);
    if (!request) {
        throw HistoryError(HistoryError::Kind::NotFound,
                           QStringLiteral("The conversation is no longer in the history. /new begins another one."));
    }
    std::exception_ptr thrown;  // by onText, kept apart because a Backend may make a BackendError of it
    const auto onProgress = [&](const GenerationProgress& progress) {
        exchange.take(progress);
        if (progress.text.isEmpty()) {
            return;
        }
        try {
            onText(progress.text);
        } catch (...) {
            thrown = std::current_exception();
            throw;
        }
    };
    try {
        exchange.finish(m_backend.generate(*request, onProgress, stop));
    } catch (const BackendError& error) {
        if (!thrown) {
            exchange.fail(error.sentence);
            m_reopenNeeded = error.reopenNeeded;
        }
    } catch (...) {
        thrown = std::current_exception();
    }
    if (thrown) {
        exchange.abandon(MessageStatus::Interrupted);
        std::rethrow_exception(thrown);
    }
    answer.reply = exchange.reply();
    answer.tokensPerSecond = exchange.progress().tokensPerSecond;
    answer.unsaved = m_keeper.saved() ? QString() : m_problem;
    return answer;
}

QList<Message> Conversation::open(qint64 id) {
    const QList<ConversationSummary> all = m_store.conversations();
    if (std::none_of(all.begin(), all.end(), [id](const ConversationSummary& one) { return one.id == id; })) {
        throw HistoryError(HistoryError::Kind::NotFound,
                           QStringLiteral("There is no conversation %1. /list shows all conversations.").arg(id));
    }
    QList<Message> messages = m_keeper.newest(m_store.messages(id));
    m_id = id;
    return messages;
}

}  // namespace alcove::cli
