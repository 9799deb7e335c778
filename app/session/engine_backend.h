// The engine as a Backend.
#pragma once

#include <memory>

#include "app/session/backend.h"

namespace alcove {

namespace engine {
class Generator;
struct OpenOptions;
enum class StopReason;
}  // namespace engine

[[nodiscard]] EndReason endReasonFrom(engine::StopReason reason);

class EngineBackend : public Backend {
public:
    // How a checkpoint is opened: engine::Generator::open(), or what calls it.
    using OpenGenerator = std::function<std::unique_ptr<engine::Generator>(const engine::OpenOptions&)>;

    // Quantised copies are looked for in `copiesFolder`; empty: nowhere.
    explicit EngineBackend(const QString& copiesFolder = {});
    EngineBackend(const QString& copiesFolder, OpenGenerator openGenerator);
    ~EngineBackend() override;

    DeviceList devices(bool compare, const std::atomic<bool>& cancel) override;
    LoadedCheckpoint open(const OpenRequest& request, const std::function<void(double)>& progress,
                          const std::atomic<bool>& cancel) override;
    GenerationOutcome generate(const GenerationRequest& request,
                               const std::function<void(const GenerationProgress&)>& progress,
                               const std::atomic<bool>& stop) override;
    TokenCount countTokens(const GenerationRequest& request) override;

private:
    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace alcove
