#include "engine/vulkan/driver/extensions.h"

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace alcove::engine::vulkan {

DeviceExtensions::DeviceExtensions(VkPhysicalDevice device) {
    std::uint32_t count = 0;
    if (vkEnumerateDeviceExtensionProperties(device, nullptr, &count, nullptr) != VK_SUCCESS) {
        return;
    }
    m_extensions.resize(count);
    if (vkEnumerateDeviceExtensionProperties(device, nullptr, &count, m_extensions.data()) != VK_SUCCESS) {
        count = 0;
    }
    m_extensions.resize(count);
}

bool DeviceExtensions::offers(const char* name) const {
    return std::any_of(m_extensions.begin(), m_extensions.end(),
                       [name](const VkExtensionProperties& e) { return std::strcmp(e.extensionName, name) == 0; });
}

}  // namespace alcove::engine::vulkan
