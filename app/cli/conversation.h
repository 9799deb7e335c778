// A conversation in the history, answered by a Backend on the calling thread.
#pragma once

#include <atomic>
#include <functional>

#include <QString>

#include "app/exchange/exchange.h"
#include "app/exchange/reply_keeper.h"
#include "app/history/history_store.h"
#include "app/session/backend.h"

namespace alcove::cli {

// What one question led to.
struct Answer {
    qint64 conversationId = 0;
    Message reply;               // with status and error; id 0: none was begun
    double tokensPerSecond = 0;  // also where it failed
    QString unsaved;             // why the history does not hold it as it is; empty: it does
};

// Same guarantees as the window's: the question is committed before generation begins, the reply about once a
// second and at the end. What could not be saved is tried again with the next question and in the destructor.
class Conversation {
public:
    using OpenCheckpoint = std::function<LoadedCheckpoint()>;

    // Keeps references to what it is given. Calls `open`, which opens the checkpoint in `backend`, at once, and again
    // for the question after a failure that asks for it. Throws what that throws.
    Conversation(HistoryStore& store, Backend& backend, OpenCheckpoint open, const SamplingSettings& sampling);
    Conversation(const Conversation&) = delete;
    Conversation& operator=(const Conversation&) = delete;
    ~Conversation();

    // Asks and saves. `onText` gets the reply as it grows, and what it throws is thrown. A model that fails makes a
    // Failed answer; throws HistoryError if the history cannot keep the conversation.
    Answer ask(const QString& text, const std::function<void(const QString&)>& onText, const std::atomic<bool>& stop);
    // The same for the last reply, which goes on where it was stopped, cut or interrupted; `onText` gets what is added.
    // Throws HistoryError{NotFound} where there is no such reply.
    Answer goOn(const std::function<void(const QString&)>& onText, const std::atomic<bool>& stop);
    void setSaveInterval(int ms) { m_keeper.setInterval(ms); }

    // A new seed for the next reply; the same one again would choose alike.
    void setSeed(qint64 seed) { m_sampling.seed = seed; }

    void startNew() { m_id = 0; }
    // Throws HistoryError{NotFound}.
    QList<Message> open(qint64 id);
    [[nodiscard]] qint64 id() const { return m_id; }  // 0: not begun

private:
    Answer answer(const ReplyWish& wish, const std::function<void(const QString&)>& onText,
                  const std::atomic<bool>& stop);

    HistoryStore& m_store;
    Backend& m_backend;
    OpenCheckpoint m_open;
    SamplingSettings m_sampling;
    ReplyKeeper m_keeper;
    QString m_problem;  // the newest of m_keeper
    LoadedCheckpoint m_checkpoint;
    bool m_reopenNeeded = false;
    qint64 m_id = 0;
};

}  // namespace alcove::cli
