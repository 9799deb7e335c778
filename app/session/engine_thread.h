// The window's handle of the engine thread.
#pragma once

#include <QtCore/QDeadlineTimer>
#include <QtCore/QHash>
#include <QtCore/QObject>
#include <QtCore/QThread>

#include "app/session/backend.h"
#include "app/session/generation_worker.h"

namespace alcove {

// Lives on the GUI thread; only shutdown() blocks. Requests are carried out one after the other, in the
// order they were made. The signals are the worker's, arriving on the GUI thread; a
// receiver drops those whose id it no longer waits for.
class EngineThread : public QObject {
    Q_OBJECT
public:
    static constexpr int kPieceIntervalMs = 34;  // at most 30 pieces a second

    explicit EngineThread(GenerationWorker::BackendFactory factory, int pieceIntervalMs = kPieceIntervalMs,
                          QObject* parent = nullptr);
    ~EngineThread() override;

    void listDevices(bool compare);
    quint64 open(const alcove::OpenRequest& request);
    quint64 generate(const alcove::GenerationRequest& request);

    // Not known (see TokenCount) where the checkpoint is not open any more. It waits for what was asked for before, and
    // takes no time itself, so that the engine counts as idle meanwhile.
    quint64 countTokens(const alcove::GenerationRequest& request);

    // Asks the request to end early. Unknown and ended ids are ignored.
    void stop(quint64 id);

    // No checkpoint is opening and no reply is being made. Already so while a signal says that one has ended.
    [[nodiscard]] bool idle() const { return m_flags.isEmpty(); }

    // Stops everything, waits for the submission in flight, and delivers the last signals before it
    // returns. Requests made afterwards are ignored. False: after `patience` the engine has not ended, since a driver
    // or a disk does not answer; no further signal comes. The destructor waits for it.
    bool shutdown(QDeadlineTimer patience = QDeadlineTimer(QDeadlineTimer::Forever));

signals:
    void devicesListed(const alcove::DeviceList& devices, const QString& problem);
    void openProgressed(quint64 id, double fraction);
    void opened(quint64 id, const alcove::LoadedCheckpoint& checkpoint);
    void openFailed(quint64 id, const QString& sentence, bool cancelled);
    void progressed(quint64 id, const alcove::GenerationProgress& progress);
    void finished(quint64 id, const alcove::GenerationOutcome& outcome);
    void failed(quint64 id, const QString& sentence, bool reopenNeeded);
    void tokensCounted(quint64 id, const alcove::TokenCount& count);
    void noticed(const QString& sentence);
    void activityChanged(const QString& sentence);
    void deviceChanged(quint64 checkpoint, const alcove::DeviceDescription& device, const QString& sentence);

private:
    quint64 flagged(const std::function<void(GenerationWorker&, quint64, const StopFlag&)>& run);
    void forget(quint64 id) { m_flags.remove(id); }

    QThread m_thread;
    GenerationWorker* m_worker = nullptr;  // on m_thread, deleted there when it finishes
    QHash<quint64, StopFlag> m_flags;      // of requests that have not ended
    quint64 m_lastId = 0;
    bool m_down = false;
};

}  // namespace alcove
