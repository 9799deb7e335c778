// The model as a function: tokens in, logits or the next tokens out, with a KV cache in between.
//
// One implementation per kind of device. The generator, sampler and chat know only this interface.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "engine/base/cancellation.h"
#include "engine/base/sentence.h"
#include "engine/checkpoint/model_config.h"
#include "engine/sampling/sampler.h"

namespace alcove::engine {

// What was recorded for the newest call of evaluate() or for one step of decoding, for tests and the benchmark.
struct ForwardPassCounters {
    std::uint32_t dispatches = 0;
    std::uint32_t barriers = 0;
    std::uint32_t submissions = 0;
};

// Most tokens of a draft that one step of decoding verifies.
inline constexpr std::uint32_t kMaxDraft = 7;

// What decoding begins with.
struct DecodeRun {
    // Every token so far, that at position 0 first; at least one. All but the last are in the KV cache.
    std::span<const TokenId> history;
    SamplingParameters sampling;
    // Most tokens to be asked for; history.size() - 1 + maxTokens <= contextSize().
    std::uint32_t maxTokens = 0;
    std::uint64_t firstStep = 0;  // number of the first draw: not 0 where a run is taken up again
};

// Not thread-safe: all calls come from the engine thread that made it.
class ForwardPass {
public:
    virtual ~ForwardPass() = default;

    // Runs tokens[0..n) at positions position..position+n-1, writing their keys and values into the
    // cache; whatever the cache held from `position` on is forgotten. 1 <= n <= a result of chunkSize(),
    // position + n <= contextSize(), every token < vocabSize: asserted. `logits` is empty, or has vocabSize
    // elements and receives the logits of the last token, or has n · vocabSize elements and receives those
    // of every token, one row after the other. Returns when the device is done. Not while decoding.
    // Throws Error{DeviceLost, OutOfMemory, NotFinite}.
    virtual void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) = 0;

    // Begins to decode: each token is drawn, as Sampler does with the number of the token as its step, from the
    // logits of the one before. Throws Error{InvalidRequest} for sampling parameters outside their range.
    virtual void beginDecoding(const DecodeRun& run) = 0;

    // The next token, or several. `draft`, at most kMaxDraft tokens, guesses what follows the tokens handed out so
    // far. The tokens returned are those that plain decoding gives: as many of the draft as it would have drawn
    // itself, then one more. A device may have further steps in flight; it then returns one of those, makes no new
    // ones, and the draft goes unused. At least one and at most the run's remaining tokens are returned; the span is
    // valid until the next call. Throws Error{DeviceLost, OutOfMemory, NotFinite}: then decoding has ended.
    virtual std::span<const TokenId> nextTokens(std::span<const TokenId> draft) = 0;

    // True while a draft would go unused, because steps are in flight.
    [[nodiscard]] virtual bool stepsInFlight() const { return false; }

    // What a step with a whole draft costs, in steps without one, as far as is known.
    [[nodiscard]] virtual double draftCost() const { return 1; }

    // Ends decoding. The cache then holds the history and all tokens handed out but the last; what was computed
    // ahead is forgotten.
    virtual void endDecoding() = 0;

    // From now on `stop` is asked while the device is waited for: once it is requested, a device that does not answer
    // counts as lost after half a second instead of a minute. {}: nothing is asked.
    virtual void watch(const Cancellation& stop) { static_cast<void>(stop); }

    [[nodiscard]] virtual std::uint32_t contextSize() const = 0;  // positions in the KV cache
    // Tokens that the next evaluate() of a prompt had best be given, so that it takes no longer than Stop may wait. May
    // change from call to call; a former answer is still allowed.
    [[nodiscard]] virtual std::uint32_t chunkSize() const = 0;
    [[nodiscard]] virtual std::uint64_t weightBytes() const = 0;  // device bytes held for weights
    [[nodiscard]] virtual std::uint64_t cacheBytes() const = 0;   // device bytes held for the KV cache
    [[nodiscard]] virtual ForwardPassCounters counters() const = 0;

    // What was given up so that the model fits, a sentence for people; empty: nothing.
    [[nodiscard]] virtual Sentence note() const { return {}; }

    // The code that runs, for reports: "dot, work groups of 64"; empty: there is but one.
    [[nodiscard]] virtual std::string kernels() const { return {}; }

    // Seconds that the device's kernels run for one token after the newest run of decoding, which has ended, without
    // what lies between them; measured now. None where the device has no clock or the context is full.
    [[nodiscard]] virtual std::optional<double> measureKernels() { return std::nullopt; }

    // Bytes read per second by a plain read kernel on this device, measured now.
    [[nodiscard]] virtual double measureReadBandwidth() = 0;
};

// Calls watch() for as long as it lives.
class Watching {
public:
    Watching(ForwardPass& pass, const Cancellation& stop) : m_pass(pass) { pass.watch(stop); }
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;
    ~Watching() { m_pass.watch({}); }

private:
    ForwardPass& m_pass;
};

}  // namespace alcove::engine
