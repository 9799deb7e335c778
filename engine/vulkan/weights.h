// A model's weights on the device, each distinct piece once.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/vulkan/matrix.h"

namespace alcove::engine::vulkan {

// Where everything will lie, before anything is allocated.
struct WeightsPlan {
    struct Layer {
        MatrixPlan queryKeyValue;  // [(heads + 2 · kvHeads) · hd, h]: queries, keys, values
        MatrixPlan output;         // [h, heads · hd]
    };
    struct FeedForward {
        MatrixPlan gateUp;  // [2 · f, h]: gate, up
        MatrixPlan down;    // [h, f]
    };
    MatrixPlan embedding;            // [vocab, h]
    std::optional<MatrixPlan> head;  // [vocab, h]; none: the embedding serves
    std::vector<Layer> layers;
    std::vector<FeedForward> feedForwards;
    std::vector<TensorView> norms;  // attention and feed-forward norm of each layer, then the final one
    std::uint32_t h = 0;

    [[nodiscard]] std::uint64_t bytes() const;
};

[[nodiscard]] WeightsPlan planWeights(const ModelWeights& weights, std::uint64_t maxStorageRange,
                                      std::uint32_t maxRowsPerPart);

struct Weights {
    struct Layer {
        Matrix queryKeyValue;
        Matrix output;
        std::size_t feedForward = 0;
    };
    struct FeedForward {
        Matrix gateUp;
        Matrix down;
    };
    Matrix embedding;
    std::optional<Matrix> head;
    std::vector<Layer> layers;
    std::vector<FeedForward> feedForwards;
    Buffer norms;  // [2 · layers + 1, h] in f32

    [[nodiscard]] std::vector<DType> dtypes() const;  // of the matrices, with repetitions

    // Allocates. Throws Error{OutOfMemory}.
    Weights(const Device& device, const WeightsPlan& plan, const ModelWeights& weights);
    // Fills everything from the tensors of the plan it was made from, and waits for it. Must outlive the uploader.
    // Throws Error{NotFinite, DeviceLost} and what the uploader's callback throws.
    void upload(Uploader& uploader, const WeightsPlan& plan) const;
};

}  // namespace alcove::engine::vulkan
