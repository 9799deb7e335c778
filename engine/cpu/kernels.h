// The inner loops, compiled for each kind of vector unit and chosen when the program runs.
//
// Every result depends on its own inputs alone: how rows are split among threads, and how many tokens go
// through a kernel together, changes no bit of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/cpu/kv_cache.h"
#include "engine/cpu/packed_matrix.h"

namespace alcove::engine::cpu {

// One row per token, in whichever forms the matrices that read them need.
struct Rows {
    const float* floats = nullptr;  // [n, floatStride]
    std::size_t floatStride = 0;
    // Quantised in blocks of 32 to -127..127 times a scale; [n, blocks · 32], the last block filled up with zeros.
    const std::int8_t* values = nullptr;
    const float* scales = nullptr;          // [n, blocks]
    const std::int32_t* offsets = nullptr;  // [n, blocks], -8 times the sum of a block's values
    std::size_t blocks = 0;                 // paddedBlocks(columns)
};

// Room for one quantised row of Rows.
struct QuantizedRow {
    std::int8_t* values;
    float* scales;
    std::int32_t* offsets;
};

// How product() reads the weights.
enum class Reading : std::uint8_t {
    Plain,   // as the processor's own prefetching likes
    Ahead,   // prefetched a few hundred bytes ahead, to stay in the caches
    Around,  // prefetched so that they pass by the outer caches
};

struct AttendedQuery {
    const float* query;     // [headDim], rotated
    float* output;          // [paddedRows(headDim)]
    std::size_t positions;  // that it sees, from 0 on; at least 1
};

struct Kernels {
    const char* target;  // name of the vector unit, for people

    // out[t, 16 g + lane] = row · token, or += with `add`, for the groups [first, first + groups) of the matrix, g
    // counted from `first`, and tokens t in [0, n). out: [n, outStride].
    void (*product)(const PackedMatrix& matrix, std::size_t first, std::size_t groups, const Rows& rows, std::size_t n,
                    float* out, std::size_t outStride, bool add, Reading reading);
    // y = x / sqrt(mean(x²) + epsilon) · gamma, [columns]
    void (*rmsNorm)(const float* x, const float* gamma, std::size_t columns, float epsilon, float* y);
    // One row of Rows; `blocks` >= columns / 32. Not-finite values come out as a not-finite scale.
    void (*quantize)(const float* x, std::size_t columns, std::size_t blocks, const QuantizedRow& row);
    // y = gate / (1 + e^-gate) · up, [count]
    void (*swiglu)(const float* gate, const float* up, std::size_t count, float* y);
    // Rotates one head in place; angles: [headDim / 2] pairs of cosine and sine.
    void (*rotate)(float* head, const float* angles, std::size_t headDim);
    // Writes one position of the cache.
    void (*store)(const CachedHead& cached, std::size_t position, const float* key, const float* value);
    // softmax(query · keyᵗ / √headDim) · values for each of the queries.
    void (*attend)(const CachedHead& cached, const AttendedQuery* queries, std::size_t count);
    // Reads bytes, a multiple of 256 aligned to 64, and returns something that depends on all.
    std::uint64_t (*readAll)(const std::byte* bytes, std::size_t size);
};

// Those of the best vector unit this processor has.
[[nodiscard]] Kernels chosenKernels();

// Highway's bits of the vector units that this processor can run, best first, for tests; and makes chosenKernels() take
// one of them, or with 0 the best again.
[[nodiscard]] std::vector<std::int64_t> kernelTargets();
void chooseKernelTarget(std::int64_t target);

}  // namespace alcove::engine::cpu
