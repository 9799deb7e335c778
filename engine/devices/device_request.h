// How a person names a device.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/model/device_info.h"

namespace alcove::engine {

// What chooseDevice() takes for this very device: "vulkan:N" or "cpu".
[[nodiscard]] std::string deviceRequest(const DeviceInfo& device);

// Whether chooseDevice() would take the processor for `request` whatever else there is. Drivers need not be asked then,
// which take time, and memory for as long as the program runs.
[[nodiscard]] bool meansProcessor(std::string_view request);

// The device meant by `request`: "auto" (discrete, then integrated, then virtual GPU, then the processor, and software
// Vulkan last), "vulkan" (the same without the processor), "vulkan:N", "cpu", or a part of a device's name in any case.
// ALCOVE_DEVICE in the environment stands in for "auto". Measures nothing: device_selection.h does. Throws
// Error{DeviceNotFound} that lists what there is.
[[nodiscard]] const DeviceInfo& chooseDevice(const std::vector<DeviceInfo>& devices, std::string_view request);

// True if `request` leaves the choice open: "auto" or nothing, and ALCOVE_DEVICE names no device either.
[[nodiscard]] bool isAutomatic(std::string_view request);

}  // namespace alcove::engine
