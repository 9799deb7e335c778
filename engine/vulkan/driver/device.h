// A logical device with one compute queue.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include <volk.h>

#include "engine/base/cancellation.h"
#include "engine/model/device_info.h"
#include "engine/vulkan/driver/instance.h"
#include "engine/vulkan/driver/physical_device.h"

namespace alcove::engine::vulkan {

class Device;
struct PipelineInfo;

// The one place where tests reach into a device. Each may be empty.
struct DeviceHooks {
    // Changes what the device offers, after the tier and the limits are applied and before features are enabled: for
    // what no driver at hand offers, such as a second kind of memory.
    std::function<void(PhysicalDevice&)> adjustPhysical{};
    // Replaces vkCreateDevice.
    std::function<VkResult(VkPhysicalDevice, const VkDeviceCreateInfo&, VkDevice&)> createDevice{};
    // Replaces functions of the device by wrappers, before the first of them is called.
    std::function<void(VolkDeviceTable&)> wrapFunctions{};
};

struct DeviceOptions {
    InstanceOptions instance{};
    // Features above this tier are hidden, and limits beyond these.
    std::optional<Tier> maxTier{};
    LimitsClamp limits{};
    DeviceHooks hooks{};
    Cancellation cancel{};  // as for watch(), from the beginning
    // Called for every pipeline that is compiled, which then keeps its statistics if the device has
    // pipelineStatistics; without this, that feature stays off.
    std::function<void(const Device&, const PipelineInfo&, VkPipeline)> onPipeline{};
};

// Neither copied nor moved, because every handle made from it points to it. Declare it before them.
class Device {
public:
    // The device that `info` of listDevices() describes. Throws Error{NoVulkan, DeviceNotFound, OutOfMemory}.
    explicit Device(const DeviceInfo& info, const DeviceOptions& options = {});
    Device(const Device&) = delete;
    Device& operator=(const Device&) = delete;
    ~Device();

    [[nodiscard]] VkDevice handle() const { return m_device; }
    // All device-level functions are called through this table only. Functions of extensions
    // that newer versions of Vulkan include are under their core names, if the feature is there.
    [[nodiscard]] const VolkDeviceTable& api() const { return m_api; }
    [[nodiscard]] VkQueue queue() const { return m_queue; }
    [[nodiscard]] std::uint32_t queueFamily() const { return *m_physical.queueFamily; }
    // Its features are those of features().
    [[nodiscard]] const PhysicalDevice& physical() const { return m_physical; }
    // What is offered, enabled and allowed by the options.
    [[nodiscard]] const DeviceFeatures& features() const { return m_physical.features; }
    [[nodiscard]] const std::string& name() const { return m_physical.info.name; }
    // Bytes that a shader can reach in one storage buffer, a multiple of 16.
    [[nodiscard]] std::uint64_t maxStorageRange() const { return features().maxStorageRange; }
    // True if the queue has low priority: everything else that the device does, such as drawing the screen, goes first.
    [[nodiscard]] bool hasLowPriority() const { return m_lowPriority; }
    // What is asked while the device is waited for (engine/vulkan/execution/wait.h) and before a shader is compiled. On
    // the thread that uses the device.
    void watch(const Cancellation& cancel) const { m_cancel = cancel; }
    [[nodiscard]] const Cancellation& cancellation() const { return m_cancel; }

    // For a device that does not answer and may yet write: nothing that belongs to it is given back from now on, until
    // the program ends.
    void giveUp() const noexcept { m_givenUp = true; }
    [[nodiscard]] bool givenUp() const noexcept { return m_givenUp; }

    // Calls DeviceOptions::onPipeline.
    void reportPipeline(const PipelineInfo& info, VkPipeline pipeline) const;

    // Gives an object the name that the validation layer and debuggers show. Does nothing without them.
    void setName(VkObjectType type, std::uint64_t object, const std::string& name) const;

    // Bytes allocated in host memory since the device was opened, because its own memory was full.
    [[nodiscard]] std::uint64_t bytesInHostMemory() const { return m_bytesInHostMemory; }
    void countInHostMemory(std::uint64_t bytes) const { m_bytesInHostMemory += bytes; }

private:
    void create(const DeviceOptions& options);

    Instance m_instance;
    PhysicalDevice m_physical;
    bool m_lowPriority = false;
    std::function<void(const Device&, const PipelineInfo&, VkPipeline)> m_onPipeline;
    VkDevice m_device = VK_NULL_HANDLE;
    VolkDeviceTable m_api{};
    PFN_vkSetDebugUtilsObjectNameEXT m_setName = nullptr;
    VkQueue m_queue = VK_NULL_HANDLE;
    mutable std::atomic<std::uint64_t> m_bytesInHostMemory = 0;
    mutable Cancellation m_cancel;
    mutable bool m_givenUp = false;
};

}  // namespace alcove::engine::vulkan
