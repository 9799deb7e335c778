// Finds feed-forward blocks that are one and the same (MobiLlama, arXiv 2402.16840: one MLP for all layers).
//
// Published files store it in several ways: many names on one storage, several tensors with equal bytes, or a name in
// one layer only. All of them are the same model, and one block is kept.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "engine/base/cancellation.h"
#include "engine/checkpoint/checkpoint.h"

namespace alcove::engine {

// What one layer names; null: nothing.
struct NamedFeedForward {
    const TensorView* gate = nullptr;
    const TensorView* up = nullptr;
    const TensorView* down = nullptr;
};

enum class Projection { Gate, Up, Down };

struct FeedForwards {
    std::vector<FeedForwardWeights> blocks;  // distinct ones, in the order of the first layers that use them
    std::vector<std::size_t> blockOfLayer;
    Sharing sharing = Sharing::None;
    // Set if a layer lacks a tensor and the other layers do not all agree on one; then nothing else is.
    std::optional<std::pair<std::size_t, Projection>> missing;
};

// Shapes are not looked at here. Throws Error{Cancelled}.
[[nodiscard]] FeedForwards shareFeedForwards(std::span<const NamedFeedForward> layers, const Cancellation& cancel = {});

}  // namespace alcove::engine
