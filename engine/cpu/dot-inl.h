// Integer dot products of four bytes per lane, with the instructions of each processor. Included once per vector unit.
#if defined(ALCOVE_ENGINE_CPU_DOT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALCOVE_ENGINE_CPU_DOT_INL_H
#undef ALCOVE_ENGINE_CPU_DOT_INL_H
#else
#define ALCOVE_ENGINE_CPU_DOT_INL_H
#endif

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <hwy/highway.h>

#undef ALCOVE_VNNI
#undef ALCOVE_MADDUBS
#define ALCOVE_VNNI (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3_DL)
#define ALCOVE_MADDUBS (HWY_ARCH_X86 && HWY_TARGET <= HWY_SSE4 && !ALCOVE_VNNI)

HWY_BEFORE_NAMESPACE();
namespace alcove::engine::cpu::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using F32 = hn::CappedTag<float, 16>;
using I32 = hn::CappedTag<std::int32_t, 16>;
using U8 = hn::Repartition<std::uint8_t, I32>;
using I8 = hn::Repartition<std::int8_t, I32>;
using U16 = hn::Repartition<std::uint16_t, I32>;
using VF = hn::Vec<F32>;
using VI = hn::Vec<I32>;
using VB = hn::Vec<U8>;

inline constexpr std::size_t kLanes = HWY_MAX_BYTES < 64 ? HWY_MAX_BYTES / 4 : 16;
inline constexpr std::size_t kParts = 16 / kLanes;  // vectors that hold a group's 16 rows
inline constexpr std::size_t kSteps = 8;            // of four columns in a block

// Four bytes of a token, the same for every row.
HWY_INLINE VI fourValues(const std::int8_t* values) {
    std::int32_t four = 0;
    std::memcpy(&four, values, sizeof four);
    return hn::Set(I32(), four);
}

#if ALCOVE_VNNI
// As an instruction: Highway 1.0.3 asks the compiler for AVX-VNNI where the processor has AVX512-VNNI, and the
// compiler then refuses the intrinsic.
HWY_INLINE VI dotUnsigned(VI sum, VB weights, const std::int8_t* values) {
    using Four [[gnu::may_alias]] = std::int32_t;
    asm("vpdpbusd %2%{1to16%}, %1, %0" : "+v"(sum.raw) : "v"(weights.raw), "m"(*reinterpret_cast<const Four*>(values)));
    return sum;
}
#endif

#if ALCOVE_MADDUBS
using I16 = hn::Repartition<std::int16_t, I32>;
using VS = hn::Vec<I16>;

// Sums of two products of unsigned and signed bytes.
HWY_INLINE VS pairs(VB weights, VI values) {
#if HWY_TARGET <= HWY_AVX3
    return VS{_mm512_maddubs_epi16(weights.raw, values.raw)};
#elif HWY_TARGET == HWY_AVX2
    return VS{_mm256_maddubs_epi16(weights.raw, values.raw)};
#else
    return VS{_mm_maddubs_epi16(weights.raw, values.raw)};
#endif
}

// Sums of two neighbours.
HWY_INLINE VI sumsOfPairs(VS sums) {
    const VS one = hn::Set(I16(), 1);
#if HWY_TARGET <= HWY_AVX3
    return VI{_mm512_madd_epi16(sums.raw, one.raw)};
#elif HWY_TARGET == HWY_AVX2
    return VI{_mm256_madd_epi16(sums.raw, one.raw)};
#else
    return VI{_mm_madd_epi16(sums.raw, one.raw)};
#endif
}
#endif

#if HWY_ARCH_ARM_A64 && HWY_TARGET == HWY_NEON
HWY_INLINE VI dotSigned(VI sum, int8x16_t weights, VI values) {
    const int8x16_t signedValues = vreinterpretq_s8_s32(values.raw);
#if defined(__ARM_FEATURE_DOTPROD)
    return VI(vdotq_s32(sum.raw, weights, signedValues));
#else
    const int32x4_t low = vpaddlq_s16(vmull_s8(vget_low_s8(weights), vget_low_s8(signedValues)));
    const int32x4_t high = vpaddlq_s16(vmull_high_s8(weights, signedValues));
    return VI(vaddq_s32(sum.raw, vpaddq_s32(low, high)));
#endif
}
#endif

HWY_INLINE VF halves(const std::byte* from) {
    const hn::Rebind<hwy::float16_t, F32> f16;
    return hn::PromoteTo(F32(), hn::Load(f16, reinterpret_cast<const hwy::float16_t*>(from)));
}

// For every other vector unit: byte by byte in 32-bit lanes.
HWY_INLINE VI dotSlowly(VI sum, VI weights, VI values) {
    sum = hn::Add(
        sum, hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<24>(weights)), hn::ShiftRight<24>(hn::ShiftLeft<24>(values))));
    sum = hn::Add(
        sum, hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<16>(weights)), hn::ShiftRight<24>(hn::ShiftLeft<16>(values))));
    sum = hn::Add(sum,
                  hn::Mul(hn::ShiftRight<24>(hn::ShiftLeft<8>(weights)), hn::ShiftRight<24>(hn::ShiftLeft<8>(values))));
    return hn::Add(sum, hn::Mul(hn::ShiftRight<24>(weights), hn::ShiftRight<24>(values)));
}

// A block of Q4_0 decoded: for each step of four columns the rows' values 0..15, which stand for -8..7.
struct FourBitBlock {
    VB w[kSteps];

    HWY_INLINE explicit FourBitBlock(const std::byte* from) {
        const VB mask = hn::Set(U8(), 15);
        for (std::size_t i = 0; i < kSteps / 2; ++i) {
            const VB both = hn::Load(U8(), reinterpret_cast<const std::uint8_t*>(from) + i * 64);
            w[i] = hn::And(both, mask);
            w[i + kSteps / 2] = hn::And(hn::BitCast(U8(), hn::ShiftRight<4>(hn::BitCast(U16(), both))), mask);
        }
    }

    // The rows' exact dot products with a token's block. `offset`: -8 times the sum of the token's values.
    HWY_INLINE VI dot(const std::int8_t* values, std::int32_t offset) const {
        const VI start = hn::Set(I32(), offset);
#if ALCOVE_VNNI
        VI low = start;
        VI high = hn::Zero(I32());
        for (std::size_t i = 0; i < kSteps / 2; ++i) {
            low = dotUnsigned(low, w[i], values + 4 * i);
            high = dotUnsigned(high, w[i + kSteps / 2], values + 4 * (i + kSteps / 2));
        }
        return hn::Add(low, high);
#elif ALCOVE_MADDUBS
        // At most 8 · 2 · 15 · 127 in sum: fits.
        VS sums = pairs(w[0], fourValues(values));
        for (std::size_t i = 1; i < kSteps; ++i) {
            sums = hn::Add(sums, pairs(w[i], fourValues(values + 4 * i)));
        }
        return hn::Add(sumsOfPairs(sums), start);
#else
        VI sum = start;
        for (std::size_t i = 0; i < kSteps; ++i) {
#if HWY_ARCH_ARM_A64 && HWY_TARGET == HWY_NEON
            sum = dotSigned(sum, vreinterpretq_s8_u8(w[i].raw), fourValues(values + 4 * i));
#else
            sum = dotSlowly(sum, hn::BitCast(I32(), w[i]), fourValues(values + 4 * i));
#endif
        }
        return sum;
#endif
    }
};

// The same for a block of Q8_0.
struct EightBitBlock {
    VB w[kSteps];

    HWY_INLINE explicit EightBitBlock(const std::byte* from) {
        for (std::size_t i = 0; i < kSteps; ++i) {
            w[i] = hn::Load(U8(), reinterpret_cast<const std::uint8_t*>(from) + i * 64);
#if ALCOVE_VNNI
            w[i] = hn::Xor(w[i], hn::Set(U8(), 0x80));  // adds 128: unsigned
#endif
        }
    }

    HWY_INLINE VI dot(const std::int8_t* values, std::int32_t offset) const {
#if ALCOVE_VNNI
        VI low = hn::ShiftLeft<4>(hn::Set(I32(), offset));  // -128 times the sum
        VI high = hn::Zero(I32());
        for (std::size_t i = 0; i < kSteps; i += 2) {
            low = dotUnsigned(low, w[i], values + 4 * i);
            high = dotUnsigned(high, w[i + 1], values + 4 * (i + 1));
        }
        return hn::Add(low, high);
#else
        static_cast<void>(offset);
        VI sum = hn::Zero(I32());
        for (std::size_t i = 0; i < kSteps; ++i) {
            const VI four = fourValues(values + 4 * i);
#if ALCOVE_MADDUBS
            // |weight| times the value with the weight's sign; a pair is at most 2 · 128 · 127: fits.
            const auto weights = hn::BitCast(I8(), w[i]);
            const auto bytes = hn::BitCast(I8(), four);
            const auto turned = hn::IfThenElse(hn::Lt(weights, hn::Zero(I8())), hn::Neg(bytes), bytes);
            sum = hn::Add(sum, sumsOfPairs(pairs(hn::BitCast(U8(), hn::Abs(weights)), hn::BitCast(I32(), turned))));
#elif HWY_ARCH_ARM_A64 && HWY_TARGET == HWY_NEON
            sum = dotSigned(sum, vreinterpretq_s8_u8(w[i].raw), four);
#else
            sum = dotSlowly(sum, hn::BitCast(I32(), w[i]), four);
#endif
        }
        return sum;
#endif
    }
};

}  // namespace alcove::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
