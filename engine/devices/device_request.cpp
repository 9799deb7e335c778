#include "engine/devices/device_request.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdlib>

#include "engine/base/error.h"

namespace alcove::engine {

namespace {

std::string lowered(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

// One on each line.
Sentence listed(const std::vector<DeviceInfo>& devices) {
    std::vector<Sentence> lines;
    for (const DeviceInfo& device : devices) {
        lines.push_back(Sentence::verbatim("\n  " + deviceRequest(device) + "  " + device.name));
        if (!device.usable) {
            lines.emplace_back(ALCOVE_TEXT("engine", " (not usable: %1)"), device.problem);
        }
    }
    return Sentence::sequence(std::move(lines));
}

// In lower case, with "auto" for what leaves the choice open.
std::string effective(std::string_view request) {
    std::string wanted = lowered(request);
    if (const char* preferred = std::getenv("ALCOVE_DEVICE");
        preferred != nullptr && (wanted.empty() || wanted == "auto")) {
        wanted = lowered(preferred);
    }
    return wanted.empty() ? "auto" : wanted;
}

const DeviceInfo& checked(const DeviceInfo& device) {
    if (!device.usable) {
        throw Error(ErrorCode::DeviceNotFound, ALCOVE_TEXT("engine", "%1 cannot run Alcove: %2."), device.name,
                    device.problem);
    }
    return device;
}

constexpr std::string_view kProcessor = "cpu";

}  // namespace

bool meansProcessor(std::string_view request) {
    return effective(request) == kProcessor;
}

std::string deviceRequest(const DeviceInfo& device) {
    return device.kind == DeviceKind::Processor ? std::string(kProcessor) : "vulkan:" + std::to_string(device.index);
}

bool isAutomatic(std::string_view request) {
    return effective(request) == "auto";
}

const DeviceInfo& chooseDevice(const std::vector<DeviceInfo>& devices, std::string_view request) {
    const std::string wanted = effective(request);
    if (wanted == "auto" || wanted == "vulkan") {
        constexpr std::array kPreference = {DeviceKind::DiscreteGpu, DeviceKind::IntegratedGpu, DeviceKind::VirtualGpu,
                                            DeviceKind::Processor, DeviceKind::Software};
        for (const DeviceKind kind : kPreference) {
            for (const DeviceInfo& device : devices) {
                if (device.kind == kind && device.usable && (wanted != "vulkan" || kind != DeviceKind::Processor)) {
                    return device;
                }
            }
        }
        throw Error(ErrorCode::DeviceNotFound,
                    ALCOVE_TEXT("engine", "No Vulkan device on this machine can run Alcove. It has:%1"),
                    listed(devices));
    }
    constexpr std::string_view kPrefix = "vulkan:";
    if (wanted.starts_with(kPrefix)) {
        const std::string_view digits = std::string_view(wanted).substr(kPrefix.size());
        std::uint32_t index = 0;
        const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
        if (failure == std::errc() && end == digits.data() + digits.size()) {
            for (const DeviceInfo& device : devices) {
                if (device.index == index && device.kind != DeviceKind::Processor) {
                    return checked(device);
                }
            }
        }
    } else {
        for (const DeviceInfo& device : devices) {
            if (wanted == deviceRequest(device) || lowered(device.name).find(wanted) != std::string::npos) {
                return checked(device);
            }
        }
    }
    throw Error(ErrorCode::DeviceNotFound,
                ALCOVE_TEXT("engine", "There is no device called \"%1\". This machine has:%2"), request,
                listed(devices));
}

}  // namespace alcove::engine
