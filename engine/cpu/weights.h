// A model's weights in the kernels' layout, each distinct tensor once.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "engine/checkpoint/checkpoint.h"
#include "engine/cpu/memory.h"
#include "engine/cpu/packed_matrix.h"
#include "engine/cpu/thread_team.h"

namespace alcove::engine::cpu {

struct Weights {
    struct Layer {
        PackedMatrix query;   // [heads · headDim, h]
        PackedMatrix key;     // [kvHeads · headDim, h]
        PackedMatrix value;   // [kvHeads · headDim, h]
        PackedMatrix output;  // [h, heads · headDim]
        std::vector<float> attentionNorm;
        std::vector<float> feedForwardNorm;
        std::size_t feedForward = 0;
    };
    struct FeedForward {
        PackedMatrix gate;  // [f, h]
        PackedMatrix up;    // [f, h]; groups of the two take turns in memory if they are of one type
        PackedMatrix down;  // [h, f]
    };
    PackedMatrix embedding;  // [vocab, h]
    PackedMatrix head;       // [vocab, h]; the embedding's bytes when tied
    std::vector<Layer> layers;
    std::vector<FeedForward> feedForwards;
    std::vector<float> finalNorm;

    // The shapes; nothing is allocated yet.
    explicit Weights(const ModelWeights& weights);

    [[nodiscard]] std::uint64_t bytes() const;

    // Allocates and fills everything from the weights it was made with; they are not needed afterwards. `progress`
    // (0..1, may be empty) is called and `cancel` asked now and then on the calling thread.
    // Throws Error{OutOfMemory, NotFinite, Cancelled}.
    void load(const ModelWeights& weights, ThreadTeam& team, const std::function<void(double)>& progress,
              const Cancellation& cancel);

private:
    struct Part {
        PackedMatrix* matrix;
        const TensorView* tensor;
    };
    [[nodiscard]] std::vector<Part> parts(const ModelWeights& weights);

    bool m_tied = false;
    LargeMemory m_memory;
};

}  // namespace alcove::engine::cpu
