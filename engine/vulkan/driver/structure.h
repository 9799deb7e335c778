// Vulkan's tagged structures, zeroed.
#pragma once

#include <volk.h>

namespace alcove::engine::vulkan {

// A structure with every member zero but its type.
template <class Structure>
[[nodiscard]] Structure structure(VkStructureType type) {
    Structure result{};
    result.sType = type;
    return result;
}

}  // namespace alcove::engine::vulkan
