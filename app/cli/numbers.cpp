#include "app/cli/numbers.h"

#include <array>
#include <cstddef>
#include <cstdio>

namespace alcove::cli {

namespace {

// Three significant digits and the unit that leaves at most three before the point.
std::string scaled(double value, const std::array<const char*, 5>& units) {
    std::size_t unit = 0;
    while (value >= 999.5 && unit + 1 < units.size()) {
        value /= 1000;
        ++unit;
    }
    const int digits = unit == 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
    return decimal(value, digits) + units[unit];
}

}  // namespace

std::string decimal(double value, int digits) {
    std::array<char, 64> text = {};
    std::snprintf(text.data(), text.size(), "%.*f", digits, value);
    return text.data();
}

std::string byteCount(std::uint64_t bytes) {
    return scaled(static_cast<double>(bytes), {" bytes", " kB", " MB", " GB", " TB"});
}

std::string valueCount(std::uint64_t values) {
    return scaled(static_cast<double>(values), {"", " K", " M", " B", " T"});
}

}  // namespace alcove::cli
