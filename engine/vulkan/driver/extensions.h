// The extensions that a physical device offers.
#pragma once

#include <vector>

#include <volk.h>

namespace alcove::engine::vulkan {

class DeviceExtensions {
public:
    // No extension is offered if the driver cannot list them.
    explicit DeviceExtensions(VkPhysicalDevice device);

    [[nodiscard]] bool offers(const char* name) const;

private:
    std::vector<VkExtensionProperties> m_extensions;
};

}  // namespace alcove::engine::vulkan
