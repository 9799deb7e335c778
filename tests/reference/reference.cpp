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

double halfAt(std::span<const std::byte> bytes, std::size_t at) {
    std::uint16_t bits = 0;
    std::memcpy(&bits, bytes.data() + at, sizeof bits);
    return decodedHalf(bits);
}

// `count` bits of the little-endian number that `bytes` is, from bit `first`.
unsigned bitsAt(std::span<const std::byte> bytes, std::size_t first, std::size_t count) {
    unsigned value = 0;
    for (std::size_t i = 0; i < count; ++i) {
        const std::size_t bit = first + i;
        value |= (std::to_integer<unsigned>(bytes[bit / 8]) >> (bit % 8) & 1U) << i;
    }
    return value;
}

double signedByte(std::span<const std::byte> bytes, std::size_t at) {
    const auto value = static_cast<int>(bitsAt(bytes, at * 8, 8));
    return value < 128 ? value : value - 256;
}

// Value `i` of a Q4_K or Q5_K block: 4 bytes of scales, 12 of packed pairs, the fifth bits, the nibbles.
double decodedMiddleK(std::span<const std::byte> block, std::size_t i, bool five) {
    const std::size_t group = i / 32;
    const auto pairs = block.subspan(4, 12);
    const auto number = [&](std::size_t row) {  // 0: scale, 1: minimum
        return group < 4 ? bitsAt(pairs, (row * 4 + group) * 8, 6)
                         : bitsAt(pairs, (4 + group) * 8 + row * 4, 4) | bitsAt(pairs, (row * 4 + group - 4) * 8 + 6, 2)
                                                                             << 4U;
    };
    unsigned q = bitsAt(block.subspan(five ? 48 : 16), (group / 2 * 32 + i % 32) * 8 + group % 2 * 4, 4);
    if (five) {
        q |= bitsAt(block.subspan(16), i % 32 * 8 + group, 1) << 4U;
    }
    return halfAt(block, 0) * number(0) * q - halfAt(block, 2) * number(1);
}

double decodedQ6K(std::span<const std::byte> block, std::size_t i) {
    const std::size_t part = i / 128;
    const std::size_t group = i % 128 / 32;
    const unsigned low = bitsAt(block, (part * 64 + group % 2 * 32 + i % 32) * 8 + group / 2 * 4, 4);
    const unsigned high = bitsAt(block, (128 + part * 32 + i % 32) * 8 + group * 2, 2);
    return halfAt(block, 208) * signedByte(block, 192 + i / 16) * (static_cast<double>(low | high << 4U) - 32);
}

// One value, by itself.
double decodedValue(engine::DType dtype, std::span<const std::byte> bytes, std::size_t index) {
    const engine::DTypeTraits& traits = engine::dtypeTraits(dtype);
    const auto block = bytes.subspan(index / traits.blockElements * traits.blockBytes, traits.blockBytes);
    const std::size_t i = index % traits.blockElements;
    switch (dtype) {
        case engine::DType::F32:
            return static_cast<double>(std::bit_cast<float>(bitsAt(block, 0, 32)));
        case engine::DType::F16:
            return halfAt(block, 0);
        case engine::DType::BF16:
            return static_cast<double>(std::bit_cast<float>(bitsAt(block, 0, 16) << 16U));
        case engine::DType::Q8_0:
            return halfAt(block, 0) * signedByte(block, 2 + i);
        case engine::DType::Q4_0:
            return halfAt(block, 0) * (static_cast<double>(bitsAt(block, (2 + i % 16) * 8 + i / 16 * 4, 4)) - 8);
        case engine::DType::Q4_K:
            return decodedMiddleK(block, i, false);
        case engine::DType::Q5_K:
            return decodedMiddleK(block, i, true);
        case engine::DType::Q6_K:
            return decodedQ6K(block, i);
    }
    return std::numeric_limits<double>::quiet_NaN();
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
        table.values[i] = decodedValue(tensor.dtype, tensor.bytes, i);
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
