// listDevices() of engine/device.h.
#include <vector>

#include "engine/device.h"
#include "engine/vulkan/instance.h"
#include "engine/vulkan/physical_device.h"

namespace alcove::engine {

std::vector<DeviceInfo> listDevices() {
    const vulkan::Instance instance = vulkan::Instance::open();
    std::vector<DeviceInfo> result;
    for (const VkPhysicalDevice handle : instance.physicalDevices()) {
        result.push_back(vulkan::describe(handle, static_cast<std::uint32_t>(result.size())).info);
    }
    return result;
}

}  // namespace alcove::engine
