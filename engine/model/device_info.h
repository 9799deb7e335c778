// A compute device as people and the engine know it.
#pragma once

#include <cstdint>
#include <string>

#include "engine/base/sentence.h"

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
    bool usable = true;             // false: `problem` is the reason
    Sentence problem;               // a clause without a full stop, about the device as "it"
    // Identifies the device with this version of its driver: its UUID and the version, in hexadecimal
    // digits. Empty for the processor, and where a driver reports none.
    std::string identity;
};

}  // namespace alcove::engine
