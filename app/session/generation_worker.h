// The one object on the engine thread: runs the Backend and says what happened.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include <QtCore/QObject>

#include "app/session/backend.h"

namespace alcove {

using StopFlag = std::shared_ptr<std::atomic<bool>>;

// Lives on the engine thread; its functions run there and take as long as the Backend takes. Every
// signal carries the id of the request it belongs to. A request whose flag is already set when its
// turn comes ends as stopped, without a call of the Backend.
class GenerationWorker : public QObject {
    Q_OBJECT
public:
    using BackendFactory = std::function<std::unique_ptr<Backend>()>;

    // The factory is called on the engine thread, at the first request. Progress is handed over at most every
    // `pieceIntervalMs`; what is held back goes with the next one, the last one always before the end.
    GenerationWorker(BackendFactory factory, int pieceIntervalMs);
    ~GenerationWorker() override;

    void listDevices(quint64 id, bool compare, const alcove::StopFlag& cancel);
    void open(quint64 id, const alcove::OpenRequest& request, const alcove::StopFlag& cancel);
    void generate(quint64 id, const alcove::GenerationRequest& request, const alcove::StopFlag& stop);
    void countTokens(quint64 id, const alcove::GenerationRequest& request);

signals:
    void devicesListed(quint64 id, const alcove::DeviceList& devices, const QString& problem);
    void openProgressed(quint64 id, double fraction);
    void opened(quint64 id, const alcove::LoadedCheckpoint& checkpoint);
    void openFailed(quint64 id, const QString& sentence, bool cancelled);
    void progressed(quint64 id, const alcove::GenerationProgress& progress);
    void finished(quint64 id, const alcove::GenerationOutcome& outcome);
    void failed(quint64 id, const QString& sentence, bool reopenNeeded);
    void tokensCounted(quint64 id, const alcove::TokenCount& count);
    // Of no request. See Backend.
    void noticed(const QString& sentence);
    void activityChanged(const QString& sentence);
    void deviceChanged(quint64 checkpoint, const alcove::DeviceDescription& device, const QString& sentence);

private:
    Backend& backend();

    BackendFactory m_factory;
    int m_pieceIntervalMs;
    std::unique_ptr<Backend> m_backend;
};

}  // namespace alcove
