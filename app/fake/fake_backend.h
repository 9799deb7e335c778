// A generator without weights, for tests and for working on the window (`alcove --fake`).
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QtCore/QHash>
#include <QtCore/QStringList>

#include "app/fake/fake_copies.h"
#include "app/session/backend.h"
#include "app/session/checkpoint_pool.h"

namespace alcove {

// What the fake does. Change it only while no request is on its way.
struct FakeScript {
    QList<DeviceDescription> devices = {{"Fake device", "nothing is computed", true, {}}};
    QString devicesProblem;                                 // not empty: devices() fails with it
    QString automaticReason = "there is no other device.";  // "auto" stands for the first device
    QString vulkanProblem;

    int contextSize = 2048;  // of every model, and the most that it takes
    int openSteps = 20;
    int millisecondsPerOpenStep = 0;
    QHash<QString, BackendError> openFailures;  // by path
    std::shared_ptr<FakeCopies> copies = std::make_shared<FakeCopies>();
    QStringList fullPrecision;  // checkpoints, by path, of which a quantised copy is worth making

    int promptChunks = 4;
    int millisecondsPerToken = 0;
    QStringList replies;  // one after the other, then from the start; none: a text on Markdown
    int firstTurnInContext = 0;
    std::optional<BackendError> failure;  // generate() fails with it after failAfterTokens
    int failAfterTokens = 0;
    int deviceLostAtToken = -1;  // the last device takes over there, once

    // Called on the engine thread, before the open step or the token with this number: where a test
    // holds the engine.
    std::function<void(int)> beforeOpenStep;
    std::function<void(int)> beforeToken;
    std::function<void()> whileComparing;  // set: the first devices() that may compares

    // What was asked, for tests; read while no request is on its way.
    int compared = 0;
    int counted = 0;
    QList<OpenRequest> opened;
    QList<GenerationRequest> asked;
};

class FakeBackend : public Backend {
public:
    explicit FakeBackend(std::shared_ptr<FakeScript> script) : m_script(std::move(script)) {}

    DeviceList devices(bool compare, const std::atomic<bool>& cancel) override;
    LoadedCheckpoint open(const OpenRequest& request, const std::function<void(double)>& progress,
                          const std::atomic<bool>& cancel) override;
    GenerationOutcome generate(const GenerationRequest& request,
                               const std::function<void(const GenerationProgress&)>& progress,
                               const std::atomic<bool>& stop) override;
    TokenCount countTokens(const GenerationRequest& request) override;

private:
    struct OpenCheckpoint {
        LoadedCheckpoint loaded;

        [[nodiscard]] std::uint64_t bytes() const { return static_cast<std::uint64_t>(loaded.bytes); }
        void close() {}
        void reopen() {}
    };
    struct Key {
        OpenRequest request;  // with the name of the device that it means
        bool fromCopy = false;

        friend bool operator==(const Key&, const Key&) = default;
    };

    OpenCheckpoint opened(const OpenRequest& request, const DeviceDescription& device, bool fromCopy,
                          const std::function<void(double)>& progress, const std::atomic<bool>& cancel) const;

    std::shared_ptr<FakeScript> m_script;
    CheckpointPool<Key, OpenCheckpoint> m_pool;
};

// The script of `alcove --fake`: as slow as a real model on a modest machine.
[[nodiscard]] std::shared_ptr<FakeScript> pacedFakeScript();

}  // namespace alcove
