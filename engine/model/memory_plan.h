// How a model is made to fit into a device's memory, and what is given up for that.
#pragma once

#include <cstdint>

#include "engine/base/sentence.h"
#include "engine/model/kv_type.h"

namespace alcove::engine {

struct MemoryNeeds {
    std::uint64_t weightBytes = 0;
    std::uint64_t workBytes = 0;  // activations, logits and the like, whatever the context
    // Keys and values of one position, over all layers; above 0.
    std::uint64_t positionBytesF16 = 0;
    std::uint64_t positionBytesQ8 = 0;
    std::uint64_t availableBytes = 0;
    std::uint32_t wantedContext = 0;  // positions, above 0
    bool mayStepDown = true;          // false: all that is wanted, or nothing
};

struct MemoryPlan {
    bool fits = false;
    KvType kvType = KvType::F16;
    std::uint32_t contextSize = 0;
    std::uint64_t totalBytes = 0;  // of everything; of the least there is a plan for, if that does not fit
    // A sentence for people: what was given up and why, or why nothing helps. Empty if nothing was.
    Sentence note;
};

// The least context that is worth having, unless less was wanted.
inline constexpr std::uint32_t kLeastContext = 512;

// The first of these that fits: the wanted context with keys and values in 16 bits; the same in 8 bits; and in 8 bits
// the context halved as often as need be, down to kLeastContext.
[[nodiscard]] MemoryPlan planMemory(const MemoryNeeds& needs);

}  // namespace alcove::engine
