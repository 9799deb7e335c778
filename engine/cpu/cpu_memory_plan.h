// What the processor's memory holds of a model.
#pragma once

#include "engine/checkpoint/checkpoint.h"
#include "engine/cpu/cpu_forward_pass.h"
#include "engine/cpu/kv_cache.h"
#include "engine/model/memory_plan.h"

namespace alcove::engine::cpu {

// The context that there is memory for, and how its keys and values are kept: decided before anything is allocated.
// Throws Error{OutOfMemory} with the numbers.
[[nodiscard]] MemoryPlan planFor(const ModelConfig& config, const ModelWeights& weights,
                                 const CpuForwardPassOptions& options);

[[nodiscard]] CacheShape cacheShapeFor(const ModelConfig& config, const MemoryPlan& plan);

}  // namespace alcove::engine::cpu
