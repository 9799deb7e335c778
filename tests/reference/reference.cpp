#include "tests/reference/reference.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>

namespace alcove::reference {

namespace {

double decodedHalf(std::uint16_t bits) {
    const int exponent = bits >> 10 & 0x1f;
    const int mantissa = bits & 0x3ff;
    const double sign = (bits & 0x8000) != 0 ? -1 : 1;
    if (exponent == 0x1f) {
        return mantissa == 0 ? sign * std::numeric_limits<double>::infinity()
                             : std::numeric_limits<double>::quiet_NaN();
    }
    return sign * (exponent == 0 ? std::ldexp(mantissa, -24) : std::ldexp(mantissa + 0x400, exponent - 25));
}

void add(Table& to, const Table& x) {
    for (std::size_t i = 0; i < to.values.size(); ++i) {
        to.values[i] += x.values[i];
    }
}

}  // namespace

Table decoded(const engine::TensorView& tensor) {
    Table table(tensor.shape.size() == 1 ? 1 : tensor.shape[0], tensor.shape.back());
    for (std::size_t i = 0; i < table.values.size(); ++i) {
        if (tensor.dtype == engine::DType::F32) {
            float value = 0;
            std::memcpy(&value, tensor.bytes.data() + 4 * i, sizeof value);
            table.values[i] = static_cast<double>(value);
            continue;
        }
        std::uint16_t bits = 0;
        std::memcpy(&bits, tensor.bytes.data() + 2 * i, sizeof bits);
        table.values[i] = tensor.dtype == engine::DType::F16
                              ? decodedHalf(bits)
                              : static_cast<double>(std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16));
    }
    return table;
}

Table embed(const Table& table, std::span<const engine::TokenId> tokens) {
    Table x(tokens.size(), table.columns);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
        std::ranges::copy(table.row(static_cast<std::size_t>(tokens[i])), x.row(i).begin());
    }
    return x;
}

Table rmsNorm(const Table& x, std::span<const double> gamma, double epsilon) {
    Table y(x.rows, x.columns);
    for (std::size_t row = 0; row < x.rows; ++row) {
        double squares = 0;
        for (const double value : x.row(row)) {
            squares += value * value;
        }
        const double scale = 1 / std::sqrt(squares / static_cast<double>(x.columns) + epsilon);
        for (std::size_t i = 0; i < x.columns; ++i) {
            y.row(row)[i] = x.row(row)[i] * scale * gamma[i];
        }
    }
    return y;
}

Table matmul(const Table& x, const Table& w) {
    assert(x.columns == w.columns);
    Table y(x.rows, w.rows);
    for (std::size_t token = 0; token < x.rows; ++token) {
        for (std::size_t row = 0; row < w.rows; ++row) {
            double sum = 0;
            for (std::size_t i = 0; i < x.columns; ++i) {
                sum += w.row(row)[i] * x.row(token)[i];
            }
            y.row(token)[row] = sum;
        }
    }
    return y;
}

Table rope(const Table& x, std::size_t headDim, std::size_t position, double theta) {
    Table y(x.rows, x.columns);
    const std::size_t half = headDim / 2;
    for (std::size_t row = 0; row < x.rows; ++row) {
        for (std::size_t head = 0; head < x.columns; head += headDim) {
            for (std::size_t i = 0; i < half; ++i) {
                const double angle = static_cast<double>(position + row) *
                                     std::pow(theta, -2 * static_cast<double>(i) / static_cast<double>(headDim));
                const double a = x.row(row)[head + i];
                const double b = x.row(row)[head + half + i];
                y.row(row)[head + i] = a * std::cos(angle) - b * std::sin(angle);
                y.row(row)[head + half + i] = b * std::cos(angle) + a * std::sin(angle);
            }
        }
    }
    return y;
}

Table attention(const Table& q, const Table& k, const Table& v, std::size_t headDim) {
    Table y(q.rows, q.columns);
    const std::size_t group = q.columns / k.columns;  // query heads per key/value head
    const double scale = 1 / std::sqrt(static_cast<double>(headDim));
    for (std::size_t token = 0; token < q.rows; ++token) {
        const std::size_t positions = k.rows - q.rows + token + 1;
        for (std::size_t head = 0; head < q.columns / headDim; ++head) {
            const auto query = q.row(token).subspan(head * headDim, headDim);
            std::vector<double> weights(positions);
            for (std::size_t position = 0; position < positions; ++position) {
                const auto key = k.row(position).subspan(head / group * headDim, headDim);
                for (std::size_t i = 0; i < headDim; ++i) {
                    weights[position] += scale * query[i] * key[i];
                }
            }
            const double highest = *std::ranges::max_element(weights);
            double total = 0;
            for (double& weight : weights) {
                weight = std::exp(weight - highest);
                total += weight;
            }
            const auto out = y.row(token).subspan(head * headDim, headDim);
            for (std::size_t position = 0; position < positions; ++position) {
                const auto value = v.row(position).subspan(head / group * headDim, headDim);
                for (std::size_t i = 0; i < headDim; ++i) {
                    out[i] += weights[position] / total * value[i];
                }
            }
        }
    }
    return y;
}

Table swiglu(const Table& gate, const Table& up) {
    Table y(gate.rows, gate.columns);
    for (std::size_t i = 0; i < y.values.size(); ++i) {
        y.values[i] = gate.values[i] / (1 + std::exp(-gate.values[i])) * up.values[i];
    }
    return y;
}

std::vector<double> logits(const engine::ModelConfig& config, const engine::ModelWeights& weights,
                           std::span<const engine::TokenId> tokens) {
    const double epsilon = static_cast<double>(config.rmsNormEpsilon);
    const double theta = static_cast<double>(config.ropeTheta);
    const auto norm = [&](const Table& x, const engine::TensorView& gamma) {
        return rmsNorm(x, decoded(gamma).values, epsilon);
    };
    Table x = embed(decoded(weights.embedding), tokens);
    for (const engine::LayerWeights& layer : weights.layers) {
        const Table attentionInput = norm(x, layer.attentionNorm);
        const Table q = rope(matmul(attentionInput, decoded(layer.query)), config.headDim, 0, theta);
        const Table k = rope(matmul(attentionInput, decoded(layer.key)), config.headDim, 0, theta);
        const Table v = matmul(attentionInput, decoded(layer.value));
        add(x, matmul(attention(q, k, v, config.headDim), decoded(layer.output)));

        const engine::FeedForwardWeights& feedForward = weights.feedForwards[layer.feedForward];
        const Table feedForwardInput = norm(x, layer.feedForwardNorm);
        const Table activated = swiglu(matmul(feedForwardInput, decoded(feedForward.gate)),
                                       matmul(feedForwardInput, decoded(feedForward.up)));
        add(x, matmul(activated, decoded(feedForward.down)));
    }
    Table last(1, x.columns);
    std::ranges::copy(x.row(x.rows - 1), last.values.begin());
    return matmul(norm(last, weights.finalNorm), decoded(weights.head)).values;
}

double normalisedError(std::span<const float> got, std::span<const double> expected) {
    if (got.size() != expected.size()) {
        return std::numeric_limits<double>::infinity();
    }
    double error = 0;
    double total = 0;
    for (std::size_t i = 0; i < got.size(); ++i) {
        const double difference = static_cast<double>(got[i]) - expected[i];
        error += difference * difference;
        total += expected[i] * expected[i];
    }
    return error / total;
}

}  // namespace alcove::reference
