// Operations on a token's vector: norms, quantisation, activation, rotation. Included once per vector unit.
#if defined(ALCOVE_ENGINE_CPU_ROWS_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALCOVE_ENGINE_CPU_ROWS_INL_H
#undef ALCOVE_ENGINE_CPU_ROWS_INL_H
#else
#define ALCOVE_ENGINE_CPU_ROWS_INL_H
#endif

#include <cmath>
#include <hwy/contrib/math/math-inl.h>

#include "engine/cpu/dot-inl.h"
#include "engine/cpu/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace alcove::engine::cpu::HWY_NAMESPACE {

// The first `count` lanes from memory, zeros behind them.
HWY_INLINE VF loadSome(const float* from, std::size_t count) {
    HWY_ALIGN float lanes[kLanes] = {};
    std::memcpy(lanes, from, count * sizeof(float));
    return hn::Load(F32(), lanes);
}

HWY_INLINE void storeSome(VF value, float* to, std::size_t count) {
    HWY_ALIGN float lanes[kLanes];
    hn::Store(value, F32(), lanes);
    std::memcpy(to, lanes, count * sizeof(float));
}

HWY_INLINE VF loadUpTo(const float* from, std::size_t count) {
    return count == kLanes ? hn::LoadU(F32(), from) : loadSome(from, count);
}

HWY_INLINE void storeUpTo(VF value, float* to, std::size_t count) {
    if (count == kLanes) {
        hn::StoreU(value, F32(), to);
    } else {
        storeSome(value, to, count);
    }
}

inline void rmsNorm(const float* x, const float* gamma, std::size_t columns, float epsilon, float* y) {
    VF squares = hn::Zero(F32());
    for (std::size_t at = 0; at < columns; at += kLanes) {
        const VF v = loadUpTo(x + at, columns - at < kLanes ? columns - at : kLanes);
        squares = hn::MulAdd(v, v, squares);
    }
    const float mean = hn::GetLane(hn::SumOfLanes(F32(), squares)) / static_cast<float>(columns);
    const VF scale = hn::Set(F32(), 1.0F / std::sqrt(mean + epsilon));
    for (std::size_t at = 0; at < columns; at += kLanes) {
        const std::size_t count = columns - at < kLanes ? columns - at : kLanes;
        storeUpTo(hn::Mul(hn::Mul(loadUpTo(x + at, count), scale), loadUpTo(gamma + at, count)), y + at, count);
    }
}

// Quantises `count` values, whole vectors, to -127..127; returns the scale.
HWY_INLINE float quantizeRun(const float* x, std::size_t count, std::int8_t* values) {
    const hn::Rebind<std::int8_t, I32> i8;
    VF most = hn::Zero(F32());
    VF wrong = hn::Zero(F32());  // stays zero unless a value is not finite
    for (std::size_t i = 0; i < count; i += kLanes) {
        const VF v = hn::LoadU(F32(), x + i);
        most = hn::Max(most, hn::Abs(v));
        wrong = hn::MulAdd(v, hn::Zero(F32()), wrong);
    }
    const float highest = hn::GetLane(hn::MaxOfLanes(F32(), most));
    const float poison = hn::GetLane(hn::SumOfLanes(F32(), wrong));
    const VF inverse = hn::Set(F32(), highest > 0 ? 127.0F / highest : 0.0F);
    const VI limit = hn::Set(I32(), 127);
    for (std::size_t i = 0; i < count; i += kLanes) {
        const VI rounded = hn::NearestInt(hn::Mul(hn::LoadU(F32(), x + i), inverse));
        const VI bounded = hn::Max(hn::Min(rounded, limit), hn::Neg(limit));
        hn::StoreU(hn::DemoteTo(i8, bounded), i8, values + i);
    }
    return highest / 127.0F + poison;
}

inline void quantize(const float* x, std::size_t columns, std::size_t blocks, const QuantizedRow& row) {
    for (std::size_t block = 0; block < blocks; ++block) {
        HWY_ALIGN float filled[kBlockColumns] = {};
        const float* from = x + block * kBlockColumns;
        const std::size_t at = block * kBlockColumns;
        if (at + kBlockColumns > columns) {
            std::memcpy(filled, from, (columns > at ? columns - at : 0) * sizeof(float));
            from = filled;
        }
        std::int8_t* values = row.values + at;
        row.scales[block] = quantizeRun(from, kBlockColumns, values);
        const hn::Rebind<std::int8_t, I32> i8;
        VI sum = hn::Zero(I32());
        for (std::size_t i = 0; i < kBlockColumns; i += kLanes) {
            sum = hn::Add(sum, hn::PromoteTo(I32(), hn::LoadU(i8, values + i)));
        }
        row.offsets[block] = -8 * hn::GetLane(hn::SumOfLanes(I32(), sum));
    }
}

inline void swiglu(const float* gate, const float* up, std::size_t count, float* y) {
    const VF one = hn::Set(F32(), 1.0F);
    for (std::size_t at = 0; at < count; at += kLanes) {
        const std::size_t some = count - at < kLanes ? count - at : kLanes;
        const VF g = loadUpTo(gate + at, some);
        // e^-g is infinite below -88, where the quotient's limit, zero, is also its value.
        const VF silu = hn::Div(g, hn::Add(one, hn::Exp(F32(), hn::Neg(g))));
        storeUpTo(hn::Mul(silu, loadUpTo(up + at, some)), y + at, some);
    }
}

inline void rotate(float* head, const float* angles, std::size_t headDim) {
    const std::size_t half = headDim / 2;
    for (std::size_t at = 0; at < half; at += kLanes) {
        const std::size_t count = half - at < kLanes ? half - at : kLanes;
        HWY_ALIGN float pairs[2 * kLanes] = {};
        std::memcpy(pairs, angles + 2 * at, 2 * count * sizeof(float));
        VF cosine;
        VF sine;
        hn::LoadInterleaved2(F32(), pairs, cosine, sine);
        const VF a = loadUpTo(head + at, count);
        const VF b = loadUpTo(head + half + at, count);
        storeUpTo(hn::NegMulAdd(b, sine, hn::Mul(a, cosine)), head + at, count);
        storeUpTo(hn::MulAdd(a, sine, hn::Mul(b, cosine)), head + half + at, count);
    }
}

inline std::uint64_t readAll(const std::byte* bytes, std::size_t size) {
    constexpr std::size_t kVector = HWY_MAX_BYTES < 64 ? HWY_MAX_BYTES : 64;
    const hn::CappedTag<std::uint64_t, kVector / 8> d;
    auto a = hn::Zero(d);
    auto b = a;
    auto c = a;
    auto e = a;
    const auto load = [&](std::size_t at) { return hn::Load(d, reinterpret_cast<const std::uint64_t*>(bytes + at)); };
    for (std::size_t at = 0; at + 4 * kVector <= size; at += 4 * kVector) {
        a = hn::Xor(a, load(at));
        b = hn::Xor(b, load(at + kVector));
        c = hn::Xor(c, load(at + 2 * kVector));
        e = hn::Xor(e, load(at + 3 * kVector));
    }
    return hn::GetLane(hn::SumOfLanes(d, hn::Xor(hn::Xor(a, b), hn::Xor(c, e))));
}

}  // namespace alcove::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
