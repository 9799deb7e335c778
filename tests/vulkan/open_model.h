// Opens a model on the device under test.
#pragma once

#include <memory>

#include "engine/devices/device_list.h"
#include "engine/vulkan/network/vulkan_forward_pass.h"

namespace alcove::tests {

inline std::unique_ptr<engine::ForwardPass> open(const engine::ModelConfig& config, const engine::ModelWeights& weights,
                                                 engine::VulkanForwardPassOptions options = {}) {
    options.contextSize = options.contextSize == 0 ? config.contextLength : options.contextSize;
    options.submissionSeconds = 1000;  // on a busy machine, too, everything is one submission
    return engine::makeVulkanForwardPass(engine::listDevices().front(), config, weights, options);
}

}  // namespace alcove::tests
