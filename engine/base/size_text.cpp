#include "engine/base/size_text.h"

#include <cstdio>

namespace alcove::engine {

std::string sizeText(std::uint64_t bytes) {
    char text[32];
    const double value = static_cast<double>(bytes);
    if (value >= 1e9) {
        std::snprintf(text, sizeof text, "%.2f GB", value / 1e9);
    } else if (value >= 1e6) {
        std::snprintf(text, sizeof text, "%.1f MB", value / 1e6);
    } else {
        std::snprintf(text, sizeof text, "%.1f kB", value / 1e3);
    }
    return text;
}

}  // namespace alcove::engine
