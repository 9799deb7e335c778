#include "engine/checkpoint/fine_quantization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>

#include "engine/checkpoint/quantization.h"

namespace alcove::engine {

namespace {

constexpr std::size_t kBlock = 32;
constexpr std::size_t kLanes = 4;
using Lanes = float __attribute__((vector_size(kLanes * sizeof(float))));  // GCC and clang; every processor has them
constexpr int kSteps = 5;      // of scales on either side of the first guess
constexpr float kStep = 0.2F;  // of a nibble, by which the largest value moves in a step
constexpr std::size_t kBlockBytes = dtypeTraits(DType::Q4_0).blockBytes;

constexpr float kRounder = 12582912.0F;  // 1.5 · 2²³: added and taken off again, it rounds to whole numbers
constexpr float kLeast = -8.0F;          // nibble
constexpr float kMost = 7.0F;

float nibbleOf(float scaled) {
    return std::clamp((scaled + kRounder) - kRounder, kLeast, kMost);
}

// With nibbles q of values x, the best scale is Σqx / Σq², and the error is Σx² minus gain = (Σqx)² / Σq².
struct Fit {
    float scale = 0;
    float gain = 0;
};

Fit fitFor(const float* values, float inverse) {
    Lanes products{};
    Lanes squares{};
    for (std::size_t i = 0; i < kBlock; i += kLanes) {
        Lanes value;
        std::memcpy(&value, values + i, sizeof value);
        Lanes nibble = (value * inverse + kRounder) - kRounder;
        nibble = nibble < kLeast ? Lanes{} + kLeast : nibble;
        nibble = nibble > kMost ? Lanes{} + kMost : nibble;
        products += nibble * value;
        squares += nibble * nibble;
    }
    const float product = (products[0] + products[1]) + (products[2] + products[3]);
    const float square = (squares[0] + squares[1]) + (squares[2] + squares[3]);
    return square > 0 ? Fit{product / square, product * product / square} : Fit{};
}

void store(float scale, const float* values, std::byte* block) {
    const std::uint16_t half = floatToHalf(scale);
    std::memcpy(block, &half, sizeof half);
    const float stored = halfToFloat(half);
    const float inverse = stored != 0 ? 1 / stored : 0;
    const auto nibble = [&](std::size_t i) { return static_cast<unsigned>(nibbleOf(values[i] * inverse) + 8); };
    for (std::size_t i = 0; i < kBlock / 2; ++i) {
        block[sizeof half + i] = static_cast<std::byte>(nibble(i) | nibble(i + kBlock / 2) << 4U);
    }
}

double errorOf(const float* values, const std::byte* block) {
    std::array<float, kBlock> decoded{};
    dequantize(DType::Q4_0, std::span(block, kBlockBytes), decoded);
    double error = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
        const double difference = double{decoded[i]} - double{values[i]};
        error += difference * difference;
    }
    return error;
}

void encode(const float* values, std::byte* block) {
    quantize(DType::Q4_0, std::span(values, kBlock), std::span(block, kBlockBytes));
    const float extreme =
        *std::max_element(values, values + kBlock, [](float a, float b) { return std::fabs(a) < std::fabs(b); });
    const double referenceError = errorOf(values, block);
    // Also false where the reference's scale is infinite, which requireFinite() finds.
    if (extreme == 0 || !(referenceError > 0 && std::isfinite(referenceError))) {
        return;
    }
    Fit best;
    for (const float sign : {-1.0F, 1.0F}) {  // nibbles reach further below zero than above: −8 and 7
        for (int step = -kSteps; step <= kSteps; ++step) {
            const float nibbles = 8.0F + kStep * static_cast<float>(step);
            const Fit fit = fitFor(values, sign * nibbles / extreme);
            if (fit.gain > best.gain) {
                best = fit;
            }
        }
    }
    std::array<std::byte, kBlockBytes> fitted{};
    store(best.scale, values, fitted.data());
    if (errorOf(values, fitted.data()) < referenceError) {
        std::copy(fitted.begin(), fitted.end(), block);
    }
}

}  // namespace

void quantizeFinely(DType dtype, std::span<const float> values, std::span<std::byte> blocks) {
    if (dtype != DType::Q4_0) {
        quantize(dtype, values, blocks);
        return;
    }
    for (std::size_t i = 0; i < values.size() / kBlock; ++i) {
        encode(&values[i * kBlock], &blocks[i * kBlockBytes]);
    }
}

}  // namespace alcove::engine
