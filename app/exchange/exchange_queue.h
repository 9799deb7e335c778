// The exchanges of the window: one reply is made at a time, the others wait in the order they were asked for.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include <QtCore/QDeadlineTimer>
#include <QtCore/QObject>
#include <QtCore/QSet>

#include "app/exchange/exchange.h"
#include "app/exchange/reply_keeper.h"

namespace alcove {

class EngineThread;

// GUI thread. A conversation has at most one reply that is being made and one that waits.
class ExchangeQueue : public QObject {
    Q_OBJECT

public:
    struct Inputs {
        std::function<const LoadedCheckpoint*()> checkpoint;  // null: none is ready, replies wait
        std::function<SamplingSettings()> sampling;           // for the next reply
        std::function<QString()> systemPrompt = [] { return QString(); };
    };

    // Both must outlive it.
    ExchangeQueue(HistoryStore& store, EngineThread& engine, Inputs inputs, QObject* parent = nullptr);
    ~ExchangeQueue() override;

    // A reply is wanted; beginNext() begins it. False, and nothing changes, if one of the conversation waits already.
    bool ask(const ReplyWish& wish);
    // Begins what waits longest, if nothing is being made and a checkpoint is ready. Call it when one has become so.
    void beginNext();
    // Stops the reply that is being made; if none is, the waiting one is dropped, and true returned.
    bool stop(qint64 conversationId);
    // The conversation was deleted: stops what is being made and drops what waits.
    void remove(qint64 conversationId);
    // Ends everything: stops the engine, waits for it, and saves what there is. Nothing begins afterwards.
    void close(QDeadlineTimer patience = QDeadlineTimer(QDeadlineTimer::Forever));

    [[nodiscard]] bool closed() const { return m_closed; }
    [[nodiscard]] ExchangeStep step(qint64 conversationId) const;
    // Null: none.
    [[nodiscard]] const Exchange* running(qint64 conversationId) const;
    [[nodiscard]] const Exchange* waiting(qint64 conversationId) const;
    // Those in which a reply is being made or waits.
    [[nodiscard]] QSet<qint64> conversations() const;
    [[nodiscard]] ReplyKeeper& keeper() { return m_keeper; }
    [[nodiscard]] const ReplyKeeper& keeper() const { return m_keeper; }

signals:
    void began(const alcove::Exchange& exchange);
    // It waits no longer, and there will be no reply. `sentence`: why; empty: there is nothing to reply to.
    void notBegun(qint64 conversationId, const QString& sentence);
    void progressed(const alcove::Exchange& exchange, const QString& text);
    // `reopenNeeded`: it failed, and the checkpoint must be opened again before anything else.
    void ended(const alcove::Exchange& exchange, bool reopenNeeded);
    void stepsChanged();  // after all of these

private:
    using Exchanges = std::vector<std::unique_ptr<Exchange>>;
    [[nodiscard]] Exchanges::const_iterator findWaiting(qint64 conversationId) const;
    void onProgress(quint64 id, const GenerationProgress& progress);
    void onFinished(quint64 id, const GenerationOutcome& outcome);
    void onFailed(quint64 id, const QString& sentence, bool reopenNeeded);
    void end(const std::function<void(Exchange&)>& how, bool reopenNeeded = false);

    HistoryStore& m_store;
    EngineThread& m_engine;
    Inputs m_inputs;
    ReplyKeeper m_keeper;
    Exchanges m_waiting;  // oldest first
    std::unique_ptr<Exchange> m_running;
    quint64 m_requestId = 0;  // of m_running
    bool m_closed = false;
};

}  // namespace alcove
