// The engine as a Backend.
#pragma once

#include <memory>

#include "app/session/backend.h"

namespace alcove {

namespace engine {
struct OpenOptions;
enum class StopReason;
}  // namespace engine

[[nodiscard]] EndReason endReasonFrom(engine::StopReason reason);

class EngineBackend : public Backend {
public:
    // Smaller copies are looked for in `copiesFolder`; empty: nowhere. Every checkpoint is opened with what `adjust`
    // makes of its options: for tests.
    using Adjust = std::function<void(engine::OpenOptions&)>;
    explicit EngineBackend(const QString& copiesFolder = {}, Adjust adjust = {});
    ~EngineBackend() override;

    DeviceList devices(bool compare, const std::atomic<bool>& cancel) override;
    LoadedCheckpoint open(const OpenRequest& request, const std::function<void(double)>& progress,
                          const std::atomic<bool>& cancel) override;
    GenerationOutcome generate(const GenerationRequest& request,
                               const std::function<void(const GenerationProgress&)>& progress,
                               const std::atomic<bool>& stop) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove
