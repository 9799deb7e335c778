// Which device computes where the person has not named one: by fixed rules on most computers, by measuring once where
// those do not decide.
//
// A discrete graphics card is taken without measuring, and software Vulkan never before the processor. Integrated and
// virtual graphics may be faster or slower than the processor: both run a small part of a model, once for each version
// of the driver, and the times are stored.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/base/sentence.h"
#include "engine/devices/device_request.h"
#include "engine/devices/speed_probe.h"

namespace alcove::engine {

struct SpeedComparison {
    DeviceSpeed gpu;
    DeviceSpeed processor;
};

struct DeviceSelection {
    DeviceInfo device;
    Sentence reason;                          // follows on the name of the device and a dash or colon
    std::optional<SpeedComparison> measured;  // if measuring decided
};

// Seconds from a question of a few lines to the end of an answer of about a hundred words, with MobiLlama-0.5B.
[[nodiscard]] double answerSeconds(const DeviceSpeed& speed);

// The processor is taken if it answers faster by at least this factor. Otherwise the graphics device is, which leaves
// the processor to other programs.
inline constexpr double kProcessorMargin = 1.2;

// The faster of the two, by what was measured.
[[nodiscard]] DeviceSelection fasterOf(const DeviceInfo& gpu, const DeviceInfo& processor,
                                       const SpeedComparison& speeds);

struct SelectionOptions {
    bool measure = true;  // false: without stored times the graphics device is taken
    bool anew = false;    // measures although times are stored
    // Folder of the stored times; none: the folder of the compiled shaders; empty: nothing is stored.
    std::optional<std::filesystem::path> folder{};
    // Called right before something is measured.
    std::function<void(const Sentence&)> measuring{};
    Cancellation cancel{};  // asked while measuring
    ProbeShape shape{};
    // Used instead of probeDevice(); for tests.
    std::function<Probe(const DeviceInfo&, const ProbeShape&, const Cancellation&)> probe{};
};

// As chooseDevice(), but "auto" is decided as above. Measuring takes a second or two on the calling thread. A graphics
// device that fails while it is measured, that computes other results than the processor, or that crashes the program
// twice is not taken with that version of its driver.
// Throws Error{DeviceNotFound} as chooseDevice() does, and Error{Cancelled}.
[[nodiscard]] DeviceSelection selectDevice(const std::vector<DeviceInfo>& devices, std::string_view request,
                                           const SelectionOptions& options = {});

}  // namespace alcove::engine
