#include "engine/cpu/cpu_memory_plan.h"

#include "engine/base/error.h"
#include "engine/base/host_memory.h"
#include "engine/cpu/weights.h"

namespace alcove::engine::cpu {

CacheShape cacheShapeFor(const ModelConfig& config, const MemoryPlan& plan) {
    return {plan.contextSize, config.layerCount, config.kvHeadCount, config.headDim, plan.kvType};
}

MemoryPlan planFor(const ModelConfig& config, const ModelWeights& weights, const CpuForwardPassOptions& options) {
    const auto positionBytes = [&](KvType type) {
        const CacheShape page{kPagePositions, config.layerCount, config.kvHeadCount, config.headDim, type};
        return page.bytes() / kPagePositions + config.headDim * sizeof(float);  // and its angles
    };
    constexpr std::uint64_t kUnknown = std::uint64_t{1} << 62U;
    const std::uint64_t q8 = positionBytes(KvType::Q8);
    MemoryPlan plan =
        planMemory({.weightBytes = Weights(weights).bytes(),
                    .positionBytesF16 = options.kvType == KvType::F16 ? positionBytes(KvType::F16) : q8,
                    .positionBytesQ8 = q8,
                    .availableBytes = options.availableMemory != 0 ? options.availableMemory
                                                                   : hostMemoryAvailable().value_or(kUnknown),
                    .wantedContext = options.contextSize,
                    .mayStepDown = options.mayStepDown});
    if (!plan.fits) {
        throw Error(ErrorCode::OutOfMemory, plan.note);
    }
    if (options.kvType == KvType::Q8) {
        plan.kvType = KvType::Q8;
    }
    return plan;
}

}  // namespace alcove::engine::cpu
