// The steps of the forward pass. Each binds one kernel to its buffers when it is made, and records itself for n
// tokens as often as asked. Buffers and kernels must outlive the operation.
//
// Shapes are written [rows, columns]; a row of activations is rowPitch(columns) floats, zero beyond its columns.
#pragma once

#include <cstdint>
#include <vector>

#include "engine/vulkan/descriptors.h"
#include "engine/vulkan/kernels.h"
#include "engine/vulkan/kv_cache.h"
#include "engine/vulkan/matrix.h"
#include "engine/vulkan/recorder.h"

namespace alcove::engine::vulkan {

// What every operation is made from.
struct OperationContext {
    const Kernels* kernels;
    DescriptorAllocator* descriptors;
    const Buffer* state;  // struct State of shaders/interface.h
};

// x [n, h] = rows of table [vocab, h] for the tokens in the state.
class Embedding {
public:
    Embedding(const OperationContext& context, const Matrix& table, const Buffer& x);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    const Kernels* m_kernels;
    const Matrix* m_table;
    const Buffer* m_x;
    std::vector<VkDescriptorSet> m_sets;  // one per part of the table
};

// y [n, h] = x [n, h] / rms(x) · γ, where γ is row `norm` of gammas [norms, h].
class RmsNorm {
public:
    RmsNorm(const OperationContext& context, const Buffer& x, const Buffer& gammas, const Buffer& y, std::uint32_t h,
            std::uint32_t norm, float epsilon);
    // Row i of y is made from row firstToken + i of x.
    void record(Recorder& recorder, std::uint32_t n, std::uint32_t firstToken = 0) const;

private:
    const Kernels* m_kernels;
    const Buffer* m_x;
    const Buffer* m_gammas;
    const Buffer* m_y;
    std::uint32_t m_h;
    std::uint32_t m_norm;
    float m_epsilon;
    VkDescriptorSet m_set;
};

// y [n, out] = x [n, in] · Wᵗ, or y += x · Wᵗ, for w [out, in].
class Projection {
public:
    enum class Into { Overwrite, Add };
    Projection(const OperationContext& context, const Matrix& w, const Buffer& x, const Buffer& y, Into into);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    const Kernels* m_kernels;
    const Matrix* m_w;
    const Buffer* m_x;
    const Buffer* m_y;
    Into m_into;
    std::vector<VkDescriptorSet> m_sets;  // one per part of the matrix
};

struct AttentionShape {
    std::uint32_t heads = 0;  // of queries; a multiple of the cache's kvHeads
    KvCacheShape cache;
};

// Rotates the queries in qkv [n, (heads + 2 · kvHeads) · hd] in place, and stores rotated keys and plain values at
// the positions from state.position on.
class RopeStore {
public:
    // angles [context, hd / 2] holds pairs of cosine and sine.
    RopeStore(const OperationContext& context, const AttentionShape& shape, const std::vector<KvCache::Part>& cache,
              const Buffer& qkv, const Buffer& angles);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    const Kernels* m_kernels;
    AttentionShape m_shape;
    const std::vector<KvCache::Part>* m_cache;
    const Buffer* m_qkv;
    const Buffer* m_angles;
    std::vector<VkDescriptorSet> m_sets;  // one per part of the cache
};

// y [n, heads · hd] = softmax(q · Kᵗ / √hd) · V, causal, for the queries in qkv.
class Attention {
public:
    Attention(const OperationContext& context, const AttentionShape& shape, const std::vector<KvCache::Part>& cache,
              const Buffer& qkv, const Buffer& y);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    const Kernels* m_kernels;
    AttentionShape m_shape;
    const std::vector<KvCache::Part>* m_cache;
    const Buffer* m_qkv;
    const Buffer* m_y;
    std::vector<VkDescriptorSet> m_sets;  // one per part of the cache
};

// y [n, f] = silu(gate) · up for gateUp [n, 2 · f].
class Swiglu {
public:
    Swiglu(const OperationContext& context, const Buffer& gateUp, const Buffer& y, std::uint32_t f);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    const Kernels* m_kernels;
    const Buffer* m_gateUp;
    const Buffer* m_y;
    std::uint32_t m_f;
    VkDescriptorSet m_set;
};

// Floats of a row of qkv.
[[nodiscard]] std::uint32_t qkvPitch(const AttentionShape& shape);

}  // namespace alcove::engine::vulkan
