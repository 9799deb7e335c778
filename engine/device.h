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
};

// What chooseDevice() takes for this very device: "vulkan:N" or "cpu".
[[nodiscard]] std::string deviceRequest(const DeviceInfo& device);

// All Vulkan devices in the loader's order, then the processor. Where there is no loader or no driver, the processor
// alone; `vulkanProblem`, if given, then receives a sentence with what to install, and is emptied otherwise.
[[nodiscard]] std::vector<DeviceInfo> listDevices(std::string* vulkanProblem = nullptr);

// Whether chooseDevice() would take the processor for `request` whatever else there is. Drivers need not be asked then,
// which take time, and memory for as long as the program runs.
[[nodiscard]] bool meansProcessor(std::string_view request);

// The device meant by `request`: "auto" (discrete, then integrated, then virtual GPU, then the processor, and software
// Vulkan last), "vulkan" (the same without the processor), "vulkan:N", "cpu", or a part of a device's name in any case.
// ALCOVE_DEVICE in the environment stands in for "auto". Throws Error{DeviceNotFound} that lists what there is.
[[nodiscard]] const DeviceInfo& chooseDevice(const std::vector<DeviceInfo>& devices, std::string_view request);

}  // namespace alcove::engine
