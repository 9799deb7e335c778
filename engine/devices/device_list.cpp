#include "engine/devices/device_list.h"

#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/cpu/cpu_device.h"
#include "engine/vulkan/driver/instance.h"
#include "engine/vulkan/driver/physical_device.h"

namespace alcove::engine {

namespace {

bool softwareCountsAsIntegrated() {
    const char* wanted = std::getenv("ALCOVE_SOFTWARE_AS");
    return wanted != nullptr && std::string_view(wanted) == "integrated";
}

}  // namespace

std::vector<DeviceInfo> listDevices(Sentence* vulkanProblem) {
    std::vector<DeviceInfo> result;
    Sentence problem;
    try {
        const vulkan::Instance instance = vulkan::Instance::open();
        for (const VkPhysicalDevice handle : instance.physicalDevices()) {
            DeviceInfo info =
                vulkan::describe(instance.handle(), handle, static_cast<std::uint32_t>(result.size())).info;
            if (info.kind == DeviceKind::Software && softwareCountsAsIntegrated()) {
                info.kind = DeviceKind::IntegratedGpu;
            }
            result.push_back(std::move(info));
        }
    } catch (const Error& error) {
        result.clear();
        problem = error.sentence();
    }
    if (vulkanProblem != nullptr) {
        *vulkanProblem = problem;
    }
    result.push_back(cpuDevice());
    return result;
}

}  // namespace alcove::engine
