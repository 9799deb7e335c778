// The Vulkan loader and instance, and the validation messages that pass through it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <vector>

#include <volk.h>

namespace alcove::engine::vulkan {

// The version that loader and devices must offer at least, and the newest whose features are used where offered.
inline constexpr std::uint32_t kApiVersion = VK_API_VERSION_1_1;
inline constexpr std::uint32_t kNewestApiVersion = VK_API_VERSION_1_3;

// The version that instances are made for: as much of kNewestApiVersion as the loader offers. Once an instance was
// opened.
[[nodiscard]] std::uint32_t instanceApiVersion();

// Receives each warning and error of the validation layer. Called on whatever thread makes the faulty call.
using ValidationSink = std::function<void(std::string_view message)>;

struct InstanceOptions {
    // Messages go to standard error, each line beginning with "vulkan validation:", unless this is set.
    ValidationSink validationSink{};
};

// Move-only owner of a VkInstance. With ALCOVE_VULKAN_VALIDATION=1 in the environment, the Khronos validation
// layer with synchronisation validation is required and its messages are reported; otherwise no layer is asked
// for. Must outlive every Device made from it.
class Instance {
public:
    // Throws Error{NoVulkan} with what to install if there is no loader, no driver or no validation layer
    // although one was asked for.
    [[nodiscard]] static Instance open(const InstanceOptions& options = {});

    Instance(Instance&& other) noexcept;
    Instance& operator=(Instance&& other) noexcept;
    ~Instance();

    [[nodiscard]] VkInstance handle() const { return m_instance; }
    // True if objects can carry names for the validation layer and debuggers.
    [[nodiscard]] bool namesObjects() const { return m_messenger != VK_NULL_HANDLE; }
    // Leaves the instance to the end of the program: a device of it does not answer.
    void abandon() noexcept;
    // All physical devices in the loader's order. Throws Error{NoVulkan} if there are none.
    [[nodiscard]] std::vector<VkPhysicalDevice> physicalDevices() const;

private:
    Instance() = default;
    void destroy() noexcept;

    std::unique_ptr<ValidationSink> m_sink;  // the driver holds its address
    VkInstance m_instance = VK_NULL_HANDLE;
    VkDebugUtilsMessengerEXT m_messenger = VK_NULL_HANDLE;
};

}  // namespace alcove::engine::vulkan
