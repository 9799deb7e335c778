// The forward pass on the processor.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "engine/checkpoint/checkpoint.h"
#include "engine/cpu/kernels.h"
#include "engine/cpu/kv_cache.h"
#include "engine/model/forward_pass.h"

namespace alcove::engine {

// How the weights are read; the defaults are what measures best (BENCHMARKS.md).
struct CpuTuning {
    cpu::Reading attention = cpu::Reading::Plain;    // attention weights and head
    cpu::Reading feedForward = cpu::Reading::Plain;  // the feed-forward block
    bool alternate = false;                          // odd layers from the last row to the first
};

struct CpuForwardPassOptions {
    std::uint32_t contextSize = 0;           // positions in the KV cache, > 0
    unsigned threads = 0;                    // 0: one per physical core
    KvType kvType = KvType::F16;             // how the cache stores keys and values
    std::function<void(double)> progress{};  // 0..1 of the weights packed
    Cancellation cancel{};
    bool mayStepDown = true;  // where there is too little memory, keep keys and values in 8 bits or fewer of them
    // For tests: a chunk size below the one chosen, and bytes of memory in place of what the system has free (0:
    // those).
    std::uint32_t maxChunkSize = 0;
    std::uint64_t availableMemory = 0;
    CpuTuning tuning{};
};

// Packs `weights` for this processor's vector unit (each distinct tensor once; K types become Q8_0) and makes the KV
// cache. The views in `weights` are not needed afterwards. Its results depend on neither the number of threads nor the
// sizes of the chunks. Throws Error{OutOfMemory, NotFinite, Cancelled}.
[[nodiscard]] std::unique_ptr<ForwardPass> makeCpuForwardPass(const ModelConfig& config, const ModelWeights& weights,
                                                              const CpuForwardPassOptions& options);

}  // namespace alcove::engine
