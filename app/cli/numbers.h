// Numbers as people read them, the same in every locale.
#pragma once

#include <cstdint>
#include <string>

namespace alcove::cli {

[[nodiscard]] std::string decimal(double value, int digits);  // "12.30"
[[nodiscard]] double shortest(float value);                   // 0.7F as 0.7, not as 0.699999988
[[nodiscard]] std::string byteCount(std::uint64_t bytes);     // "1.07 GB"
[[nodiscard]] std::string valueCount(std::uint64_t values);   // "535 M"

}  // namespace alcove::cli
