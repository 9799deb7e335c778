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
    std::uint32_t index = 0;  // N of "vulkan:N"; 0 for the processor
    std::string name;         // as the driver or the system gives it
    DeviceKind kind = DeviceKind::Software;
    std::string driver;             // driver name and version, for people; of the processor its vector unit
    std::string apiVersion;         // of Vulkan, "1.3.230"; empty for the processor
    std::uint64_t memoryBytes = 0;  // the largest device-local heap; of the processor the computer's memory
    bool usable = true;             // false: `problem` says why
    std::string problem;
    // Tells the device under this version of its driver from every other: its UUID and the version, in hexadecimal
    // digits. Empty for the processor, and where a driver tells none.
    std::string identity;
};

// What chooseDevice() takes for this very device: "vulkan:N" or "cpu".
[[nodiscard]] std::string deviceRequest(const DeviceInfo& device);

// All Vulkan devices in the loader's order, then the processor. Where there is no loader or no driver, the processor
// alone; `vulkanProblem`, if given, then receives a sentence with what to install, and is emptied otherwise.
// ALCOVE_SOFTWARE_AS=integrated in the environment lists software drivers as integrated graphics, for tests of what is
// done with those; they are tuned as what they are.
[[nodiscard]] std::vector<DeviceInfo> listDevices(std::string* vulkanProblem = nullptr);

// Whether chooseDevice() would take the processor for `request` whatever else there is. Drivers need not be asked then,
// which take time, and memory for as long as the program runs.
[[nodiscard]] bool meansProcessor(std::string_view request);

// The device meant by `request`: "auto" (discrete, then integrated, then virtual GPU, then the processor, and software
// Vulkan last), "vulkan" (the same without the processor), "vulkan:N", "cpu", or a part of a device's name in any case.
// ALCOVE_DEVICE in the environment stands in for "auto". Measures nothing: choice/device_choice.h does. Throws
// Error{DeviceNotFound} that lists what there is.
[[nodiscard]] const DeviceInfo& chooseDevice(const std::vector<DeviceInfo>& devices, std::string_view request);

// True if `request` leaves the choice open: "auto" or nothing, and ALCOVE_DEVICE names no device either.
[[nodiscard]] bool isAutomatic(std::string_view request);

}  // namespace alcove::engine
