// How keys and values are kept.
#pragma once

#include <cstdint>

namespace alcove::engine {

enum class KvType : std::uint8_t {
    F16,
    Q8,  // signed bytes with a scale for each block of 32 values: a little more than half of F16's size
};

}  // namespace alcove::engine
