// The steps of the forward pass. Each binds one kernel to its buffers when it is made, and records itself for n
// tokens as often as asked. Buffers and kernels must outlive the operation.
//
// Shapes are written [rows, columns]. An input is a row of floats or of eight-bit activations, as the kernels were
// made for (shaders/interface.h).
#pragma once

#include <cstdint>
#include <vector>

#include "engine/vulkan/execution/recorder.h"
#include "engine/vulkan/network/kernels.h"
#include "engine/vulkan/network/kv_cache.h"
#include "engine/vulkan/network/matrix.h"
#include "engine/vulkan/resources/activations.h"
#include "engine/vulkan/resources/descriptors.h"

namespace alcove::engine::vulkan {

// What every operation is made from.
struct OperationContext {
    const Kernels* kernels;
    DescriptorAllocator* descriptors;
    const ActivationShape* shape;
    const Buffer* state;  // struct DecodeState of shaders/interface.h
    float epsilon;        // of RMSNorm
};

// Where the residual stream goes, and what the norm that comes next gets of it.
struct NormedStream {
    const Buffer* x;        // [n, h] floats
    const Buffer* z;        // [n, h] γ ⊙ x, an input
    const Buffer* squares;  // [n, blocks of h] floats
    const Buffer* gammas;   // [norms, h] floats
};

// x [n, h] = rows of table [vocab, h] for the tokens in the state; z for norm `norm`.
class Embedding {
public:
    Embedding(const OperationContext& context, const Matrix& table, const NormedStream& stream, std::uint32_t norm);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    OperationContext m_context;
    const Matrix* m_table;
    NormedStream m_stream;
    std::uint32_t m_norm;
    std::vector<VkDescriptorSet> m_sets;  // one per part of the table
};

// An input with, if it is z, what is needed to normalise it.
struct ProjectionInput {
    const Buffer* values;
    const Buffer* squares;  // of z; null: taken as it is
};

// One matrix times an input, and what follows.
class Projection {
public:
    virtual ~Projection() = default;
    Projection(Projection&&) = default;
    Projection& operator=(Projection&&) = default;
    // Row i of the output is made from row firstToken + i of the input.
    void record(Recorder& recorder, std::uint32_t n, std::uint32_t firstToken = 0) const;

protected:
    Projection(const OperationContext& context, Epilogue epilogue, const Matrix& w, const ProjectionInput& input);
    // Binds every part of the matrix, followed by `outputs`.
    void bind(const Buffer& values, std::initializer_list<const Buffer*> outputs);

    OperationContext m_context;
    ProjectPush m_push{};
    std::vector<const Buffer*> m_reads;
    std::vector<const Buffer*> m_writes;

private:
    Epilogue m_epilogue;
    const Matrix* m_w;
    std::vector<VkDescriptorSet> m_sets;  // one per part of the matrix
};

// y [n, rows] floats = input · Wᵗ.
class StoreProjection final : public Projection {
public:
    StoreProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input, const Buffer& y);
};

// x += input · Wᵗ; z for norm `nextNorm`.
class ResidualProjection final : public Projection {
public:
    ResidualProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                       const NormedStream& stream, std::uint32_t nextNorm);
};

// activated [n, f], an input = silu(gate) · up, for a matrix of gateUpRows.
class SwigluProjection final : public Projection {
public:
    SwigluProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                     const Buffer& activated);
};

struct AttentionShape {
    std::uint32_t heads = 0;  // of queries; a multiple of the cache's kvHeads
    KvCacheShape cache;
};

// queries [n, heads, headBlocks · 32] rotated, and keys, rotated, and values stored at the positions from
// state.position on, for a matrix of headRows.
class RopeProjection final : public Projection {
public:
    // angles [context, headBlocks · 16] pairs of cosine and sine, of ropeAngles.
    RopeProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                   const AttentionShape& shape, const KvCache::Layer& cache, const Buffer& queries,
                   const Buffer& angles);
};

// attended [n, heads · hd], an input = softmax(q · Kᵗ / √hd) · V, causal. `heads` takes the floats on the way where
// a head is no whole number of blocks.
class Attention {
public:
    Attention(const OperationContext& context, const AttentionShape& shape, const KvCache::Layer& cache,
              const Buffer& queries, const Buffer& heads, const Buffer& attended);
    void record(Recorder& recorder, std::uint32_t n) const;

private:
    OperationContext m_context;
    AttentionShape m_shape;
    const KvCache::Layer* m_cache;
    const Buffer* m_queries;
    const Buffer* m_heads;  // null: written as an input at once
    const Buffer* m_attended;
    VkDescriptorSet m_set;
    VkDescriptorSet m_quantizeSet = VK_NULL_HANDLE;
};

}  // namespace alcove::engine::vulkan
