// Move-only owner of a Vulkan handle that belongs to a device.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include <volk.h>

#include "engine/vulkan/driver/device.h"

namespace alcove::engine::vulkan {

// `kDestroy` is the member of VolkDeviceTable that destroys the handle. The device must outlive it.
template <class Handle, VkObjectType kType, auto kDestroy>
class DeviceHandle {
public:
    DeviceHandle() = default;
    // Takes `handle` over and names it.
    DeviceHandle(const Device& device, Handle handle, const std::string& name) : m_device(&device), m_handle(handle) {
        device.setName(kType, reinterpret_cast<std::uint64_t>(handle), name);
    }
    DeviceHandle(DeviceHandle&& other) noexcept
        : m_device(other.m_device), m_handle(std::exchange(other.m_handle, Handle{})) {}
    DeviceHandle& operator=(DeviceHandle&& other) noexcept {
        if (this != &other) {
            destroy();
            m_device = other.m_device;
            m_handle = std::exchange(other.m_handle, Handle{});
        }
        return *this;
    }
    ~DeviceHandle() { destroy(); }

    [[nodiscard]] Handle get() const { return m_handle; }

private:
    void destroy() noexcept {
        if (m_handle != Handle{} && !m_device->givenUp()) {
            (m_device->api().*kDestroy)(m_device->handle(), m_handle, nullptr);
        }
    }

    const Device* m_device = nullptr;
    Handle m_handle{};
};

}  // namespace alcove::engine::vulkan
