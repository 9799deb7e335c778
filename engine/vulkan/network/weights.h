// A model's weights on the device, each distinct piece once.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/vulkan/network/kernels.h"
#include "engine/vulkan/network/matrix.h"

namespace alcove::engine::vulkan {

// Where everything will lie, before anything is allocated.
struct WeightsPlan {
    struct Layer {
        MatrixPlan queryKeyValue;  // headRows of [(heads + 2 · kvHeads) · hd, h]
        MatrixPlan output;         // [h, heads · hd]
    };
    struct FeedForward {
        MatrixPlan gateUp;  // gateUpRows of [2 · f, h]
        MatrixPlan down;    // [h, f]
    };
    MatrixPlan embedding;            // [vocab, h]
    std::optional<MatrixPlan> head;  // [vocab, h]; none: the embedding serves
    std::vector<Layer> layers;
    std::vector<FeedForward> feedForwards;
    std::vector<TensorView> norms;  // attention and feed-forward norm of each layer, then the final one
    std::uint32_t h = 0;

    // Calls `call` with the epilogue and the plan of every matrix.
    void forEach(const std::function<void(Epilogue, const MatrixPlan&)>& call) const;
    [[nodiscard]] std::uint64_t bytes() const;
    [[nodiscard]] std::uint64_t largestTileBytes() const;
    // Eight-bit activations serve quantised weights only, and all projections take the same kind of input.
    [[nodiscard]] bool allQuantized() const;
    [[nodiscard]] KernelNeeds kernelNeeds(ActivationType activations, KvType cache, std::uint32_t headDim) const;
};

[[nodiscard]] WeightsPlan planWeights(const ModelConfig& config, const ModelWeights& weights,
                                      std::uint64_t maxStorageRange);

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

    // Allocates. Throws Error{OutOfMemory}.
    Weights(const Device& device, const WeightsPlan& plan, const ModelWeights& weights);
    // Fills everything from the tensors of the plan it was made from, and waits for it. Must outlive the uploader.
    // Throws Error{NotFinite, DeviceLost} and what the uploader's callback throws.
    void upload(Uploader& uploader, const WeightsPlan& plan, const Cancellation& cancel) const;

    [[nodiscard]] const Matrix& headMatrix() const { return head ? *head : embedding; }
};

}  // namespace alcove::engine::vulkan
