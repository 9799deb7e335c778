// Features that a driver offers but that do not work in it: they are removed before anything uses them.
#pragma once

#include <cstdint>
#include <span>

#include <volk.h>

#include "engine/vulkan/driver/device_features.h"

namespace alcove::engine::vulkan {

struct DriverIdentity {
    std::uint32_t vendor = 0;  // VkPhysicalDeviceProperties::vendorID
    VkDriverId driver{};       // 0: not reported
};

struct Quirk {
    std::uint32_t vendor;  // 0: any
    VkDriverId driver;     // 0: any
    bool DeviceFeatures::*taken;
    const char* reason;  // where this is known from
};

// All known ones. Each needs a public report that names the driver and the feature.
[[nodiscard]] std::span<const Quirk> quirks();

void applyQuirks(const DriverIdentity& identity, DeviceFeatures& features);

}  // namespace alcove::engine::vulkan
