#include "app/cli/conversation.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "app/checkpoints/checkpoint_card.h"
#include "app/cli/numbers.h"

namespace alcove::cli {

namespace {

constexpr std::chrono::seconds kSaveInterval{1};

QString stopReasonName(engine::StopReason reason) {
    switch (reason) {
        case engine::StopReason::EndOfText:
            return QStringLiteral("endOfText");
        case engine::StopReason::StopString:
            return QStringLiteral("stopString");
        case engine::StopReason::MaxTokens:
            return QStringLiteral("maxTokens");
        case engine::StopReason::ContextFull:
            return QStringLiteral("contextFull");
        case engine::StopReason::Cancelled:
            break;
    }
    return QStringLiteral("cancelled");
}

bool breaksGenerator(engine::ErrorCode code) {
    return code == engine::ErrorCode::DeviceLost || code == engine::ErrorCode::NotFinite ||
           code == engine::ErrorCode::OutOfMemory;
}

}  // namespace

Conversation::Conversation(HistoryStore& store, QString checkpoint, OpenGenerator openGenerator,
                           engine::SamplingParameters sampling, std::uint32_t maxTokens)
    : m_store(store),
      m_checkpoint(std::move(checkpoint)),
      m_openGenerator(std::move(openGenerator)),
      m_generator(m_openGenerator()),
      m_sampling(sampling),
      m_maxTokens(maxTokens) {
}

Answer Conversation::ask(const QString& text, const std::function<void(std::string_view)>& onText,
                         const std::atomic<bool>& stop) {
    if (m_id == 0) {
        m_id = m_store.startConversation(text).conversationId;
    } else {
        m_store.appendMessage(m_id, Author::User, text);
    }
    Answer answer;
    answer.conversationId = m_id;
    if (!m_generator) {
        try {
            m_generator = m_openGenerator();
        } catch (const engine::Error& error) {
            answer.status = MessageStatus::Failed;
            answer.error = QString::fromStdString(error.what());
            return answer;
        }
    }
    generate(answer, onText, stop);
    return answer;
}

void Conversation::generate(Answer& answer, const std::function<void(std::string_view)>& onText,
                            const std::atomic<bool>& stop) {
    engine::Request request;
    request.sampling = m_sampling;
    request.maxTokens = m_maxTokens;
    std::vector<qint64> ids;
    for (const Message& message : m_store.messages(m_id)) {
        if (!message.text.isEmpty()) {
            const bool user = message.author == Author::User;
            request.messages.push_back(
                {user ? engine::Role::User : engine::Role::Assistant, message.text.toStdString()});
            ids.push_back(message.id);
        }
    }
    answer.messageId = m_store.beginReply(m_id, replySettings());
    answer.statistics.contextSize = static_cast<int>(m_generator->forwardPass().contextSize());

    std::string text;
    auto lastSaved = std::chrono::steady_clock::now();
    const auto onProgress = [&](const engine::GenerationProgress& progress) {
        text += progress.text;
        answer.statistics.tokensPerSecond = progress.tokensPerSecond;
        if (progress.text.empty()) {
            return;
        }
        onText(progress.text);
        if (const auto now = std::chrono::steady_clock::now(); now - lastSaved >= kSaveInterval) {
            lastSaved = now;
            try {
                m_store.updateReply(answer.messageId, QString::fromStdString(text));
            } catch (const HistoryError&) {
                // The reply goes on. Saving is tried again, and what fails at the end is told.
            }
        }
    };
    try {
        const engine::GenerationResult result = m_generator->generate(request, onProgress, stop);
        answer.statistics.promptTokens = static_cast<int>(result.promptTokens);
        answer.statistics.reusedTokens = static_cast<int>(result.reusedTokens);
        answer.statistics.generatedTokens = static_cast<int>(result.tokens.size());
        answer.statistics.contextUsed = static_cast<int>(result.contextUsed);
        answer.statistics.prefillSeconds = result.prefillSeconds;
        answer.statistics.stopReason = stopReasonName(result.reason);
        answer.statistics.memoryStartsAt = result.firstMessageInContext > 0 ? ids[result.firstMessageInContext] : 0;
        answer.status =
            result.reason == engine::StopReason::Cancelled ? MessageStatus::Stopped : MessageStatus::Complete;
    } catch (const engine::Error& error) {
        answer.status = MessageStatus::Failed;
        answer.error = QString::fromStdString(error.what());
        if (breaksGenerator(error.code())) {
            m_generator.reset();
        }
    } catch (...) {
        // The output is gone, for one: what there is of the reply is kept all the same.
        m_store.finishReply(answer.messageId, QString::fromStdString(text), MessageStatus::Interrupted,
                            answer.statistics);
        throw;
    }
    answer.text = QString::fromStdString(text);
    m_store.finishReply(answer.messageId, answer.text, answer.status, answer.statistics, answer.error);
}

QList<Message> Conversation::open(qint64 id) {
    const QList<ConversationSummary> all = m_store.conversations();
    if (std::none_of(all.begin(), all.end(), [id](const ConversationSummary& one) { return one.id == id; })) {
        throw HistoryError(HistoryError::Kind::NotFound,
                           QStringLiteral("There is no conversation %1. /list shows those there are.").arg(id));
    }
    QList<Message> messages = m_store.messages(id);
    m_id = id;
    return messages;
}

// The keys are those the window writes.
ReplySettings Conversation::replySettings() const {
    return {.checkpointName = checkpointName(m_checkpoint),
            .checkpointPath = m_checkpoint,
            .device = QString::fromStdString(m_generator->device().name),
            .sampling = {{"temperature", shortest(m_sampling.temperature)},
                         {"topK", static_cast<int>(m_sampling.topK)},
                         {"topP", shortest(m_sampling.topP)},
                         {"minP", shortest(m_sampling.minP)},
                         {"repetitionPenalty", shortest(m_sampling.repetitionPenalty)},
                         {"maxTokens", static_cast<qint64>(m_maxTokens)},
                         {"seed", static_cast<qint64>(m_sampling.seed)}}};
}

}  // namespace alcove::cli
