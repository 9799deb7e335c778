#include "app/session/engine_thread.h"

#include <QtCore/QCoreApplication>
#include <QtCore/QEvent>

namespace alcove {

EngineThread::EngineThread(GenerationWorker::BackendFactory factory, int pieceIntervalMs, QObject* parent)
    : QObject(parent), m_worker(new GenerationWorker(std::move(factory), pieceIntervalMs)) {
    m_thread.setObjectName("alcove-engine");
    m_worker->moveToThread(&m_thread);
    connect(&m_thread, &QThread::finished, m_worker, &QObject::deleteLater);
    connect(m_worker, &GenerationWorker::devicesListed, this,
            [this](quint64 id, const DeviceList& devices, const QString& problem) {
                forget(id);
                emit devicesListed(devices, problem);
            });
    connect(m_worker, &GenerationWorker::openProgressed, this, &EngineThread::openProgressed);
    connect(m_worker, &GenerationWorker::opened, this, [this](quint64 id, const LoadedCheckpoint& checkpoint) {
        forget(id);
        emit opened(id, checkpoint);
    });
    connect(m_worker, &GenerationWorker::openFailed, this, [this](quint64 id, const QString& sentence, bool cancelled) {
        forget(id);
        emit openFailed(id, sentence, cancelled);
    });
    connect(m_worker, &GenerationWorker::progressed, this, &EngineThread::progressed);
    connect(m_worker, &GenerationWorker::finished, this, [this](quint64 id, const GenerationOutcome& outcome) {
        forget(id);
        emit finished(id, outcome);
    });
    connect(m_worker, &GenerationWorker::failed, this, [this](quint64 id, const QString& sentence, bool reopenNeeded) {
        forget(id);
        emit failed(id, sentence, reopenNeeded);
    });
    connect(m_worker, &GenerationWorker::tokensCounted, this, &EngineThread::tokensCounted);
    connect(m_worker, &GenerationWorker::noticed, this, &EngineThread::noticed);
    connect(m_worker, &GenerationWorker::activityChanged, this, &EngineThread::activityChanged);
    connect(m_worker, &GenerationWorker::deviceChanged, this, &EngineThread::deviceChanged);
    m_thread.start();
}

EngineThread::~EngineThread() {
    shutdown();
    m_thread.wait();
}

void EngineThread::listDevices(bool compare) {
    flagged([compare](GenerationWorker& worker, quint64 id, const StopFlag& flag) {
        worker.listDevices(id, compare, flag);
    });
}

quint64 EngineThread::flagged(const std::function<void(GenerationWorker&, quint64, const StopFlag&)>& run) {
    const quint64 id = ++m_lastId;
    if (!m_down) {
        const StopFlag flag = std::make_shared<std::atomic<bool>>(false);
        m_flags.insert(id, flag);
        QMetaObject::invokeMethod(
            m_worker, [worker = m_worker, run, id, flag] { run(*worker, id, flag); }, Qt::QueuedConnection);
    }
    return id;
}

quint64 EngineThread::open(const OpenRequest& request) {
    return flagged(
        [request](GenerationWorker& worker, quint64 id, const StopFlag& flag) { worker.open(id, request, flag); });
}

quint64 EngineThread::generate(const GenerationRequest& request) {
    return flagged(
        [request](GenerationWorker& worker, quint64 id, const StopFlag& flag) { worker.generate(id, request, flag); });
}

quint64 EngineThread::countTokens(const GenerationRequest& request) {
    const quint64 id = ++m_lastId;
    if (!m_down) {
        QMetaObject::invokeMethod(
            m_worker, [worker = m_worker, request, id] { worker->countTokens(id, request); }, Qt::QueuedConnection);
    }
    return id;
}

void EngineThread::stop(quint64 id) {
    if (const auto flag = m_flags.constFind(id); flag != m_flags.constEnd()) {
        **flag = true;
    }
}

bool EngineThread::shutdown(QDeadlineTimer patience) {
    if (m_down) {
        return m_thread.isFinished();
    }
    m_down = true;
    for (const StopFlag& flag : std::as_const(m_flags)) {
        *flag = true;
    }
    m_thread.quit();
    const bool ended = m_thread.wait(patience);
    // The worker's last signals are still queued for this thread, whose event loop may have ended.
    QCoreApplication::sendPostedEvents(this, QEvent::MetaCall);
    if (!ended) {
        m_worker->disconnect(this);
    }
    return ended;
}

}  // namespace alcove

#include "moc_engine_thread.cpp"
