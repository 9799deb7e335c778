// The processor as a compute device.
#pragma once

#include "engine/model/device_info.h"

namespace alcove::engine {

// Always usable. Its name is the processor's own; its driver names the vector unit and the number of threads.
[[nodiscard]] DeviceInfo cpuDevice();

}  // namespace alcove::engine
