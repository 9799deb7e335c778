#include "engine/vulkan/driver/device.h"

#include <algorithm>
#include <vector>

#include "engine/base/error.h"
#include "engine/vulkan/driver/feature_structures.h"
#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

namespace {

PhysicalDevice find(const Instance& instance, const DeviceInfo& info) {
    const std::vector<VkPhysicalDevice> handles = instance.physicalDevices();
    if (info.index < handles.size()) {
        PhysicalDevice device = describe(instance.handle(), handles[info.index], info.index);
        if (device.info.name == info.name) {
            if (!device.info.usable) {
                throw Error(ErrorCode::DeviceNotFound, ALCOVE_TEXT("engine", "%1 cannot run Alcove: %2."),
                            device.info.name, device.info.problem);
            }
            return device;
        }
    }
    throw Error(ErrorCode::DeviceNotFound, ALCOVE_TEXT("engine", "%1 is no longer there. Choose the device again."),
                info.name);
}

}  // namespace

Device::Device(const DeviceInfo& info, const DeviceOptions& options)
    : m_instance(Instance::open(options.instance)),
      m_physical(find(m_instance, info)),
      m_onPipeline(options.onPipeline),
      m_cancel(options.cancel) {
    m_physical.features = clamped(m_physical.features, options.maxTier, options.limits);
    if (!m_onPipeline) {
        m_physical.features.pipelineStatistics = false;
    }
    if (options.hooks.adjustPhysical) {
        options.hooks.adjustPhysical(m_physical);
    }
    create(options);
    volkLoadDeviceTable(&m_api, m_device);
    if (m_api.vkWaitSemaphores == nullptr) {
        m_api.vkWaitSemaphores = m_api.vkWaitSemaphoresKHR;
        m_api.vkGetSemaphoreCounterValue = m_api.vkGetSemaphoreCounterValueKHR;
    }
    if (options.hooks.wrapFunctions) {
        options.hooks.wrapFunctions(m_api);
    }
    m_api.vkGetDeviceQueue(m_device, queueFamily(), 0, &m_queue);
    if (m_instance.namesObjects()) {
        m_setName = reinterpret_cast<PFN_vkSetDebugUtilsObjectNameEXT>(
            vkGetDeviceProcAddr(m_device, "vkSetDebugUtilsObjectNameEXT"));
    }
}

// Fills m_device. A queue of low priority is tried first. Drivers differ in which programs may request one and in
// the error that they return, so after any error the default priority is tried.
void Device::create(const DeviceOptions& options) {
    const DeviceExtensions extensions(m_physical.handle);
    FeatureStructures chain;
    const std::vector<const char*> names = requestFeatures(features(), extensions, m_physical.apiVersion, chain);

    const float priority = 1.0F;
    auto globalPriority = structure<VkDeviceQueueGlobalPriorityCreateInfoKHR>(
        VK_STRUCTURE_TYPE_DEVICE_QUEUE_GLOBAL_PRIORITY_CREATE_INFO_KHR);
    globalPriority.globalPriority = VK_QUEUE_GLOBAL_PRIORITY_LOW_KHR;
    auto queueInfo = structure<VkDeviceQueueCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_QUEUE_CREATE_INFO);
    queueInfo.queueFamilyIndex = queueFamily();
    queueInfo.queueCount = 1;
    queueInfo.pQueuePriorities = &priority;
    auto deviceInfo = structure<VkDeviceCreateInfo>(VK_STRUCTURE_TYPE_DEVICE_CREATE_INFO);
    deviceInfo.pNext = &chain.root;
    deviceInfo.queueCreateInfoCount = 1;
    deviceInfo.pQueueCreateInfos = &queueInfo;
    deviceInfo.enabledExtensionCount = static_cast<std::uint32_t>(names.size());
    deviceInfo.ppEnabledExtensionNames = names.data();

    const auto make = [&] {
        return options.hooks.createDevice ? options.hooks.createDevice(m_physical.handle, deviceInfo, m_device)
                                          : vkCreateDevice(m_physical.handle, &deviceInfo, nullptr, &m_device);
    };
    if (features().lowPriority) {
        queueInfo.pNext = &globalPriority;
        if (make() == VK_SUCCESS) {
            m_lowPriority = true;
            return;
        }
        queueInfo.pNext = nullptr;
        m_device = VK_NULL_HANDLE;
    }
    check(make(), ALCOVE_TEXT("engine", "open %1"), name());
}

Device::~Device() {
    if (m_givenUp) {
        m_instance.abandon();
        return;
    }
    m_api.vkDestroyDevice(m_device, nullptr);
}

void Device::reportPipeline(const PipelineInfo& info, VkPipeline pipeline) const {
    if (m_onPipeline) {
        m_onPipeline(*this, info, pipeline);
    }
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
