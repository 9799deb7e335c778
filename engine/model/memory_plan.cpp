#include "engine/model/memory_plan.h"

#include <algorithm>
#include <cassert>

#include "engine/base/size_text.h"

namespace alcove::engine {

namespace {

std::uint64_t positionBytes(const MemoryNeeds& needs, KvType precision) {
    return precision == KvType::F16 ? needs.positionBytesF16 : needs.positionBytesQ8;
}

MemoryPlan planFor(const MemoryNeeds& needs, KvType precision, std::uint32_t contextSize) {
    MemoryPlan plan;
    plan.kvType = precision;
    plan.contextSize = contextSize;
    plan.totalBytes = needs.weightBytes + needs.workBytes + positionBytes(needs, precision) * contextSize;
    plan.fits = plan.totalBytes <= needs.availableBytes;
    return plan;
}

}  // namespace

MemoryPlan planMemory(const MemoryNeeds& needs) {
    assert(needs.wantedContext > 0 && needs.positionBytesF16 > 0 && needs.positionBytesQ8 > 0);
    MemoryPlan wanted = planFor(needs, KvType::F16, needs.wantedContext);
    if (wanted.fits) {
        return wanted;
    }
    MemoryPlan plan = needs.mayStepDown ? planFor(needs, KvType::Q8, needs.wantedContext) : wanted;
    if (plan.fits) {
        plan.note = {ALCOVE_TEXT("engine",
                                 "The KV cache uses 8 bits, because with 16 bits the model would need %1, and "
                                 "the device has %2 free."),
                     sizeText(wanted.totalBytes), sizeText(needs.availableBytes)};
        return plan;
    }
    const std::uint32_t least = needs.mayStepDown ? std::min(needs.wantedContext, kLeastContext) : needs.wantedContext;
    for (std::uint32_t context = needs.wantedContext; !plan.fits && context > least;) {
        context = std::max(context / 2, least);
        plan = planFor(needs, KvType::Q8, context);
    }
    if (plan.fits) {
        plan.note = {ALCOVE_TEXT("engine",
                                 "The context length is %1 tokens instead of %2, and the KV cache uses 8 bits, "
                                 "because otherwise the model would need %3, and the device has %4 free."),
                     plan.contextSize, needs.wantedContext, sizeText(wanted.totalBytes),
                     sizeText(needs.availableBytes)};
        return plan;
    }
    plan.note = {
        ALCOVE_TEXT("engine",
                    "The model does not fit: even with a context of %1 tokens it needs %2 (weights %3), and the device "
                    "has %4 free. Close other programs, or choose a smaller model or another device."),
        plan.contextSize, sizeText(plan.totalBytes), sizeText(needs.weightBytes), sizeText(needs.availableBytes)};
    return plan;
}

}  // namespace alcove::engine
