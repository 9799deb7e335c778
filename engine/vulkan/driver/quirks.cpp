#include "engine/vulkan/driver/quirks.h"

#include <array>

namespace alcove::engine::vulkan {

namespace {

constexpr std::uint32_t kIntel = 0x8086;
constexpr std::uint32_t kAmd = 0x1002;

constexpr std::array<Quirk, 2> kQuirks = {{
    {kIntel, VK_DRIVER_ID_INTEL_OPEN_SOURCE_MESA, &DeviceFeatures::float16,
     "matrix products in 16-bit floats come out as noise (llama.cpp issue 17106, worked around in its pull request "
     "18814); values may still be stored so"},
    {kAmd, VK_DRIVER_ID_AMD_OPEN_SOURCE, &DeviceFeatures::subgroupBallot,
     "loops that end on a ballot may hang the device (AMDVLK issue 138)"},
}};

bool concerns(const Quirk& quirk, const DriverIdentity& identity) {
    return (quirk.vendor == 0 || quirk.vendor == identity.vendor) &&
           (quirk.driver == VkDriverId{} || quirk.driver == identity.driver);
}

}  // namespace

std::span<const Quirk> quirks() {
    return kQuirks;
}

void applyQuirks(const DriverIdentity& identity, DeviceFeatures& features) {
    for (const Quirk& quirk : kQuirks) {
        if (concerns(quirk, identity)) {
            features.*quirk.taken = false;
        }
    }
}

}  // namespace alcove::engine::vulkan
