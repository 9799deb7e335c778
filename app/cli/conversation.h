// A conversation in the history, answered by a model.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <QString>

#include "app/history/history_store.h"
#include "engine/generator.h"

namespace alcove::cli {

// What one question led to.
struct Answer {
    qint64 conversationId = 0;
    qint64 messageId = 0;  // of the reply
    QString text;
    MessageStatus status = MessageStatus::Complete;
    ReplyStatistics statistics;
    QString error;  // the sentence, if status is Failed
};

// Same guarantees as the window's: the question is committed before generation begins, the reply about once a
// second and at the end. Keeps references to what it is given.
class Conversation {
public:
    using OpenGenerator = std::function<std::unique_ptr<engine::Generator>()>;

    // `checkpoint` is where what `openGenerator` opens lies, or what it is a copy of. Calls `openGenerator` at once,
    // and again for the question after a failure that broke the generator. Throws what that throws.
    Conversation(HistoryStore& store, QString checkpoint, OpenGenerator openGenerator,
                 engine::SamplingParameters sampling, std::uint32_t maxTokens);

    // Asks and saves. `onText` gets the reply as it grows. A model that fails makes a Failed answer; throws
    // HistoryError if the history cannot keep the conversation.
    Answer ask(const QString& text, const std::function<void(std::string_view)>& onText, const std::atomic<bool>& stop);

    // A new seed for the next reply; the same one again would choose alike.
    void setSeed(std::uint64_t seed) { m_sampling.seed = seed; }

    void startNew() { m_id = 0; }
    // Throws HistoryError{NotFound}.
    QList<Message> open(qint64 id);
    [[nodiscard]] qint64 id() const { return m_id; }  // 0: not begun

private:
    [[nodiscard]] ReplySettings replySettings() const;
    void generate(Answer& answer, const std::function<void(std::string_view)>& onText, const std::atomic<bool>& stop);

    HistoryStore& m_store;
    QString m_checkpoint;
    OpenGenerator m_openGenerator;
    std::unique_ptr<engine::Generator> m_generator;
    engine::SamplingParameters m_sampling;
    std::uint32_t m_maxTokens;
    qint64 m_id = 0;
};

}  // namespace alcove::cli
