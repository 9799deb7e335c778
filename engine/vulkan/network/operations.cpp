#include "engine/vulkan/network/operations.h"

#include <algorithm>
#include <cmath>

#include "shaders/interface.h"

namespace alcove::engine::vulkan {

namespace {

std::uint32_t groups(std::uint32_t items, std::uint32_t perGroup) {
    return (items + perGroup - 1) / perGroup;
}

// A row of an output that is an input of the next step: words as eight-bit activations, floats otherwise.
std::uint32_t outputPitch(const ActivationShape& shape, std::uint64_t elements) {
    return shape.type == ActivationType::Bytes ? bytePitch(elements) : floatPitch(elements);
}

}  // namespace

Embedding::Embedding(const OperationContext& context, const Matrix& table, const NormedStream& stream,
                     std::uint32_t norm)
    : m_context(context), m_table(&table), m_stream(stream), m_norm(norm) {
    for (const Matrix::Part& part : table.parts()) {
        m_sets.push_back(context.descriptors->allocate(
            context.kernels->embed(),
            {&part.buffer, stream.gammas, stream.x, stream.z, stream.squares, context.state}));
    }
}

void Embedding::record(Recorder& recorder, std::uint32_t n) const {
    recorder.access({m_context.state}, {m_stream.x, m_stream.z, m_stream.squares});
    const std::uint32_t h = m_table->columns();
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        const Matrix::Part& part = m_table->parts()[i];
        const std::uint32_t firstRow = part.firstTile * ALCOVE_TILE_ROWS;
        const EmbedPush push{.tileWords = tileWords(m_table->dtype(), h),
                             .blockCount = blocksOf(h),
                             .firstRow = firstRow,
                             .rows = std::min(part.tiles * ALCOVE_TILE_ROWS, m_table->rows() - firstRow),
                             .pitch = floatPitch(h),
                             .activationPitch = outputPitch(*m_context.shape, h),
                             .squaresPitch = squaresPitch(h),
                             .gammaStart = m_norm * (floatPitch(h) / kWordFloats)};
        recorder.dispatch(m_context.kernels->embed(), m_sets[i], push, blocksOf(h), n);
    }
}

Projection::Projection(const OperationContext& context, Epilogue epilogue, const Matrix& w,
                       const ProjectionInput& input)
    : m_context(context), m_reads({input.values}), m_epilogue(epilogue), m_w(&w) {
    m_push.tileWords = tileWords(w.dtype(), w.columns());
    m_push.groups = rowGroups(w.dtype(), w.columns());
    m_push.rows = w.rows();
    m_push.inputPitch = context.shape->inputWords(w.columns());
    m_push.epsilon = context.epsilon;
    if (input.squares != nullptr) {
        m_push.squaresPitch = squaresPitch(w.columns()) / kWordFloats;
        m_push.squaresCount = w.columns();
        m_reads.push_back(input.squares);
    }
}

void Projection::bind(const Buffer& values, std::initializer_list<const Buffer*> outputs) {
    // Without sums of squares something must be bound all the same.
    const Buffer* squares = m_reads.size() > 1 ? m_reads[1] : &values;
    for (const Matrix::Part& part : m_w->parts()) {
        std::vector<const Buffer*> buffers = {&part.buffer, &values, squares};
        buffers.insert(buffers.end(), outputs);
        m_sets.push_back(m_context.descriptors->allocate(
            m_context.kernels->project(m_epilogue, m_w->dtype(), TokenCount::One), buffers));
    }
}

void Projection::record(Recorder& recorder, std::uint32_t n, std::uint32_t firstToken) const {
    recorder.access(m_reads, m_writes);
    const TokenCount kind = m_context.kernels->kindOf(m_w->dtype(), n);
    for (std::size_t i = 0; i < m_sets.size(); ++i) {
        const Matrix::Part& part = m_w->parts()[i];
        ProjectPush push = m_push;
        push.firstTile = part.firstTile;
        push.firstToken = firstToken;
        push.tokens = n;
        recorder.dispatch(m_context.kernels->project(m_epilogue, m_w->dtype(), kind), m_sets[i], push,
                          groups(n, m_context.kernels->tokensOf(m_epilogue, kind)),
                          groups(part.tiles, m_context.kernels->tilesOf(m_epilogue)));
    }
}

StoreProjection::StoreProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                                 const Buffer& y)
    : Projection(context, Epilogue::Store, w, input) {
    m_writes = {&y};
    m_push.outputPitch = floatPitch(w.rows());
    bind(*input.values, {&y});
}

ResidualProjection::ResidualProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                                       const NormedStream& stream, std::uint32_t nextNorm)
    : Projection(context, Epilogue::Residual, w, input) {
    m_writes = {stream.x, stream.z, stream.squares};
    m_push.outputPitch = floatPitch(w.rows());
    m_push.nextPitch = outputPitch(*context.shape, w.rows());
    m_push.nextSquares = squaresPitch(w.rows());
    m_push.gammaStart = nextNorm * (floatPitch(w.rows()) / kWordFloats);
    bind(*input.values, {stream.x, stream.z, stream.squares, stream.gammas, stream.x});
}

SwigluProjection::SwigluProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                                   const Buffer& activated)
    : Projection(context, Epilogue::Swiglu, w, input) {
    m_writes = {&activated};
    m_push.outputPitch = outputPitch(*context.shape, context.shape->f);
    bind(*input.values, {&activated});
}

RopeProjection::RopeProjection(const OperationContext& context, const Matrix& w, const ProjectionInput& input,
                               const AttentionShape& shape, const KvCache::Layer& cache, const Buffer& queries,
                               const Buffer& angles)
    : Projection(context, Epilogue::Rope, w, input) {
    m_reads.push_back(context.state);
    m_writes = {&queries, &cache.keys, &cache.values};
    m_push.outputPitch = context.shape->queries;
    m_push.headBlocks = shape.cache.headBlocks();
    m_push.queryHeads = shape.heads;
    m_push.kvHeads = shape.cache.kvHeads;
    m_push.contextTiles = shape.cache.contextTiles();
    bind(*input.values, {&queries, &cache.keys, &cache.values, &angles, context.state});
}

Attention::Attention(const OperationContext& context, const AttentionShape& shape, const KvCache::Layer& cache,
                     const Buffer& queries, const Buffer& heads, const Buffer& attended)
    : m_context(context),
      m_shape(shape),
      m_cache(&cache),
      m_queries(&queries),
      m_heads(context.shape->attentionWritesInput(shape.cache.headDim) ? nullptr : &heads),
      m_attended(&attended),
      m_set(context.descriptors->allocate(
          context.kernels->attention(),
          {&queries, &cache.keys, &cache.values, m_heads != nullptr ? &heads : &attended, context.state})) {
    if (m_heads != nullptr) {
        m_quantizeSet = context.descriptors->allocate(context.kernels->quantize(), {&heads, &attended});
    }
}

void Attention::record(Recorder& recorder, std::uint32_t n) const {
    const std::uint32_t elements = m_context.shape->attended;
    recorder.access({m_queries, &m_cache->keys, &m_cache->values, m_context.state},
                    {m_heads != nullptr ? m_heads : m_attended});
    const AttentionPush push{
        .tokens = n,
        .queryPitch = m_context.shape->queries / kWordFloats,
        .outputPitch = m_heads != nullptr ? floatPitch(elements) : outputPitch(*m_context.shape, elements),
        .headsPerKvHead = m_shape.heads / m_shape.cache.kvHeads,
        .kvHeads = m_shape.cache.kvHeads,
        .headBlocks = m_shape.cache.headBlocks(),
        .contextTiles = m_shape.cache.contextTiles(),
        .headDim = m_shape.cache.headDim,
        .scale = 1.0F / std::sqrt(static_cast<float>(m_shape.cache.headDim))};
    recorder.dispatch(m_context.kernels->attention(), m_set, push, m_shape.heads,
                      groups(n, m_context.kernels->attentionTokens()));
    if (m_heads != nullptr) {
        recorder.access({m_heads}, {m_attended});
        const QuantizePush quantize{.blocks = blocksOf(elements),
                                    .inputPitch = floatPitch(elements) / kWordFloats,
                                    .outputPitch = bytePitch(elements)};
        recorder.dispatch(m_context.kernels->quantize(), m_quantizeSet, quantize, quantize.blocks, n);
    }
}

}  // namespace alcove::engine::vulkan
