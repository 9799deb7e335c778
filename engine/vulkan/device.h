// A logical device with one compute queue.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include <volk.h>

#include "engine/device.h"
#include "engine/vulkan/instance.h"
#include "engine/vulkan/physical_device.h"

namespace alcove::engine::vulkan {

struct DeviceOptions {
    InstanceOptions instance{};
    std::uint64_t maxStorageRange = 0;  // clamps the driver's limit on one storage buffer; 0: the driver's own
    // May replace device functions by wrappers, before the first of them is called: how tests make a device fail.
    std::function<void(VolkDeviceTable&)> wrapFunctions{};
};

// Stays where it was made, because every handle made from it points at it: declare it before them.
class Device {
public:
    // The device that `info` of listDevices() describes. Throws Error{NoVulkan, DeviceNotFound, OutOfMemory}.
    explicit Device(const DeviceInfo& info, const DeviceOptions& options = {});
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device();

    [[nodiscard]] VkDevice handle() const { return m_device; }
    // All device-level functions are called through this table only.
    [[nodiscard]] const VolkDeviceTable& api() const { return m_api; }
    [[nodiscard]] VkQueue queue() const { return m_queue; }
    [[nodiscard]] std::uint32_t queueFamily() const { return *m_physical.queueFamily; }
    [[nodiscard]] const PhysicalDevice& physical() const { return m_physical; }
    [[nodiscard]] const std::string& name() const { return m_physical.info.name; }
    // Bytes that a shader can reach in one storage buffer, a multiple of 16.
    [[nodiscard]] std::uint64_t maxStorageRange() const { return m_maxStorageRange; }

    // Gives an object the name that the validation layer and debuggers show. Does nothing without them.
    void setName(VkObjectType type, std::uint64_t object, const std::string& name) const;

private:
    Instance m_instance;
    PhysicalDevice m_physical;
    VkDevice m_device = VK_NULL_HANDLE;
    VolkDeviceTable m_api{};
    PFN_vkSetDebugUtilsObjectNameEXT m_setName = nullptr;
    VkQueue m_queue = VK_NULL_HANDLE;
    std::uint64_t m_maxStorageRange = 0;
};

}  // namespace alcove::engine::vulkan
