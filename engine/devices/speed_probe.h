// How fast a device runs a small part of a model, by the very forward pass that runs whole ones.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/model/device_info.h"
#include "engine/model/example_model.h"
#include "engine/model/forward_pass.h"

namespace alcove::engine {

// Seconds that a device takes for one token of MobiLlama-0.5B in Q4_0.
struct DeviceSpeed {
    double promptSeconds = 0;  // of a prompt, where many are computed at once
    double replySeconds = 0;   // of a reply, where one follows the other
};

// Of MobiLlama-0.5B, four of the 22 layers and as large a part of the vocabulary. In Q4_0 that is 64 MB: more than the
// caches of laptops hold, so that a step reads its weights from where a whole model's lie.
struct ProbeShape {
    std::uint32_t hidden = 2048;
    std::uint32_t ffn = 5632;
    std::uint32_t heads = 32;
    std::uint32_t layers = 4;
    std::uint32_t vocab = 5824;
};

// Sizes are multiples of 32.
[[nodiscard]] ExampleModel probeModel(const ProbeShape& shape);

// Times prompts and then a reply, each the best of a few runs, in a few tenths of a second on a device that is of any
// use; on a slower one as few runs as suffice. `vocab` is the model's. `cancel` is asked between runs. The result is of
// one token of this pass. Throws Error{Cancelled}, and as the forward pass does.
[[nodiscard]] DeviceSpeed measureSpeed(ForwardPass& pass, std::uint32_t vocab, const Cancellation& cancel);

struct Probe {
    DeviceSpeed speed;          // of the whole of MobiLlama-0.5B
    std::vector<float> logits;  // after a short prompt: equal, but for rounding, on devices that compute rightly
};

// Opens `device` with a ProbeModel of `shape`, measures, and closes it again.
// Throws Error as measureSpeed(), makeVulkanForwardPass() and makeCpuForwardPass() do.
[[nodiscard]] Probe probeDevice(const DeviceInfo& device, const ProbeShape& shape, const Cancellation& cancel);

}  // namespace alcove::engine
