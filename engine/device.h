// The compute devices of this machine, and how a person names one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace alcove::engine {

// Software: a Vulkan driver that computes on the processor. Processor: the engine's own kernels.
enum class DeviceKind { DiscreteGpu, IntegratedGpu, VirtualGpu, Processor, Software };

struct DeviceInfo {
    std::uint32_t index = 0;  // N of "vulkan:N"
    std::string name;         // as the driver gives it
    DeviceKind kind = DeviceKind::Software;
    std::string driver;             // driver name and version, for people
    std::string apiVersion;         // "1.3.230"
    std::uint64_t memoryBytes = 0;  // the largest device-local heap
    bool usable = true;             // false: `problem` says why
    std::string problem;
};

// All Vulkan devices in the loader's order. Throws Error{NoVulkan} with what to install where there is
// no loader or no driver.
[[nodiscard]] std::vector<DeviceInfo> listDevices();

// The device meant by `request`: "auto" (discrete, then integrated, then virtual, then software),
// "vulkan" (the same), "vulkan:N", or a part of a device's name in any case. Throws
// Error{DeviceNotFound} that lists what there is.
[[nodiscard]] const DeviceInfo& chooseDevice(const std::vector<DeviceInfo>& devices, std::string_view request);

}  // namespace alcove::engine
