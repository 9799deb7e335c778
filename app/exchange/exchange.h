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

// Commits what a person wrote, in a conversation of its own if `conversationId` is 0. It follows what the path ends
// with, or the message `parentId` if that is given (0: it is another beginning). Comes before the exchange. Throws
// HistoryError; nothing is stored then.
Message commitMessage(HistoryStore& store, qint64 conversationId, const QString& text,
                      std::optional<qint64> parentId = std::nullopt);

// What is wanted of a conversation: a reply to the message that its path ends with, or one of the others.
struct ReplyWish {
    qint64 conversationId = 0;
    qint64 replacedId = 0;   // this reply is made anew
    qint64 continuedId = 0;  // this reply is gone on with
};

// On the thread of the store. The caller gives the request to the engine, on another thread or by a call that returns
// at the end, and reports here what comes of it. Begins in the step Waiting. Calls that do not fit the step change
// nothing.
//
// A reply that is made anew becomes a sibling of the one before, and is shown in its place as soon as some of its text
// is stored; white space alone is no text. Ended without text, however it ended, it leaves the one before shown, if
// that has text, and nothing of itself. A reply without text does not stay beside one that is made anew.
//
// A reply that is gone on with is made of the tokens it has, by the sampling it was begun with, as if it had never
// ended. Where its tokens are not known, or are another model's, the model reads its text and goes on from there.
class Exchange {
public:
    // Both must outlive it.
    Exchange(HistoryStore& store, ReplyKeeper& keeper, const ReplyWish& wish);

    // Stores an empty reply, or that the one that is gone on with is being written. None: there is nothing to reply to.
    // Throws HistoryError. In both cases the exchange still waits.
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
    [[nodiscard]] qint64 conversationId() const { return m_wish.conversationId; }
    [[nodiscard]] const ReplyWish& wish() const { return m_wish; }
    [[nodiscard]] const Message& reply() const { return m_reply; }                   // as far as it has come
    [[nodiscard]] const GenerationProgress& progress() const { return m_progress; }  // the newest, without its text
    // It has ended without text: the reply that was to be made anew is as it was.
    [[nodiscard]] bool leftReplaced() const { return m_leftReplaced; }

private:
    [[nodiscard]] std::optional<GenerationRequest> beginReply(const LoadedCheckpoint& checkpoint,
                                                              const SamplingSettings& sampling);
    [[nodiscard]] std::optional<GenerationRequest> beginOn(const LoadedCheckpoint& checkpoint,
                                                           const SamplingSettings& sampling);
    void takeTokens(const GenerationProgress& progress);
    void end(MessageStatus status);

    HistoryStore& m_store;
    ReplyKeeper& m_keeper;
    ReplyWish m_wish;
    ExchangeState m_state;
    Message m_reply;
    QString m_before;      // what a reply that is gone on with was
    ReplyTokens m_tokens;  // of m_reply, if m_tokensKnown
    bool m_tokensKnown = true;
    QList<qint64> m_turnIds;  // the message of each turn of the request
    GenerationProgress m_progress;
    bool m_hasText = false;
    bool m_grown = false;
    bool m_replacedHasText = false;
    bool m_leftReplaced = false;
};

}  // namespace alcove
