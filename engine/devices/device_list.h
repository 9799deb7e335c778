// The compute devices of this machine.
#pragma once

#include <string>
#include <vector>

#include "engine/base/sentence.h"
#include "engine/model/device_info.h"

namespace alcove::engine {

// All Vulkan devices in the loader's order, then the processor. Where there is no loader or no driver, the processor
// alone; `vulkanProblem`, if given, then receives a sentence with what to install, and is emptied otherwise.
// ALCOVE_SOFTWARE_AS=integrated in the environment lists software drivers as integrated graphics, for tests of what is
// done with those; they are tuned as what they are.
[[nodiscard]] std::vector<DeviceInfo> listDevices(Sentence* vulkanProblem = nullptr);

}  // namespace alcove::engine
