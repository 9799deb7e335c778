#include "tests/vulkan/bindings_shader.h"

namespace alcove::tests {

namespace {

constexpr std::uint32_t kShader[] =
#include "bindings_shader.inc"
    ;

}  // namespace

engine::vulkan::PipelineInfo bindingsPipeline(std::uint32_t requiredSubgroupSize) {
    return {.name = "bindings",
            .code = kShader,
            .buffers = 3,
            .texelMask = 1,
            .requiredSubgroupSize = requiredSubgroupSize,
            .pushBytes = sizeof(std::uint32_t),
            .constants = {}};
}

}  // namespace alcove::tests
