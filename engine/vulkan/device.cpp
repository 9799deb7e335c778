#include "engine/vulkan/device.h"

#include <algorithm>
#include <vector>

#include "engine/error.h"
#include "engine/vulkan/result.h"
#include "engine/vulkan/structure.h"

namespace alcove::engine::vulkan {

namespace {

PhysicalDevice find(const Instance& instance, const DeviceInfo& info) {
    const std::vector<VkPhysicalDevice> handles = instance.physicalDevices();
    if (info.index < handles.size()) {
        PhysicalDevice device = describe(handles[info.index], info.index);
        if (device.info.name == info.name) {
            if (!device.info.usable) {
                throw Error(ErrorCode::DeviceNotFound,
                            device.info.name + " cannot run Alcove: " + device.info.problem + ".");
            }
            return device;
        }
    }
    throw Error(ErrorCode::DeviceNotFound, info.name + " is no longer there. Choose the device again.");
}

}  // namespace

Device::Device(const DeviceInfo& info, const DeviceOptions& options)
    : m_instance(Instance::open(options.instance)), m_physical(find(m_instance, info)) {
    const float priority = 1.0F;
    auto queueInfo = structure<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
    queueInfo.queueFamilyIndex = queueFamily();
    queueInfo.queueCount = 1;
    queueInfo.pQueuePriorities = &priority;
    const char* memoryBudget = VK_EXT_MEMORY_BUDGET_EXTENSION_NAME;
    auto deviceInfo = structure<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO);
    deviceInfo.queueCreateInfoCount = 1;
    deviceInfo.pQueueCreateInfos = &queueInfo;
    if (m_physical.memoryBudget) {
        deviceInfo.enabledExtensionCount = 1;
        deviceInfo.ppEnabledExtensionNames = &memoryBudget;
    }
    check(vkCreateDevice(m_physical.handle, &deviceInfo, nullptr, &m_device), "open " + info.name);
    volkLoadDeviceTable(&m_api, m_device);
    if (options.wrapFunctions) {
        options.wrapFunctions(m_api);
    }
    m_api.vkGetDeviceQueue(m_device, queueFamily(), 0, &m_queue);
    if (m_instance.namesObjects()) {
        m_setName = reinterpret_cast<PFN_vkSetDebugUtilsObjectNameEXT>(
            vkGetDeviceProcAddr(m_device, "vkSetDebugUtilsObjectNameEXT"));
    }

    m_maxStorageRange = m_physical.properties.limits.maxStorageBufferRange;
    if (options.maxStorageRange != 0) {
        m_maxStorageRange = std::min(m_maxStorageRange, options.maxStorageRange);
    }
    m_maxStorageRange &= ~std::uint64_t{15};
}

Device::~Device() {
    m_api.vkDestroyDevice(m_device, nullptr);
}

void Device::setName(VkObjectType type, std::uint64_t object, const std::string& name) const {
    if (m_setName == nullptr) {
        return;
    }
    auto info = structure<VkDebugUtilsObjectNameInfoEXT>(VK_STRUCTURE_TYPE_DEBUG_UTILS_OBJECT_NAME_INFO_EXT);
    info.objectType = type;
    info.objectHandle = object;
    info.pObjectName = name.c_str();
    m_setName(m_device, &info);
}

}  // namespace alcove::engine::vulkan
