// What is remembered of a device: any bytes lead to speeds that can have been measured, or to nothing.
#include <cmath>
#include <cstdlib>

#include "engine/devices/comparison.h"
#include "tests/fuzz/growth.h"

using namespace alcove::engine;

namespace {

void require(const std::optional<DeviceSpeed>& speed) {
    if (speed && !(std::isfinite(speed->promptSeconds) && speed->promptSeconds > 0 &&
                   std::isfinite(speed->replySeconds) && speed->replySeconds > 0)) {
        std::abort();
    }
}

void read(const std::uint8_t* data, std::size_t size) {
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    if (const std::optional<Comparison> comparison = parseComparison(text, "key")) {
        require(comparison->gpu);
        require(comparison->processor);
        if (!parseComparison(comparisonText(*comparison, "key"), "key")) {
            std::abort();
        }
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    return alcove::fuzz::tried(data, size, read);
}
