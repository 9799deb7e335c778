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

// Why it must be otherwise than `without`.
std::string because(const MemoryNeeds& needs, const MemoryPlan& without) {
    return "the model would take " + sizeText(without.totalBytes) + ", and the device has " +
           sizeText(needs.availableBytes) + " free";
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
        plan.note = "Keys and values are kept in 8 bits, because in 16 bits " + because(needs, wanted) + ".";
        return plan;
    }
    const std::uint32_t least = needs.mayStepDown ? std::min(needs.wantedContext, kLeastContext) : needs.wantedContext;
    for (std::uint32_t context = needs.wantedContext; !plan.fits && context > least;) {
        context = std::max(context / 2, least);
        plan = planFor(needs, KvType::Q8, context);
    }
    if (plan.fits) {
        plan.note = "The model remembers " + std::to_string(plan.contextSize) + " tokens instead of " +
                    std::to_string(needs.wantedContext) +
                    ", and keys and values are kept in 8 bits, because otherwise " + because(needs, wanted) + ".";
        return plan;
    }
    plan.note = "The model does not fit: even with " + std::to_string(plan.contextSize) +
                " tokens of context it takes " + sizeText(plan.totalBytes) + " (weights " +
                sizeText(needs.weightBytes) + "), and the device has " + sizeText(needs.availableBytes) +
                " free. Close other programs, or choose a smaller checkpoint or another device.";
    return plan;
}

}  // namespace alcove::engine
