// Finds the tuning that a device runs fastest, among those that compute what the plain one computes.
//
// Which kernel is the quickest cannot be derived from a device's features: the same dot product helps one graphics
// processor and hurts another. So a few are tried, on matrices of the model's own shape, when a device first meets that
// shape.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/checkpoint/model_config.h"
#include "engine/checkpoint/tensor.h"
#include "engine/model/forward_pass.h"
#include "engine/vulkan/tuning/tuning.h"

namespace alcove::engine {
struct ExampleModel;
}

namespace alcove::engine::vulkan {

struct TuningTrial {
    KernelSelection selection;
    std::optional<double> seconds;  // of a short exchange; none: it failed, or computed something else
};

struct TuningSearch {
    KernelSelection best;
    std::vector<TuningTrial> trials;  // the plain one first
};

// Tries the plain selection, then in each round alternatives() of the best so far. A selection takes the
// place of the best if it is clearly faster. If even the plain one has no time, nothing else is tried.
[[nodiscard]] TuningSearch searchTuning(const PhysicalDevice& device,
                                        const std::function<std::optional<double>(const KernelSelection&)>& secondsOf);

// Opens an example model with a tuning on the device that is searched.
using OpenExample = std::function<std::unique_ptr<ForwardPass>(const KernelSelection&, const ExampleModel&)>;

// searchTuning() by running an example with the widths of `config` and matrices of `dtype`: a selection whose logits
// differ from the plain one's by more than rounding is out, as is one that throws (but Error{Cancelled} is passed on).
[[nodiscard]] TuningSearch tryTunings(const PhysicalDevice& device, const ModelConfig& config, DType dtype,
                                      const OpenExample& open);

}  // namespace alcove::engine::vulkan
