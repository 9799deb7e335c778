// Sizes for sentences.
#pragma once

#include <cstdint>
#include <string>

namespace alcove::engine {

// "1.07 GB", "512.0 MB", "1.5 kB".
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

}  // namespace alcove::engine
