// The forward pass as operations bound to one model's buffers.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/checkpoint/model_config.h"
#include "engine/vulkan/network/device_model.h"
#include "engine/vulkan/network/operations.h"

namespace alcove::engine::vulkan {

// Keeps references to the model and to what the context points at.
class Network {
public:
    Network(const OperationContext& context, const ModelConfig& config, const DeviceModel& model);

    [[nodiscard]] std::uint32_t layerCount() const { return static_cast<std::uint32_t>(m_layers.size()); }
    // `count` layers from `first` on for the n tokens of the state; layer 0 begins with their embedding.
    void recordLayers(Recorder& recorder, std::uint32_t n, std::uint32_t first, std::uint32_t count) const;
    // What the head takes: the final norm's input, one row for each token.
    [[nodiscard]] ProjectionInput finalNormed() const;

private:
    struct Layer {
        RopeProjection queryKeyValue;
        Attention attention;
        ResidualProjection output;
        SwigluProjection gateUp;
        ResidualProjection down;
    };

    const DeviceModel* m_model;
    Embedding m_embedding;
    std::vector<Layer> m_layers;
};

}  // namespace alcove::engine::vulkan
