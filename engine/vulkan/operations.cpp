#include "engine/vulkan/operations.h"

#include <cmath>

#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

std::uint32_t groups(std::uint32_t items, std::uint32_t perGroup) {
    return (items + perGroup - 1) / perGroup;
}

}  // namespace

Embedding::Embedding(const OperationContext& context, const Matrix& table, const Buffer& x)
    : m_kernels(context.kernels), m_table(&table), m_x(&x) {
    for (const Matrix::Part& part : table.parts()) {
        m_sets.push_back(
            context.descriptors->allocate(m_kernels->embed(part.dtype), {&part.buffer, &x}, context.state));
    }
}

void Embedding::record(Recorder& recorder, std::uint32_t n) const {
    recorder.access({}, {m_x});
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        const Matrix::Part& part = m_table->parts()[i];
        const EmbedPush push{.blocks = m_table->blocks(), .firstRow = part.firstRow, .rows = part.rows};
        recorder.dispatch(m_kernels->embed(part.dtype), m_sets[i], push,
                          groups(push.blocks, ALCOVE_ELEMENTWISE_INVOCATIONS), n);
    }
}

RmsNorm::RmsNorm(const OperationContext& context, const Buffer& x, const Buffer& gammas, const Buffer& y,
                 std::uint32_t h, std::uint32_t norm, float epsilon)
    : m_kernels(context.kernels),
      m_x(&x),
      m_gammas(&gammas),
      m_y(&y),
      m_h(h),
      m_norm(norm),
      m_epsilon(epsilon),
      m_set(context.descriptors->allocate(m_kernels->rmsNorm(), {&x, &gammas, &y})) {
}

void RmsNorm::record(Recorder& recorder, std::uint32_t n, std::uint32_t firstToken) const {
    recorder.access({m_x, m_gammas}, {m_y});
    const std::uint32_t pitch = rowPitch(m_h);
    const RmsNormPush push{
        .size = m_h, .pitch = pitch, .weightStart = m_norm * pitch, .firstToken = firstToken, .epsilon = m_epsilon};
    recorder.dispatch(m_kernels->rmsNorm(), m_set, push, n);
}

Projection::Projection(const OperationContext& context, const Matrix& w, const Buffer& x, const Buffer& y, Into into)
    : m_kernels(context.kernels), m_w(&w), m_x(&x), m_y(&y), m_into(into) {
    for (const Matrix::Part& part : w.parts()) {
        // Fits the kernel for many tokens too: their inputs are declared alike.
        m_sets.push_back(context.descriptors->allocate(m_kernels->matmulOne(part.dtype), {&part.buffer, &x, &y}));
    }
}

void Projection::record(Recorder& recorder, std::uint32_t n) const {
    recorder.access({m_x}, {m_y});
    const MatmulShape& shape = n == 1 ? m_kernels->tuning().one : m_kernels->tuning().many;
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        const Matrix::Part& part = m_w->parts()[i];
        const MatmulPush push{.rows = part.rows,
                              .blocks = m_w->blocks(),
                              .tokens = n,
                              .outputPitch = rowPitch(m_w->rows()),
                              .firstOutput = part.firstRow,
                              .accumulate = m_into == Into::Add ? 1U : 0U};
        recorder.dispatch(n == 1 ? m_kernels->matmulOne(part.dtype) : m_kernels->matmulMany(part.dtype), m_sets[i],
                          push, groups(part.rows, shape.rowsPerGroup()), groups(n, shape.columns));
    }
}

std::uint32_t qkvPitch(const AttentionShape& shape) {
    return rowPitch((std::uint64_t{shape.heads} + std::uint64_t{2} * shape.cache.kvHeads) * shape.cache.headDim);
}

RopeStore::RopeStore(const OperationContext& context, const AttentionShape& shape,
                     const std::vector<KvCache::Part>& cache, const Buffer& qkv, const Buffer& angles)
    : m_kernels(context.kernels), m_shape(shape), m_cache(&cache), m_qkv(&qkv), m_angles(&angles) {
    for (const KvCache::Part& part : cache) {
        m_sets.push_back(context.descriptors->allocate(m_kernels->ropeStore(),
                                                       {&qkv, &angles, &part.keys, &part.values}, context.state));
    }
}

void RopeStore::record(Recorder& recorder, std::uint32_t n) const {
    const std::uint32_t group = m_shape.heads / m_shape.cache.kvHeads;
    // Each part rotates queries of its own in qkv.
    recorder.access({m_angles}, {m_qkv});
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        const KvCache::Part& part = (*m_cache)[i];
        recorder.access({}, {&part.keys, &part.values});
        const RopePush push{.pitch = qkvPitch(m_shape),
                            .firstQueryHead = part.firstHead * group,
                            .queryHeads = part.heads * group,
                            .firstKvHead = part.firstHead,
                            .kvHeads = part.heads,
                            .totalQueryHeads = m_shape.heads,
                            .totalKvHeads = m_shape.cache.kvHeads,
                            .headDim = m_shape.cache.headDim,
                            .cachePitch = m_shape.cache.pitch(),
                            .contextSize = m_shape.cache.contextSize};
        const std::uint32_t pairs = (push.queryHeads + 2 * push.kvHeads) * (push.headDim / 2);
        recorder.dispatch(m_kernels->ropeStore(), m_sets[i], push, groups(pairs, ALCOVE_ELEMENTWISE_INVOCATIONS), n);
    }
}

Attention::Attention(const OperationContext& context, const AttentionShape& shape,
                     const std::vector<KvCache::Part>& cache, const Buffer& qkv, const Buffer& y)
    : m_kernels(context.kernels), m_shape(shape), m_cache(&cache), m_qkv(&qkv), m_y(&y) {
    for (const KvCache::Part& part : cache) {
        m_sets.push_back(
            context.descriptors->allocate(m_kernels->attention(), {&qkv, &part.keys, &part.values, &y}, context.state));
    }
}

void Attention::record(Recorder& recorder, std::uint32_t n) const {
    const std::uint32_t group = m_shape.heads / m_shape.cache.kvHeads;
    // Each part writes heads of its own in y.
    recorder.access({m_qkv}, {m_y});
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        const KvCache::Part& part = (*m_cache)[i];
        recorder.access({&part.keys, &part.values}, {});
        const AttentionPush push{.pitch = qkvPitch(m_shape),
                                 .outputPitch = rowPitch(std::uint64_t{m_shape.heads} * m_shape.cache.headDim),
                                 .firstQueryHead = part.firstHead * group,
                                 .headsPerKvHead = group,
                                 .headDim = m_shape.cache.headDim,
                                 .cachePitch = m_shape.cache.pitch(),
                                 .contextSize = m_shape.cache.contextSize,
                                 .scale = 1.0F / std::sqrt(static_cast<float>(m_shape.cache.headDim))};
        recorder.dispatch(m_kernels->attention(), m_sets[i], push, part.heads * group, n);
    }
}

Swiglu::Swiglu(const OperationContext& context, const Buffer& gateUp, const Buffer& y, std::uint32_t f)
    : m_kernels(context.kernels),
      m_gateUp(&gateUp),
      m_y(&y),
      m_f(f),
      m_set(context.descriptors->allocate(m_kernels->swiglu(), {&gateUp, &y})) {
}

void Swiglu::record(Recorder& recorder, std::uint32_t n) const {
    recorder.access({m_gateUp}, {m_y});
    const SwigluPush push{.size = m_f, .inputPitch = rowPitch(std::uint64_t{2} * m_f), .outputPitch = rowPitch(m_f)};
    recorder.dispatch(m_kernels->swiglu(), m_set, push, groups(m_f, ALCOVE_ELEMENTWISE_INVOCATIONS), n);
}

}  // namespace alcove::engine::vulkan
