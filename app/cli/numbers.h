// Numbers as people read them.
#pragma once

#include <cstdint>
#include <string>

namespace alcove::cli {

[[nodiscard]] std::string decimal(double value, int digits);   // "12.30"
[[nodiscard]] std::string byteCount(std::uint64_t bytes);      // "1.07 GB", decimal units
[[nodiscard]] std::string valueCount(std::uint64_t values);    // "535 M", "1.26 B", "260 K"

}  // namespace alcove::cli
