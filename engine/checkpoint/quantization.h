// The stored number formats: F32, F16, BF16 and GGUF's blocks of quantised values (ggml, MIT: ggml-common.h has the
// layouts, ggml-quants.c the reference arithmetic that this agrees with bit for bit).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>

#include "engine/checkpoint/tensor.h"

namespace alcove::engine {

// IEEE binary16 to binary32; exact, with infinities and NaN.
[[nodiscard]] constexpr float halfToFloat(std::uint16_t half) {
    const std::uint32_t sign = (half & 0x8000U) << 16U;
    const std::uint32_t magnitude = (half & 0x7FFFU) << 13U;
    if (magnitude >= 0x0F800000U) {  // exponent 31: infinity or NaN
        return std::bit_cast<float>(sign | 0x70000000U | magnitude);
    }
    // As a float's bits this is 2^112 too small, also for the half's subnormal numbers.
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112F));
}

// To the nearest binary16, ties to even; beyond the range to infinity, NaN to a quiet NaN.
[[nodiscard]] constexpr std::uint16_t floatToHalf(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    const std::uint32_t sign = bits >> 16U & 0x8000U;
    const std::uint32_t magnitude = bits & 0x7FFFFFFFU;
    std::uint32_t half = 0;
    if (magnitude > 0x7F800000U) {
        half = 0x7E00U;
    } else if (magnitude >= 0x477FF000U) {  // 65520, half-way to the first number that is too large
        half = 0x7C00U;
    } else if (magnitude < 0x38800000U) {  // below 2^-14 the steps are 2^-24, as a float's are just above 0.5
        half = std::bit_cast<std::uint32_t>(std::bit_cast<float>(magnitude) + 0.5F) - 0x3F000000U;
    } else {
        half = (magnitude - 0x38000000U + 0xFFFU + (magnitude >> 13U & 1U)) >> 13U;
    }
    return static_cast<std::uint16_t>(sign | half);
}

// The values of whole blocks: blocks.size() == storedBytes(dtype, values.size()), and values.size() a multiple of the
// type's blockElements (asserted). `blocks` may be unaligned.
void dequantize(DType dtype, std::span<const std::byte> blocks, std::span<float> values);

// The reverse, for F32, F16, BF16, Q8_0 and Q4_0 (asserted), with the same sizes. The values must be finite; a block
// of which the scale exceeds binary16's range gets an infinite one, which requireFinite finds.
void quantize(DType dtype, std::span<const float> values, std::span<std::byte> blocks);

}  // namespace alcove::engine
