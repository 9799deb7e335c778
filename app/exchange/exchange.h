// One exchange: the messages so far go to the engine, and its reply goes into the history while it is made.
#pragma once

#include <optional>

#include <QtCore/QList>

#include "app/exchange/exchange_state.h"
#include "app/history/records.h"
#include "app/session/backend.h"

namespace alcove {

class HistoryStore;
class ReplyKeeper;

// Commits what a person wrote, in a conversation of its own if `conversationId` is 0. Comes before the exchange.
// Throws HistoryError; nothing is stored then.
Message commitMessage(HistoryStore& store, qint64 conversationId, const QString& text);

// On the thread of the store. The caller gives the request to the engine, on another thread or by a call that returns
// at the end, and reports here what comes of it. Begins in the step Waiting. Calls that do not fit the step change
// nothing.
//
// A reply that is made anew becomes a sibling of the one before, and is shown in its place as soon as some of its text
// is stored; white space alone is no text. Ended without text, however it ended, it leaves the one before shown, if
// that has text, and nothing of itself. A reply without text does not stay beside one that is made anew.
class Exchange {
public:
    // Both must outlive it. `replacedId` is the reply that is made anew; 0: none.
    Exchange(HistoryStore& store, ReplyKeeper& keeper, qint64 conversationId, qint64 replacedId = 0);

    // Stores an empty reply. None: the conversation does not end with a person's message. Throws HistoryError. In both
    // cases the exchange still waits.
    [[nodiscard]] std::optional<GenerationRequest> begin(const LoadedCheckpoint& checkpoint,
                                                         const SamplingSettings& sampling);
    void take(const GenerationProgress& progress);
    void stop();  // the caller stops the engine
    void finish(const GenerationOutcome& outcome);
    void fail(const QString& sentence);
    // The engine will report nothing more of the request. `status` is Stopped or Interrupted.
    void abandon(MessageStatus status);

    [[nodiscard]] ExchangeStep step() const { return m_state.step(); }
    [[nodiscard]] bool running() const { return m_state.running(); }
    [[nodiscard]] qint64 conversationId() const { return m_conversationId; }
    [[nodiscard]] qint64 replacedId() const { return m_replacedId; }
    [[nodiscard]] const Message& reply() const { return m_reply; }                   // as far as it has come
    [[nodiscard]] const GenerationProgress& progress() const { return m_progress; }  // the newest, without its text
    // It has ended without text: the reply that was to be made anew is as it was.
    [[nodiscard]] bool leftReplaced() const { return m_leftReplaced; }

private:
    void end(MessageStatus status);

    HistoryStore& m_store;
    ReplyKeeper& m_keeper;
    qint64 m_conversationId;
    qint64 m_replacedId;
    ExchangeState m_state;
    Message m_reply;
    QList<qint64> m_turnIds;  // the message of each turn of the request
    GenerationProgress m_progress;
    bool m_hasText = false;
    bool m_replacedHasText = false;
    bool m_leftReplaced = false;
};

}  // namespace alcove
