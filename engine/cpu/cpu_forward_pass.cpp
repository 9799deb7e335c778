#include "engine/cpu/cpu_forward_pass.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <initializer_list>
#include <utility>
#include <vector>

#include "engine/base/error.h"
#include "engine/cpu/activations.h"
#include "engine/cpu/chunk_size.h"
#include "engine/cpu/cpu_memory_plan.h"
#include "engine/cpu/kv_cache.h"
#include "engine/cpu/read_bandwidth.h"
#include "engine/cpu/thread_team.h"
#include "engine/cpu/weights.h"
#include "engine/model/host_sampling.h"
#include "engine/model/memory_plan.h"
#include "engine/model/rope_angles.h"

namespace alcove::engine {

namespace cpu {

namespace {

// Work is divided into units of these sizes: large enough to be read as a stream, small enough that no thread waits
// long.
constexpr std::size_t kUnitGroups = 4;                       // of a matrix's rows
constexpr std::size_t kUnitRows = kUnitGroups * kGroupRows;  // of the feed-forward block, whole quantised ones
static_assert(kUnitRows % kBlockColumns == 0);
constexpr std::size_t kUnitQueries = 16;            // of one key/value head
constexpr std::size_t kHeadTokens = kMaxDraft + 1;  // whose logits are computed at once
constexpr std::size_t kCopied = 4096;               // logits

// Which forms of a row the matrices that read it need.
struct Forms {
    bool floats = false;
    bool quantized = false;
};

Forms formsFor(std::initializer_list<const PackedMatrix*> readers) {
    Forms forms;
    for (const PackedMatrix* matrix : readers) {
        (isQuantized(matrix->dtype) ? forms.quantized : forms.floats) = true;
    }
    return forms;
}

// A matrix and where its product goes.
struct Product {
    const PackedMatrix* matrix;
    float* out;
    std::size_t stride;
};

class CpuForwardPass final : public HostSampledForwardPass {
public:
    CpuForwardPass(const ModelConfig& config, const ModelWeights& weights, const CpuForwardPassOptions& options,
                   const MemoryPlan& plan);

    void evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) override;
    std::uint32_t contextSize() const override { return static_cast<std::uint32_t>(m_cache.shape().contextSize); }
    std::uint32_t chunkSize() const override { return m_chunkSize; }
    std::uint64_t weightBytes() const override { return m_weights.bytes(); }
    std::uint64_t cacheBytes() const override { return m_cache.shape().bytes(); }
    ForwardPassCounters counters() const override { return m_counters; }
    Sentence note() const override { return m_note; }
    double measureReadBandwidth() override { return cpu::measureReadBandwidth(m_kernels, m_team); }

private:
    // One call of evaluate().
    struct Call {
        std::span<const TokenId> tokens;
        std::size_t position = 0;
        std::span<float> logits;
    };

    // Each runs on every member of the team alike, and ends with a barrier.
    template <class Unit>
    void share(unsigned member, std::size_t count, const Unit& unit);
    void pass(unsigned member, const Call& call);
    void normalize(unsigned member, std::size_t firstRow, std::size_t n, const std::vector<float>& gamma, Forms forms);
    void multiply(unsigned member, std::initializer_list<Product> products, const Rows& rows, std::size_t n, bool add,
                  Reading reading, bool backwards);
    void attend(unsigned member, std::size_t layer, const Call& call, bool quantized);
    void feedForward(unsigned member, const Weights::FeedForward& block, std::size_t n, bool backwards);
    void computeLogits(unsigned member, const Call& call);

    void feedForwardUnit(unsigned member, const Weights::FeedForward& block, std::size_t n, std::size_t unit);
    void cacheHead(std::size_t layer, const Call& call, std::size_t head);
    void attendUnit(unsigned member, std::size_t layer, const Call& call, std::size_t head, std::size_t first,
                    bool quantized);

    ModelConfig m_config;
    Sentence m_note;  // what was given up for want of memory
    CpuTuning m_tuning;
    Kernels m_kernels;
    Weights m_weights;
    std::uint32_t m_chunkSize;
    std::vector<float> m_angles;  // [contextSize, headDim / 2] cosines and sines
    KvCache m_cache;
    FloatRows m_x;  // the residual stream
    InputRows m_normed;
    FloatRows m_query;
    FloatRows m_key;
    FloatRows m_value;
    InputRows m_attended;
    InputRows m_activated;
    FloatRows m_headLogits;  // [kHeadTokens, vocab]
    // By member.
    std::vector<FloatRows> m_gateUp;  // [2 · chunk, kUnitRows]
    std::vector<FloatRows> m_heads;   // [kUnitQueries, headDim]
    std::atomic<bool> m_finite = true;
    ForwardPassCounters m_counters;
    ThreadTeam m_team;  // last: destroyed before the data it works on
};

CpuForwardPass::CpuForwardPass(const ModelConfig& config, const ModelWeights& weights,
                               const CpuForwardPassOptions& options, const MemoryPlan& plan)
    : HostSampledForwardPass(config.vocabSize),
      m_config(config),
      m_note(plan.note),
      m_tuning(options.tuning),
      m_kernels(chosenKernels()),
      m_weights(weights),
      m_chunkSize(chunkSizeFor(config, weights, options.threads == 0 ? physicalCores() : options.threads,
                               options.maxChunkSize)),
      m_angles(ropeAngles(plan.contextSize, config.headDim, config.headDim / 2, config.ropeTheta)),
      m_cache(cacheShapeFor(config, plan)),
      m_x(m_chunkSize, config.hiddenSize),
      m_normed(m_chunkSize, config.hiddenSize),
      m_query(m_chunkSize, std::size_t{config.headCount} * config.headDim),
      m_key(m_chunkSize, std::size_t{config.kvHeadCount} * config.headDim),
      m_value(m_chunkSize, std::size_t{config.kvHeadCount} * config.headDim),
      m_attended(m_chunkSize, std::size_t{config.headCount} * config.headDim),
      m_activated(m_chunkSize, config.ffnSize),
      m_headLogits(kHeadTokens, config.vocabSize),
      m_team(options.threads == 0 ? physicalCores() : options.threads) {
    for (unsigned member = 0; member < m_team.size(); ++member) {
        m_gateUp.emplace_back(2 * m_chunkSize, kUnitRows);
        m_heads.emplace_back(kUnitQueries, config.headDim);
    }
    m_weights.load(weights, m_team, options.progress, options.cancel);
}

template <class Unit>
void CpuForwardPass::share(unsigned member, std::size_t count, const Unit& unit) {
    if (member == 0) {
        ++m_counters.dispatches;
        ++m_counters.barriers;
    }
    m_team.share(member, count, unit);
}

// m_normed = RMSNorm(rows of m_x).
void CpuForwardPass::normalize(unsigned member, std::size_t firstRow, std::size_t n, const std::vector<float>& gamma,
                               Forms forms) {
    share(member, n, [&](std::size_t i) {
        m_kernels.rmsNorm(m_x.row(firstRow + i), gamma.data(), m_config.hiddenSize, m_config.rmsNormEpsilon,
                          m_normed.floats(i));
        if (forms.quantized) {
            m_kernels.quantize(m_normed.floats(i), m_config.hiddenSize, m_normed.blocks(), m_normed.quantized(i));
        }
    });
}

void CpuForwardPass::multiply(unsigned member, std::initializer_list<Product> products, const Rows& rows, std::size_t n,
                              bool add, Reading reading, bool backwards) {
    const auto unitsOf = [](const Product& product) {
        return (product.matrix->groups() + kUnitGroups - 1) / kUnitGroups;
    };
    std::size_t units = 0;
    for (const Product& product : products) {
        units += unitsOf(product);
    }
    share(member, units, [&](std::size_t i) {
        std::size_t unit = backwards ? units - 1 - i : i;
        for (const Product& product : products) {
            const std::size_t own = unitsOf(product);
            if (unit < own) {
                const std::size_t first = unit * kUnitGroups;
                m_kernels.product(*product.matrix, first, std::min(kUnitGroups, product.matrix->groups() - first), rows,
                                  n, product.out + first * kGroupRows, product.stride, add, reading);
                return;
            }
            unit -= own;
        }
    });
}

// One key/value head's queries from `first` on, token after token and in each token head after head; with `quantized`
// also that form of the result.
void CpuForwardPass::attendUnit(unsigned member, std::size_t layer, const Call& call, std::size_t head,
                                std::size_t first, bool quantized) {
    const std::size_t group = m_config.headCount / m_config.kvHeadCount;
    const std::size_t dim = m_config.headDim;
    const std::size_t count = std::min(kUnitQueries, call.tokens.size() * group - first);
    std::array<AttendedQuery, kUnitQueries> queries{};
    const auto columnOf = [&](std::size_t i) { return (head * group + (first + i) % group) * dim; };
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t token = (first + i) / group;
        queries[i] = {m_query.row(token) + columnOf(i), m_heads[member].row(i), call.position + token + 1};
    }
    m_kernels.attend(m_cache.head(layer, head), queries.data(), count);
    for (std::size_t i = 0; i < count; ++i) {
        std::copy_n(queries[i].output, dim, m_attended.floats((first + i) / group) + columnOf(i));
    }
    if (quantized) {
        const std::size_t columns = group * dim;
        for (std::size_t token = first / group; token < (first + count) / group; ++token) {
            m_kernels.quantize(m_attended.floats(token) + head * columns, columns, columns / kBlockColumns,
                               m_attended.quantized(token, head * columns / kBlockColumns));
        }
    }
}

// Rotates one head's queries and key and writes key and value into the cache, for all tokens.
void CpuForwardPass::cacheHead(std::size_t layer, const Call& call, std::size_t head) {
    const std::size_t group = m_config.headCount / m_config.kvHeadCount;
    const std::size_t dim = m_config.headDim;
    const CachedHead cached = m_cache.head(layer, head);
    for (std::size_t token = 0; token < call.tokens.size(); ++token) {
        const std::size_t position = call.position + token;
        const float* angles = m_angles.data() + position * dim;
        float* key = m_key.row(token) + head * dim;
        m_kernels.rotate(key, angles, dim);
        m_kernels.store(cached, position, key, m_value.row(token) + head * dim);
        for (std::size_t i = 0; i < group; ++i) {
            m_kernels.rotate(m_query.row(token) + (head * group + i) * dim, angles, dim);
        }
    }
}

void CpuForwardPass::attend(unsigned member, std::size_t layer, const Call& call, bool quantized) {
    const std::size_t n = call.tokens.size();
    const std::size_t group = m_config.headCount / m_config.kvHeadCount;
    const std::size_t columns = group * m_config.headDim;
    const std::size_t units = (n * group + kUnitQueries - 1) / kUnitQueries;
    // Whether a unit computes whole blocks of the next matrix' input.
    const bool whole = columns % kBlockColumns == 0 && kUnitQueries % group == 0;
    if (units == 1) {
        share(member, m_config.kvHeadCount, [&](std::size_t head) {
            cacheHead(layer, call, head);
            attendUnit(member, layer, call, head, 0, quantized && whole);
        });
    } else {
        share(member, m_config.kvHeadCount, [&](std::size_t head) { cacheHead(layer, call, head); });
        share(member, m_config.kvHeadCount * units, [&](std::size_t unit) {
            attendUnit(member, layer, call, unit / units, unit % units * kUnitQueries, quantized && whole);
        });
    }
    if (quantized && !whole) {
        share(member, n, [&](std::size_t token) {
            m_kernels.quantize(m_attended.floats(token), columns * m_config.kvHeadCount, m_attended.blocks(),
                               m_attended.quantized(token));
        });
    }
}

// m_activated = silu(gate · normed) · (up · normed), for the rows of one unit.
void CpuForwardPass::feedForwardUnit(unsigned member, const Weights::FeedForward& block, std::size_t n,
                                     std::size_t unit) {
    const FloatRows& scratch = m_gateUp[member];
    const std::size_t first = unit * kUnitGroups;
    const std::size_t groups = std::min(kUnitGroups, block.gate.groups() - first);
    const Rows rows = m_normed.rows();
    // In the order in which they lie in memory.
    const std::size_t together = block.gate.stride == block.gate.groupBytes() ? groups : 1;
    for (std::size_t g = 0; g < groups; g += together) {
        for (const auto& [matrix, to] :
             {std::pair(&block.gate, scratch.row(0)), std::pair(&block.up, scratch.row(n))}) {
            m_kernels.product(*matrix, first + g, together, rows, n, to + g * kGroupRows, scratch.stride(), false,
                              m_tuning.feedForward);
        }
    }
    const std::size_t column = unit * kUnitRows;
    const std::size_t count = std::min<std::size_t>(kUnitRows, m_config.ffnSize - column);
    for (std::size_t token = 0; token < n; ++token) {
        float* activated = m_activated.floats(token) + column;
        m_kernels.swiglu(scratch.row(token), scratch.row(n + token), count, activated);
        if (isQuantized(block.down.dtype)) {
            m_kernels.quantize(activated, count, kUnitRows / kBlockColumns,
                               m_activated.quantized(token, column / kBlockColumns));
        }
    }
}

void CpuForwardPass::feedForward(unsigned member, const Weights::FeedForward& block, std::size_t n, bool backwards) {
    const std::size_t units = (m_config.ffnSize + kUnitRows - 1) / kUnitRows;
    share(member, units,
          [&](std::size_t unit) { feedForwardUnit(member, block, n, backwards ? units - 1 - unit : unit); });
    multiply(member, {{&block.down, m_x.row(0), m_x.stride()}}, m_activated.rows(), n, true, m_tuning.feedForward,
             backwards);
}

void CpuForwardPass::computeLogits(unsigned member, const Call& call) {
    const std::size_t n = call.tokens.size();
    const std::size_t vocab = m_config.vocabSize;
    const std::size_t wanted = call.logits.size() / vocab;
    for (std::size_t done = 0; done < wanted; done += kHeadTokens) {
        const std::size_t count = std::min(kHeadTokens, wanted - done);
        normalize(member, n - wanted + done, count, m_weights.finalNorm, formsFor({&m_weights.head}));
        multiply(member, {{&m_weights.head, m_headLogits.row(0), m_headLogits.stride()}}, m_normed.rows(), count, false,
                 m_tuning.attention, false);
        const std::size_t pieces = (vocab + kCopied - 1) / kCopied;
        share(member, count * pieces, [&](std::size_t unit) {
            const std::size_t row = unit / pieces;
            const std::size_t first = unit % pieces * kCopied;
            const std::span<const float> computed(m_headLogits.row(row) + first, std::min(kCopied, vocab - first));
            std::ranges::copy(computed, call.logits.subspan((done + row) * vocab + first).begin());
            if (!std::ranges::all_of(computed, [](float value) { return std::isfinite(value); })) {
                m_finite.store(false, std::memory_order_relaxed);
            }
        });
    }
}

// LLaMA (arXiv 2302.13971) with MobiLlama's one feed-forward block (arXiv 2402.16840).
void CpuForwardPass::pass(unsigned member, const Call& call) {
    const std::size_t n = call.tokens.size();
    share(member, n, [&](std::size_t i) {
        unpackRow(m_weights.embedding, static_cast<std::size_t>(call.tokens[i]), {m_x.row(i), m_config.hiddenSize});
    });
    for (std::size_t i = 0; i < m_weights.layers.size(); ++i) {
        const Weights::Layer& layer = m_weights.layers[i];
        const Weights::FeedForward& block = m_weights.feedForwards[layer.feedForward];
        const bool backwards = m_tuning.alternate && i % 2 != 0;
        normalize(member, 0, n, layer.attentionNorm, formsFor({&layer.query, &layer.key, &layer.value}));
        multiply(member,
                 {{&layer.query, m_query.row(0), m_query.stride()},
                  {&layer.key, m_key.row(0), m_key.stride()},
                  {&layer.value, m_value.row(0), m_value.stride()}},
                 m_normed.rows(), n, false, m_tuning.attention, backwards);
        attend(member, i, call, formsFor({&layer.output}).quantized);
        multiply(member, {{&layer.output, m_x.row(0), m_x.stride()}}, m_attended.rows(), n, true, m_tuning.attention,
                 backwards);
        normalize(member, 0, n, layer.feedForwardNorm, formsFor({&block.gate, &block.up}));
        feedForward(member, block, n, backwards);
    }
    computeLogits(member, call);
}

void CpuForwardPass::evaluate(std::span<const TokenId> tokens, std::uint32_t position, std::span<float> logits) {
    assert(!tokens.empty() && tokens.size() <= chunkSize());
    assert(position + tokens.size() <= contextSize());
    assert(logits.empty() || logits.size() == m_config.vocabSize ||
           logits.size() == tokens.size() * m_config.vocabSize);
    assert(std::ranges::all_of(tokens, [this](TokenId token) {
        return token >= 0 && static_cast<std::uint32_t>(token) < m_config.vocabSize;
    }));
    m_counters = {.dispatches = 0, .barriers = 0, .submissions = 1};
    m_finite.store(true, std::memory_order_relaxed);
    const Call call = {tokens, position, logits};
    m_team.run([&](unsigned member) { pass(member, call); });
    if (!m_finite.load(std::memory_order_relaxed)) {
        throw Error(ErrorCode::NotFinite, ALCOVE_TEXT("engine",
                                                      "The model produced invalid numbers. Its file "
                                                      "may be damaged: download or convert it again."));
    }
}

}  // namespace

}  // namespace cpu

std::unique_ptr<ForwardPass> makeCpuForwardPass(const ModelConfig& config, const ModelWeights& weights,
                                                const CpuForwardPassOptions& options) {
    assert(options.contextSize > 0);
    return std::make_unique<cpu::CpuForwardPass>(config, weights, options, cpu::planFor(config, weights, options));
}

}  // namespace alcove::engine
