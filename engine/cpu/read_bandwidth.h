// The read bandwidth of host memory.
#pragma once

#include "engine/cpu/kernels.h"
#include "engine/cpu/thread_team.h"

namespace alcove::engine::cpu {

// Bytes per second that the team reads, each member a piece of its own; the best of three runs over more than caches
// hold. Throws Error{OutOfMemory}.
[[nodiscard]] double measureReadBandwidth(const Kernels& kernels, ThreadTeam& team);

}  // namespace alcove::engine::cpu
