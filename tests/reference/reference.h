// The model's steps on the processor in double precision, written to be read: what the shaders are measured against.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "engine/checkpoint/checkpoint.h"

namespace alcove::reference {

// Row-major values [rows, columns].
struct Table {
    std::size_t rows = 0;
    std::size_t columns = 0;
    std::vector<double> values;

    Table() = default;
    Table(std::size_t rowCount, std::size_t columnCount)
        : rows(rowCount), columns(columnCount), values(rowCount * columnCount) {}
    [[nodiscard]] std::span<double> row(std::size_t index) {
        return std::span(values).subspan(index * columns, columns);
    }
    [[nodiscard]] std::span<const double> row(std::size_t index) const {
        return std::span(values).subspan(index * columns, columns);
    }
};

// The exact values of a stored tensor; one of one dimension becomes a single row.
[[nodiscard]] Table decoded(const engine::TensorView& tensor);

[[nodiscard]] Table embed(const Table& table, std::span<const engine::TokenId> tokens);
[[nodiscard]] Table rmsNorm(const Table& x, std::span<const double> gamma, double epsilon);
[[nodiscard]] Table matmul(const Table& x, const Table& w);  // x · wᵗ
// Rotates every head in the rows of x [n, heads · headDim], row i being at position + i.
[[nodiscard]] Table rope(const Table& x, std::size_t headDim, std::size_t position, double theta);
// Causal: q [n, heads · headDim] are the last n of the positions of k and v [positions, kvHeads · headDim].
[[nodiscard]] Table attention(const Table& q, const Table& k, const Table& v, std::size_t headDim);
[[nodiscard]] Table swiglu(const Table& gate, const Table& up);

// Logits of the last of `tokens`, evaluated from position 0.
[[nodiscard]] std::vector<double> logits(const engine::ModelConfig& config, const engine::ModelWeights& weights,
                                         std::span<const engine::TokenId> tokens);

// Σ (got − expected)² / Σ expected²
[[nodiscard]] double normalisedError(std::span<const float> got, std::span<const double> expected);

// Bounds on the normalised error of the f32 shaders.
inline constexpr double kElementwiseBound = 1e-7;  // norm, RoPE, SwiGLU
inline constexpr double kProductBound = 1e-6;      // matmul, attention
inline constexpr double kLogitsBound = 1e-5;       // the whole pass
inline constexpr double kByteLogitsBound = 1e-3;   // the same, where activations or the cache are bytes

}  // namespace alcove::reference
