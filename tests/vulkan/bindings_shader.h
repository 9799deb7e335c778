// A pipeline around bindings.comp, a shader of the tests' own with one of every kind of binding.
#pragma once

#include "engine/vulkan/resources/pipeline.h"

namespace alcove::tests {

// Binding 0: a texel buffer of words, 1: the result, a storage buffer, and a state that the shader writes. The push
// constant is the number of words.
[[nodiscard]] engine::vulkan::PipelineInfo bindingsPipeline(std::uint32_t requiredSubgroupSize = 0);

}  // namespace alcove::tests
