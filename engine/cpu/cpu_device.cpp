#include "engine/cpu/cpu_device.h"

#include <fstream>
#include <limits>
#include <string_view>

#include "engine/cpu/kernels.h"
#include "engine/cpu/thread_team.h"

namespace alcove::engine {

namespace {

// What stands behind "key" and a colon in the kernel's list; empty if it does not.
std::string processorFact(std::string_view key) {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);) {
        const std::size_t colon = line.find(':');
        if (line.starts_with(key) && colon != std::string::npos && colon + 2 < line.size()) {
            return line.substr(colon + 2);
        }
    }
    return {};
}

std::string processorName() {
    std::string name = processorFact("model name");
    if (name.empty()) {  // ARM's kernels name the computer instead
        std::ifstream("/proc/device-tree/model") >> name;
    }
    return name.empty() ? "Processor" : name;
}

std::uint64_t totalMemory() {
    std::ifstream file("/proc/meminfo");
    std::string key;
    std::uint64_t kibibytes = 0;
    while (file >> key >> kibibytes) {
        if (key == "MemTotal:") {
            return kibibytes * 1024;
        }
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return 0;
}

// Highway's names are its own.
std::string vectorUnit(std::string_view target) {
    if (target.starts_with("AVX3")) {
        return target == "AVX3" ? "AVX-512" : "AVX-512 with VNNI";
    }
    return target == "EMU128" ? "no vector unit" : std::string(target);
}

}  // namespace

DeviceInfo cpuDevice() {
    const unsigned threads = cpu::physicalCores();
    DeviceInfo device;
    device.name = processorName();
    device.kind = DeviceKind::Processor;
    device.driver = vectorUnit(cpu::chosenKernels().target) + ", " + std::to_string(threads) +
                    (threads == 1 ? " thread" : " threads");
    device.memoryBytes = totalMemory();
    return device;
}

}  // namespace alcove::engine
