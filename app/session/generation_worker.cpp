#include "app/session/generation_worker.h"

#include <utility>

#include <QtCore/QElapsedTimer>

#include "app/session/piece_coalescer.h"

namespace alcove {

GenerationWorker::GenerationWorker(BackendFactory factory, int pieceIntervalMs)
    : m_factory(std::move(factory)), m_pieceIntervalMs(pieceIntervalMs) {
}

GenerationWorker::~GenerationWorker() = default;

Backend& GenerationWorker::backend() {
    if (!m_backend) {
        m_backend = m_factory();
        m_backend->notice = [this](const QString& sentence) { emit noticed(sentence); };
        m_backend->activity = [this](const QString& sentence) { emit activityChanged(sentence); };
        m_backend->deviceChanged = [this](quint64 checkpoint, const DeviceDescription& device,
                                          const QString& sentence) {
            emit deviceChanged(checkpoint, device, sentence);
        };
    }
    return *m_backend;
}

void GenerationWorker::listDevices(quint64 id, bool compare, const StopFlag& cancel) {
    try {
        emit devicesListed(id, backend().devices(compare && !*cancel, *cancel), QString());
    } catch (const BackendError& error) {
        emit devicesListed(id, {}, error.sentence);
    }
}

void GenerationWorker::open(quint64 id, const OpenRequest& request, const StopFlag& cancel) {
    if (*cancel) {
        emit openFailed(id, QString(), true);
        return;
    }
    QElapsedTimer sinceLast;
    try {
        const LoadedCheckpoint loaded = backend().open(
            request,
            [&](double fraction) {
                if (!sinceLast.isValid() || sinceLast.elapsed() >= m_pieceIntervalMs) {
                    sinceLast.start();
                    emit openProgressed(id, fraction);
                }
            },
            *cancel);
        emit opened(id, loaded);
    } catch (const BackendError& error) {
        emit openFailed(id, error.sentence, error.cancelled);
    }
}

void GenerationWorker::generate(quint64 id, const GenerationRequest& request, const StopFlag& stop) {
    if (*stop) {
        emit finished(id, GenerationOutcome{.reason = EndReason::Stopped});
        return;
    }
    QElapsedTimer clock;
    clock.start();
    PieceCoalescer pieces([&clock] { return clock.elapsed(); }, m_pieceIntervalMs);
    const auto handOver = [&](const std::optional<GenerationProgress>& piece) {
        if (piece) {
            emit progressed(id, *piece);
        }
    };
    try {
        const GenerationOutcome outcome = backend().generate(
            request, [&](const GenerationProgress& progress) { handOver(pieces.add(progress)); }, *stop);
        handOver(pieces.rest());
        emit finished(id, outcome);
    } catch (const BackendError& error) {
        handOver(pieces.rest());
        emit failed(id, error.sentence, error.reopenNeeded);
    }
}

void GenerationWorker::countTokens(quint64 id, const GenerationRequest& request) {
    try {
        emit tokensCounted(id, backend().countTokens(request));
    } catch (const BackendError&) {
        emit tokensCounted(id, {});
    }
}

}  // namespace alcove

#include "moc_generation_worker.cpp"
