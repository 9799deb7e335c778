#include "engine/cpu/weights.h"

#include <algorithm>

#include "engine/base/error.h"
#include "engine/checkpoint/finite.h"
#include "engine/checkpoint/quantization.h"

namespace alcove::engine::cpu {

namespace {

constexpr std::uint64_t kAlignment = 64;

std::uint64_t aligned(std::uint64_t bytes) {
    return (bytes + kAlignment - 1) / kAlignment * kAlignment;
}

std::vector<float> normFrom(const TensorView& tensor) {
    requireFinite(tensor);
    std::vector<float> values(tensor.bytes.size() / dtypeTraits(tensor.dtype).blockBytes *
                              dtypeTraits(tensor.dtype).blockElements);
    dequantize(tensor.dtype, tensor.bytes, values);
    return values;
}

// What is read together lies together, and is one stream. The second of two equal matrices lies behind the first.
void interleave(PackedMatrix& first, PackedMatrix& second) {
    if (first.groupBytes() == second.groupBytes() && first.data + first.bytes() == second.data) {
        second.data = first.data + first.groupBytes();
        first.stride = second.stride = 2 * first.groupBytes();
    }
}

}  // namespace

Weights::Weights(const ModelWeights& weights)
    : embedding(shapeFor(weights.embedding)), head(shapeFor(weights.head)), m_tied(weights.tiedEmbedding) {
    for (const LayerWeights& layer : weights.layers) {
        layers.push_back({.query = shapeFor(layer.query),
                          .key = shapeFor(layer.key),
                          .value = shapeFor(layer.value),
                          .output = shapeFor(layer.output),
                          .attentionNorm = {},
                          .feedForwardNorm = {},
                          .feedForward = layer.feedForward});
    }
    for (const FeedForwardWeights& block : weights.feedForwards) {
        feedForwards.push_back({shapeFor(block.gate), shapeFor(block.up), shapeFor(block.down)});
    }
}

std::vector<Weights::Part> Weights::parts(const ModelWeights& weights) {
    std::vector<Part> result = {{&embedding, &weights.embedding}};
    for (std::size_t i = 0; i < feedForwards.size(); ++i) {
        result.push_back({&feedForwards[i].gate, &weights.feedForwards[i].gate});
        result.push_back({&feedForwards[i].up, &weights.feedForwards[i].up});
        result.push_back({&feedForwards[i].down, &weights.feedForwards[i].down});
    }
    for (std::size_t i = 0; i < layers.size(); ++i) {
        result.push_back({&layers[i].query, &weights.layers[i].query});
        result.push_back({&layers[i].key, &weights.layers[i].key});
        result.push_back({&layers[i].value, &weights.layers[i].value});
        result.push_back({&layers[i].output, &weights.layers[i].output});
    }
    if (!m_tied) {
        result.push_back({&head, &weights.head});
    }
    return result;
}

std::uint64_t Weights::bytes() const {
    std::uint64_t total = aligned(embedding.bytes()) + (m_tied ? 0 : aligned(head.bytes()));
    for (const Layer& layer : layers) {
        total += aligned(layer.query.bytes()) + aligned(layer.key.bytes()) + aligned(layer.value.bytes()) +
                 aligned(layer.output.bytes());
    }
    for (const FeedForward& block : feedForwards) {
        total += aligned(block.gate.bytes()) + aligned(block.up.bytes()) + aligned(block.down.bytes());
    }
    return total + (2 * layers.size() + 1) * embedding.columns * sizeof(float);
}

void Weights::load(const ModelWeights& weights, ThreadTeam& team, const std::function<void(double)>& progress,
                   const Cancellation& cancel) {
    for (std::size_t i = 0; i < layers.size(); ++i) {
        layers[i].attentionNorm = normFrom(weights.layers[i].attentionNorm);
        layers[i].feedForwardNorm = normFrom(weights.layers[i].feedForwardNorm);
    }
    finalNorm = normFrom(weights.finalNorm);
    const std::vector<Part> all = parts(weights);
    std::uint64_t total = 0;
    for (const Part& part : all) {
        total += aligned(part.matrix->bytes());
    }
    m_memory = LargeMemory(total);
    std::uint64_t done = 0;
    for (const Part& part : all) {
        part.matrix->data = m_memory.data() + done;
        done += aligned(part.matrix->bytes());
    }
    for (FeedForward& block : feedForwards) {
        interleave(block.gate, block.up);
    }
    done = 0;
    for (const Part& part : all) {
        PackedMatrix& matrix = *part.matrix;
        std::atomic<bool> finite = true;
        const std::size_t step = std::max<std::size_t>(1, kBytesBetweenQuestions / matrix.groupBytes());
        for (std::size_t first = 0; first < matrix.groups(); first += step) {
            const std::size_t count = std::min(step, matrix.groups() - first);
            team.run([&](unsigned member) {
                team.share(member, count, [&](std::size_t group) {
                    if (!packGroup(matrix, first + group, *part.tensor)) {
                        finite.store(false, std::memory_order_relaxed);
                    }
                });
            });
            if (!finite) {
                requireFinite(*part.tensor);  // says where
            }
            cancel.check(ALCOVE_TEXT("engine", "Opening the model was cancelled."));
            if (progress) {
                progress(static_cast<double>(done + (first + count) * matrix.groupBytes()) /
                         static_cast<double>(total));
            }
        }
        done += aligned(matrix.bytes());
    }
    if (m_tied) {
        head = embedding;
    }
}

}  // namespace alcove::engine::cpu
