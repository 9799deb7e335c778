#include "engine/base/host_memory.h"

#include <fstream>
#include <limits>
#include <string>

namespace alcove::engine {

std::optional<std::uint64_t> hostMemoryAvailable() {
    std::ifstream file("/proc/meminfo");
    std::string key;
    std::uint64_t kibibytes = 0;
    while (file >> key >> kibibytes) {
        if (key == "MemAvailable:") {
            return kibibytes * 1024;
        }
        file.ignore(std::numeric_limits<std::streamsize>::max(), '\n');
    }
    return std::nullopt;
}

}  // namespace alcove::engine
