// Host memory.
#pragma once

#include <cstdint>
#include <optional>

namespace alcove::engine {

// Bytes that the system would allocate without swapping; none if it does not report them.
[[nodiscard]] std::optional<std::uint64_t> hostMemoryAvailable();

}  // namespace alcove::engine
