// The model as a function: tokens in, logits out, with a KV cache in between.
//
// One implementation per kind of device. The generator, sampler and chat know only this interface.
#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "engine/checkpoint/model_config.h"

namespace alcove::engine {

// What was recorded for the newest call of evaluate(), for tests and the benchmark.
struct ForwardPassCounters {
    std::uint32_t dispatches = 0;
    std::uint32_t barriers = 0;
    std::uint32_t submissions = 0;
};

// Not thread-safe: all calls come from the engine thread that made it.
class ForwardPass {
public:
    virtual ~ForwardPass() = default;

    // Runs tokens[0..n) at positions position..position+n-1, writing their keys and values into the
    // cache; whatever the cache held from `position` on is forgotten. 1 <= n <= chunkSize(),
    // position + n <= contextSize(), every token < vocabSize: asserted. `logits` is empty, or has vocabSize
    // elements and receives the logits of the last token, or has n · vocabSize elements and receives those
    // of every token, one row after the other. Returns when the device is done.
    // Throws Error{DeviceLost, OutOfMemory, NotFinite}.
    virtual void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) = 0;

    [[nodiscard]] virtual std::uint32_t contextSize() const = 0;  // positions in the KV cache
    [[nodiscard]] virtual std::uint32_t chunkSize() const = 0;  // most tokens in one evaluate(); one bounded submission
    [[nodiscard]] virtual std::uint64_t weightBytes() const = 0;  // device bytes held for weights
    [[nodiscard]] virtual std::uint64_t cacheBytes() const = 0;   // device bytes held for the KV cache
    [[nodiscard]] virtual ForwardPassCounters counters() const = 0;

    // Bytes read per second by a plain read kernel on this device, measured now.
    [[nodiscard]] virtual double measureReadBandwidth() = 0;
};

}  // namespace alcove::engine
