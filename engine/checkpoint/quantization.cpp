#include "engine/checkpoint/quantization.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <cstring>

namespace alcove::engine {

namespace {

static_assert(std::endian::native == std::endian::little,
              "stored numbers are little-endian and are copied as they are");

constexpr std::size_t kSmallBlock = 32;  // values of a Q8_0 or Q4_0 block
constexpr std::size_t kKBlock = 256;     // values of a K block

template <typename Word>
Word wordAt(const std::byte* at) {
    Word word;
    std::memcpy(&word, at, sizeof word);
    return word;
}

float halfAt(const std::byte* at) {
    return halfToFloat(wordAt<std::uint16_t>(at));
}

void putHalf(std::byte* at, float value) {
    const std::uint16_t half = floatToHalf(value);
    std::memcpy(at, &half, sizeof half);
}

unsigned byteAt(const std::byte* bytes, std::size_t index) {
    return std::to_integer<unsigned>(bytes[index]);
}

float signedAt(const std::byte* bytes, std::size_t index) {
    return static_cast<float>(std::to_integer<std::int8_t>(bytes[index]));
}

// { half d; int8 q[32] }: d · q
void decodeQ80(const std::byte* block, float* values) {
    const float d = halfAt(block);
    for (std::size_t i = 0; i < kSmallBlock; ++i) {
        values[i] = signedAt(block + 2, i) * d;
    }
}

// { half d; nibble q[32] }: d · (q - 8), value i in the low and value i + 16 in the high half of byte i
void decodeQ40(const std::byte* block, float* values) {
    const float d = halfAt(block);
    for (std::size_t i = 0; i < kSmallBlock / 2; ++i) {
        const unsigned both = byteAt(block + 2, i);
        values[i] = (static_cast<float>(both & 0xFU) - 8) * d;
        values[i + kSmallBlock / 2] = (static_cast<float>(both >> 4U) - 8) * d;
    }
}

struct ScaleAndMinimum {
    float scale;
    float minimum;
};

// Eight pairs of 6-bit numbers in 12 bytes: the first four pairs in the low six bits of bytes 0-3 and 4-7; of the
// others, the low four bits in the halves of bytes 8-11 and the high two on top of bytes 0-3 and 4-7.
ScaleAndMinimum pairAt(const std::byte* packed, std::size_t index) {
    if (index < 4) {
        return {static_cast<float>(byteAt(packed, index) & 63U), static_cast<float>(byteAt(packed, index + 4) & 63U)};
    }
    const unsigned low = byteAt(packed, index + 4);
    return {static_cast<float>((low & 0xFU) | byteAt(packed, index - 4) >> 6U << 4U),
            static_cast<float>(low >> 4U | byteAt(packed, index) >> 6U << 4U)};
}

// { half d; half m; pairs[12]; byte high[32] in Q5_K; nibble q[256] }: d · scale · q - m · minimum. Each 64 values take
// 32 bytes, the first 32 values their low halves. Bit g of high[i] is bit 4 of value i of the g-th group of 32.
void decodeQ4KorQ5K(const std::byte* block, bool five, float* values) {
    const float d = halfAt(block);
    const float m = halfAt(block + 2);
    const std::byte* pairs = block + 4;
    const std::byte* high = block + 16;
    const std::byte* nibbles = block + (five ? 48 : 16);
    for (std::size_t group = 0; group < kKBlock / 32; ++group) {
        const auto [scale, minimum] = pairAt(pairs, group);
        const float step = d * scale;
        const float offset = m * minimum;
        const std::byte* from = nibbles + group / 2 * 32;
        for (std::size_t i = 0; i < 32; ++i) {
            const unsigned low = group % 2 == 0 ? byteAt(from, i) & 0xFU : byteAt(from, i) >> 4U;
            const unsigned top = five ? (byteAt(high, i) >> group & 1U) << 4U : 0U;
            values[group * 32 + i] = step * static_cast<float>(low | top) - offset;
        }
    }
}

// { nibble low[256]; pair high[256]; int8 scale[16]; half d }: d · scale · (q - 32), a scale for 16 values. Each 128
// values take 64 bytes of low and 32 of high: value 32 · g + i has its low bits in half g / 2 of byte 32 · (g % 2) + i,
// its high bits in the g-th two of byte i.
void decodeQ6K(const std::byte* block, float* values) {
    const float d = halfAt(block + 208);
    for (std::size_t half = 0; half < 2; ++half) {
        const std::byte* low = block + half * 64;
        const std::byte* high = block + 128 + half * 32;
        const std::byte* scales = block + 192 + half * 8;
        for (std::size_t group = 0; group < 4; ++group) {
            for (std::size_t i = 0; i < 32; ++i) {
                const unsigned four = byteAt(low, group % 2 * 32 + i) >> (group / 2 * 4) & 0xFU;
                const unsigned two = byteAt(high, i) >> (group * 2) & 3U;
                values[half * 128 + group * 32 + i] =
                    d * signedAt(scales, group * 2 + i / 16) * (static_cast<float>(four | two << 4U) - 32);
            }
        }
    }
}

void encodeQ80(const float* values, std::byte* block) {
    float largest = 0;
    for (std::size_t i = 0; i < kSmallBlock; ++i) {
        largest = std::max(largest, std::fabs(values[i]));
    }
    const float d = largest / 127;
    const float inverse = d != 0 ? 1 / d : 0;
    putHalf(block, d);
    for (std::size_t i = 0; i < kSmallBlock; ++i) {
        block[2 + i] = static_cast<std::byte>(static_cast<std::int8_t>(std::round(values[i] * inverse)));
    }
}

void encodeQ40(const float* values, std::byte* block) {
    float extreme = 0;  // of largest magnitude, with its sign; it becomes -8 exactly
    for (std::size_t i = 0; i < kSmallBlock; ++i) {
        if (std::fabs(values[i]) > std::fabs(extreme)) {
            extreme = values[i];
        }
    }
    const float d = extreme / -8;
    const float inverse = d != 0 ? 1 / d : 0;
    putHalf(block, d);
    const auto nibble = [&](std::size_t i) { return std::min(15U, static_cast<unsigned>(values[i] * inverse + 8.5F)); };
    for (std::size_t i = 0; i < kSmallBlock / 2; ++i) {
        block[2 + i] = static_cast<std::byte>(nibble(i) | nibble(i + kSmallBlock / 2) << 4U);
    }
}

std::uint16_t floatToBf16(float value) {
    const auto bits = std::bit_cast<std::uint32_t>(value);
    if ((bits & 0x7FFFFFFFU) > 0x7F800000U) {
        return static_cast<std::uint16_t>(bits >> 16U | 0x40U);  // NaN, which rounding could turn into infinity
    }
    return static_cast<std::uint16_t>((bits + 0x7FFFU + (bits >> 16U & 1U)) >> 16U);
}

}  // namespace

void dequantize(DType dtype, std::span<const std::byte> blocks, std::span<float> values) {
    const auto [name, blockElements, blockBytes] = dtypeTraits(dtype);
    assert(values.size() % blockElements == 0 && blocks.size() == storedBytes(dtype, values.size()));
    if (dtype == DType::F32) {
        std::ranges::copy(blocks, std::as_writable_bytes(values).begin());
        return;
    }
    const std::byte* from = blocks.data();
    float* to = values.data();
    for (std::size_t i = 0; i < values.size(); i += blockElements, from += blockBytes, to += blockElements) {
        switch (dtype) {
            case DType::F32:
                break;
            case DType::F16:
                *to = halfAt(from);
                break;
            case DType::BF16:
                *to = std::bit_cast<float>(static_cast<std::uint32_t>(wordAt<std::uint16_t>(from)) << 16U);
                break;
            case DType::Q8_0:
                decodeQ80(from, to);
                break;
            case DType::Q4_0:
                decodeQ40(from, to);
                break;
            case DType::Q4_K:
                decodeQ4KorQ5K(from, false, to);
                break;
            case DType::Q5_K:
                decodeQ4KorQ5K(from, true, to);
                break;
            case DType::Q6_K:
                decodeQ6K(from, to);
                break;
        }
    }
}

void quantize(DType dtype, std::span<const float> values, std::span<std::byte> blocks) {
    const auto [name, blockElements, blockBytes] = dtypeTraits(dtype);
    assert(values.size() % blockElements == 0 && blocks.size() == storedBytes(dtype, values.size()));
    assert(dtype != DType::Q4_K && dtype != DType::Q5_K && dtype != DType::Q6_K);
    if (dtype == DType::F32) {
        std::ranges::copy(std::as_bytes(values), blocks.begin());
        return;
    }
    const float* from = values.data();
    std::byte* to = blocks.data();
    for (std::size_t i = 0; i < values.size(); i += blockElements, from += blockElements, to += blockBytes) {
        switch (dtype) {
            case DType::F16:
                putHalf(to, *from);
                break;
            case DType::BF16: {
                const std::uint16_t bits = floatToBf16(*from);
                std::memcpy(to, &bits, sizeof bits);
                break;
            }
            case DType::Q8_0:
                encodeQ80(from, to);
                break;
            case DType::Q4_0:
                encodeQ40(from, to);
                break;
            case DType::F32:
            case DType::Q4_K:
            case DType::Q5_K:
            case DType::Q6_K:
                break;
        }
    }
}

}  // namespace alcove::engine
