#include "engine/vulkan/driver/instance.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string>
#include <utility>

#include "engine/base/error.h"
#include "engine/vulkan/driver/result.h"
#include "engine/vulkan/driver/structure.h"

namespace alcove::engine::vulkan {

namespace {

constexpr const char* kValidationLayer = "VK_LAYER_KHRONOS_validation";

[[noreturn]] void throwNoDriver(const Sentence& what) {
    throw Error(ErrorCode::NoVulkan,
                ALCOVE_TEXT("engine",
                            "%1 Alcove reaches graphics devices through Vulkan. Install the driver of yours; that of "
                            "AMD and Intel is Mesa's: sudo apt install mesa-vulkan-drivers"),
                what);
}

// The loader's entry points belong to the process, not to an instance: found once.
void loadVulkan() {
    static std::once_flag once;
    static VkResult result = VK_SUCCESS;
    std::call_once(once, [] { result = volkInitialize(); });
    if (result != VK_SUCCESS) {
        throwNoDriver(ALCOVE_TEXT("engine", "This machine has no Vulkan loader (libvulkan.so.1)."));
    }
}

// The loader's instance functions serve every instance, so the table is filled from the first one only and is
// never written again while another thread may read it.
void loadInstanceFunctions(VkInstance instance) {
    static std::once_flag once;
    std::call_once(once, [instance] { volkLoadInstanceOnly(instance); });
}

bool validationWanted() {
    const char* value = std::getenv("ALCOVE_VULKAN_VALIDATION");
    return value != nullptr && std::strcmp(value, "1") == 0;
}

VKAPI_ATTR VkBool32 VKAPI_CALL onMessage(VkDebugUtilsMessageSeverityFlagBitsEXT /*severity*/,
                                         VkDebugUtilsMessageTypeFlagsEXT /*types*/,
                                         const VkDebugUtilsMessengerCallbackDataEXT* data, void* userData) {
    (*static_cast<const ValidationSink*>(userData))(data->pMessage != nullptr ? data->pMessage : "");
    return VK_FALSE;
}

void printMessage(std::string_view message) {
    const std::string line = "vulkan validation: " + std::string(message) + "\n";
    std::fputs(line.c_str(), stderr);
}

template <class Function>
Function instanceFunction(VkInstance instance, const char* name) {
    return reinterpret_cast<Function>(vkGetInstanceProcAddr(instance, name));
}

}  // namespace

std::uint32_t instanceApiVersion() {
    return std::min(volkGetInstanceVersion(), kNewestApiVersion);
}

Instance Instance::open(const InstanceOptions& options) {
    loadVulkan();
    if (volkGetInstanceVersion() < kApiVersion) {
        throwNoDriver(ALCOVE_TEXT("engine", "The Vulkan loader of this machine is too old (Vulkan 1.1 is needed)."));
    }

    Instance result;
    const bool validate = validationWanted();
    result.m_sink = std::make_unique<ValidationSink>(options.validationSink ? options.validationSink : printMessage);

    auto messengerInfo =
        structure<VkDebugUtilsMessengerCreateInfoEXT>(VK_STRUCTURE_TYPE_DEBUG_UTILS_MESSENGER_CREATE_INFO_EXT);
    messengerInfo.messageSeverity =
        VK_DEBUG_UTILS_MESSAGE_SEVERITY_WARNING_BIT_EXT | VK_DEBUG_UTILS_MESSAGE_SEVERITY_ERROR_BIT_EXT;
    messengerInfo.messageType = VK_DEBUG_UTILS_MESSAGE_TYPE_VALIDATION_BIT_EXT;
    messengerInfo.pfnUserCallback = onMessage;
    messengerInfo.pUserData = result.m_sink.get();

    const VkValidationFeatureEnableEXT enabledFeature = VK_VALIDATION_FEATURE_ENABLE_SYNCHRONIZATION_VALIDATION_EXT;
    auto features = structure<VkValidationFeaturesEXT>(VK_STRUCTURE_TYPE_VALIDATION_FEATURES_EXT);
    features.pNext = &messengerInfo;  // also reports faults in creating and destroying the instance
    features.enabledValidationFeatureCount = 1;
    features.pEnabledValidationFeatures = &enabledFeature;

    auto application = structure<VkApplicationInfo>(VK_STRUCTURE_TYPE_APPLICATION_INFO);
    application.pApplicationName = "Alcove";
    application.pEngineName = "Alcove";
    application.apiVersion = instanceApiVersion();
    auto info = structure<VkInstanceCreateInfo>(VK_STRUCTURE_TYPE_INSTANCE_CREATE_INFO);
    info.pApplicationInfo = &application;
    const char* debugUtils = VK_EXT_DEBUG_UTILS_EXTENSION_NAME;
    if (validate) {
        info.pNext = &features;
        info.enabledLayerCount = 1;
        info.ppEnabledLayerNames = &kValidationLayer;
        info.enabledExtensionCount = 1;
        info.ppEnabledExtensionNames = &debugUtils;
    }
    const VkResult created = vkCreateInstance(&info, nullptr, &result.m_instance);
    if (created == VK_ERROR_INCOMPATIBLE_DRIVER) {
        throwNoDriver(ALCOVE_TEXT("engine", "This machine has no Vulkan driver."));
    }
    if (created == VK_ERROR_LAYER_NOT_PRESENT || created == VK_ERROR_EXTENSION_NOT_PRESENT) {
        throw Error(ErrorCode::NoVulkan, ALCOVE_TEXT("engine",
                                                     "ALCOVE_VULKAN_VALIDATION=1 needs the Vulkan validation layer: "
                                                     "sudo apt install vulkan-validationlayers"));
    }
    check(created, ALCOVE_TEXT("engine", "start Vulkan"));
    loadInstanceFunctions(result.m_instance);

    if (validate) {
        const auto createMessenger =
            instanceFunction<PFN_vkCreateDebugUtilsMessengerEXT>(result.m_instance, "vkCreateDebugUtilsMessengerEXT");
        check(createMessenger(result.m_instance, &messengerInfo, nullptr, &result.m_messenger),
              ALCOVE_TEXT("engine", "report validation messages"));
    }
    return result;
}

Instance::Instance(Instance&& other) noexcept
    : m_sink(std::move(other.m_sink)),
      m_instance(std::exchange(other.m_instance, nullptr)),
      m_messenger(std::exchange(other.m_messenger, VkDebugUtilsMessengerEXT{})) {
}

Instance& Instance::operator=(Instance&& other) noexcept {
    if (this != &other) {
        destroy();
        m_sink = std::move(other.m_sink);
        m_instance = std::exchange(other.m_instance, nullptr);
        m_messenger = std::exchange(other.m_messenger, VkDebugUtilsMessengerEXT{});
    }
    return *this;
}

Instance::~Instance() {
    destroy();
}

void Instance::abandon() noexcept {
    static_cast<void>(m_sink.release());
    m_instance = nullptr;
}

void Instance::destroy() noexcept {
    if (m_instance == nullptr) {
        return;
    }
    if (m_messenger != VK_NULL_HANDLE) {
        instanceFunction<PFN_vkDestroyDebugUtilsMessengerEXT>(m_instance, "vkDestroyDebugUtilsMessengerEXT")(
            m_instance, m_messenger, nullptr);
    }
    vkDestroyInstance(m_instance, nullptr);
    m_instance = nullptr;
}

std::vector<VkPhysicalDevice> Instance::physicalDevices() const {
    std::uint32_t count = 0;
    const VkResult counted = vkEnumeratePhysicalDevices(m_instance, &count, nullptr);
    if (counted == VK_ERROR_INITIALIZATION_FAILED || (counted == VK_SUCCESS && count == 0)) {
        throwNoDriver(ALCOVE_TEXT("engine", "This machine has a Vulkan loader, but no driver that offers a device."));
    }
    check(counted, ALCOVE_TEXT("engine", "list its devices"));
    std::vector<VkPhysicalDevice> devices(count);
    check(vkEnumeratePhysicalDevices(m_instance, &count, devices.data()), ALCOVE_TEXT("engine", "list its devices"));
    devices.resize(count);
    return devices;
}

}  // namespace alcove::engine::vulkan
