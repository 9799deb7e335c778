// Which device computes where nobody says which: plain for most computers, measured once where it is not.
//
// A graphics card of its own is taken unmeasured, and software Vulkan never before the processor. Integrated and
// virtual graphics may be faster or slower than the processor beside them: both run a small part of a model, once for
// each version of the driver, and what came out is remembered.
#pragma once

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/devices/device_request.h"
#include "engine/devices/speed_probe.h"

namespace alcove::engine {

struct SpeedComparison {
    DeviceSpeed gpu;
    DeviceSpeed processor;
};

struct DeviceChoice {
    DeviceInfo device;
    Sentence reason;                          // follows on the name of the device and a dash or colon
    std::optional<SpeedComparison> measured;  // where that was the reason
};

// Seconds from a question of a few lines to the end of an answer of about a hundred words, with MobiLlama-0.5B.
[[nodiscard]] double answerSeconds(const DeviceSpeed& speed);

// The processor has to be done with an answer this many times sooner, or the graphics device is taken: it leaves the
// processor to other programs.
inline constexpr double kProcessorMargin = 1.2;

// The choice between the two, by nothing but what was measured.
[[nodiscard]] DeviceChoice weigh(const DeviceInfo& gpu, const DeviceInfo& processor, const SpeedComparison& speeds);

struct ChoiceOptions {
    bool measure = true;  // false: what is not known is left open, and the graphics device taken
    bool anew = false;    // measures, whatever is remembered
    // Folder of what is remembered; none: the folder of the compiled shaders; empty: nothing is remembered.
    std::optional<std::filesystem::path> folder{};
    // Called right before something is measured.
    std::function<void(const Sentence&)> measuring{};
    const std::atomic<bool>* cancel = nullptr;  // looked at while measuring
    ProbeShape shape{};
    // Stands in for probeDevice(), for tests.
    std::function<Probe(const DeviceInfo&, const ProbeShape&, const std::atomic<bool>*)> probe{};
};

// What chooseDevice() chooses, but with "auto" weighed as above. Takes a second or two where it measures, and is done
// on the calling thread. A graphics device that fails while it is measured, computes something else than the processor
// does, or brings the program down twice, is not taken under that version of its driver.
// Throws Error{DeviceNotFound} as chooseDevice() does, and Error{Cancelled}.
[[nodiscard]] DeviceChoice weighDevices(const std::vector<DeviceInfo>& devices, std::string_view request,
                                        const ChoiceOptions& options = {});

}  // namespace alcove::engine
