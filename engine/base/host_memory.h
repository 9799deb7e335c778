// The computer's own memory.
#pragma once

#include <cstdint>
#include <optional>

namespace alcove::engine {

// Bytes that the kernel would hand out without swapping; none if it does not say.
[[nodiscard]] std::optional<std::uint64_t> hostMemoryAvailable();

}  // namespace alcove::engine
