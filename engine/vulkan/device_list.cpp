// listDevices() of engine/device.h.
#include <vector>

#include "engine/cpu/cpu_device.h"
#include "engine/device.h"
#include "engine/error.h"
#include "engine/vulkan/instance.h"
#include "engine/vulkan/physical_device.h"

namespace alcove::engine {

std::vector<DeviceInfo> listDevices(std::string* vulkanProblem) {
    std::vector<DeviceInfo> result;
    std::string problem;
    try {
        const vulkan::Instance instance = vulkan::Instance::open();
        for (const VkPhysicalDevice handle : instance.physicalDevices()) {
            result.push_back(vulkan::describe(handle, static_cast<std::uint32_t>(result.size())).info);
        }
    } catch (const Error& error) {
        result.clear();
        problem = error.what();
    }
    if (vulkanProblem != nullptr) {
        *vulkanProblem = problem;
    }
    result.push_back(cpuDevice());
    return result;
}

}  // namespace alcove::engine
