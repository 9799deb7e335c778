// Attention over the key/value cache. Included once per vector unit.
//
// Online softmax (Milakov and Gimelshein 2018) in tiles of positions that begin at multiples of kTile, so that a
// query's result does not depend on what else is computed with it.
#if defined(ALCOVE_ENGINE_CPU_ATTENTION_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALCOVE_ENGINE_CPU_ATTENTION_INL_H
#undef ALCOVE_ENGINE_CPU_ATTENTION_INL_H
#else
#define ALCOVE_ENGINE_CPU_ATTENTION_INL_H
#endif

#include <algorithm>
#include <limits>

#include "engine/checkpoint/quantization.h"
#include "engine/cpu/kernels.h"
#include "engine/cpu/rows-inl.h"

HWY_BEFORE_NAMESPACE();
namespace alcove::engine::cpu::HWY_NAMESPACE {

inline constexpr std::size_t kTile = 64;  // positions; a page holds a whole number of tiles
static_assert(kPagePositions % kTile == 0);

struct HalfCache {
    using Value = std::uint16_t;
    static HWY_INLINE VF load(const Value* from) { return halves(reinterpret_cast<const std::byte*>(from)); }
};
struct ByteCache {
    using Value = std::int8_t;
    static HWY_INLINE VF load(const Value* from) {
        const hn::Rebind<std::int8_t, I32> i8;
        return hn::ConvertTo(F32(), hn::PromoteTo(I32(), hn::Load(i8, from)));
    }
};

template <class Cache>
void storeAs(const CachePage& page, std::size_t position, std::size_t headDim, const float* row, bool isKey);

template <>
HWY_INLINE void storeAs<HalfCache>(const CachePage& page, std::size_t position, std::size_t headDim, const float* row,
                                   bool isKey) {
    [[maybe_unused]] const hn::Rebind<hwy::float16_t, F32> f16;
    HWY_ALIGN std::uint16_t lanes[kLanes];
    auto* keys = reinterpret_cast<std::uint16_t*>(page.keys) + position / kKeyPositions * headDim * kKeyPositions +
                 position % kKeyPositions;
    auto* values = reinterpret_cast<std::uint16_t*>(page.values) + position * paddedRows(headDim);
    for (std::size_t at = 0; at < headDim; at += kLanes) {
        const std::size_t count = std::min(headDim - at, kLanes);
#if (HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX2) || HWY_ARCH_ARM
        hn::Store(hn::DemoteTo(f16, loadUpTo(row + at, count)), f16, reinterpret_cast<hwy::float16_t*>(lanes));
#else  // Highway's own conversion does not round
        std::transform(row + at, row + at + count, lanes, floatToHalf);
#endif
        if (isKey) {
            for (std::size_t i = 0; i < count; ++i) {
                keys[(at + i) * kKeyPositions] = lanes[i];
            }
        } else {
            std::memcpy(values + at, lanes, count * sizeof *lanes);
        }
    }
}

template <>
HWY_INLINE void storeAs<ByteCache>(const CachePage& page, std::size_t position, std::size_t headDim, const float* row,
                                   bool isKey) {
    auto* keys = reinterpret_cast<std::int8_t*>(page.keys) + position / kKeyPositions * headDim * kKeyPositions +
                 position % kKeyPositions;
    auto* values = reinterpret_cast<std::int8_t*>(page.values) + position * paddedRows(headDim);
    float highest = 0;
    float wrong = 0;
    for (std::size_t i = 0; i < headDim; ++i) {
        highest = std::max(highest, std::abs(row[i]));
        wrong += row[i] * 0.0F;
    }
    const float inverse = highest > 0 ? 127.0F / highest : 0.0F;
    (isKey ? page.keyScales : page.valueScales)[position] = highest / 127.0F + wrong;
    for (std::size_t i = 0; i < headDim; ++i) {
        const float bounded = std::min(std::max(std::nearbyint(row[i] * inverse), -127.0F), 127.0F);
        (isKey ? keys[i * kKeyPositions] : values[i]) = static_cast<std::int8_t>(bounded);
    }
}

inline void store(const CachedHead& cached, std::size_t position, const float* key, const float* value) {
    const CachePage page = cached.page(position / kPagePositions);
    const std::size_t within = position % kPagePositions;
    if (cached.type == KvType::F16) {
        storeAs<HalfCache>(page, within, cached.headDim, key, true);
        storeAs<HalfCache>(page, within, cached.headDim, value, false);
    } else {
        storeAs<ByteCache>(page, within, cached.headDim, key, true);
        storeAs<ByteCache>(page, within, cached.headDim, value, false);
    }
}

// scores[q][0..kTile) = query · key for the tile's positions from `first` on.
template <class Cache, std::size_t kQueries>
HWY_INLINE void scoreTile(const CachePage& page, std::size_t headDim, const AttendedQuery* queries, std::size_t first,
                          std::size_t positions, float (*scores)[kTile]) {
    // One query alone keeps several vectors of positions in flight, several queries share each vector.
    constexpr std::size_t kVectors = kQueries == 1 ? (kTile / kLanes < 4 ? kTile / kLanes : 4) : kParts;
    const auto* keys = reinterpret_cast<const typename Cache::Value*>(page.keys);
    for (std::size_t at = 0; at < positions; at += kVectors * kLanes) {
        const typename Cache::Value* from[kVectors];
        for (std::size_t i = 0; i < kVectors; ++i) {
            const std::size_t position = first + at + i * kLanes;
            from[i] = keys + position / kKeyPositions * headDim * kKeyPositions + position % kKeyPositions;
        }
        VF sums[kQueries * kVectors];
        for (VF& sum : sums) {
            sum = hn::Zero(F32());
        }
        for (std::size_t d = 0; d < headDim; ++d) {
            for (std::size_t i = 0; i < kVectors; ++i) {
                const VF key = Cache::load(from[i] + d * kKeyPositions);
                for (std::size_t q = 0; q < kQueries; ++q) {
                    VF& sum = sums[q * kVectors + i];
                    sum = hn::MulAdd(key, hn::Set(F32(), queries[q].query[d]), sum);
                }
            }
        }
        for (std::size_t q = 0; q < kQueries; ++q) {
            for (std::size_t i = 0; i < kVectors; ++i) {
                hn::StoreU(sums[q * kVectors + i], F32(), scores[q] + at + i * kLanes);
            }
        }
    }
}

// The state of one query's softmax.
struct Running {
    float highest = -std::numeric_limits<float>::infinity();
    float total = 0;
};

// Makes the scores of one tile into weights relative to the highest score so far; returns what the earlier sums must
// be multiplied by.
HWY_INLINE float weigh(float* scores, std::size_t seen, float scale, const float* keyScales, Running& running) {
    const VF minus = hn::Set(F32(), -std::numeric_limits<float>::infinity());
    const VF factor = hn::Set(F32(), scale);
    VF most = minus;
    for (std::size_t at = 0; at < kTile; at += kLanes) {
        VF score = minus;
        if (at < seen) {
            score = hn::Mul(hn::LoadU(F32(), scores + at), factor);
            if (keyScales != nullptr) {
                score = hn::Mul(score, hn::LoadU(F32(), keyScales + at));
            }
            score = hn::IfThenElse(hn::FirstN(F32(), seen - at), score, minus);
        }
        hn::StoreU(score, F32(), scores + at);
        most = hn::Max(most, score);
    }
    const float before = running.highest;
    running.highest = std::max(before, hn::GetLane(hn::MaxOfLanes(F32(), most)));
    const VF highest = hn::Set(F32(), running.highest);
    VF total = hn::Zero(F32());
    for (std::size_t at = 0; at < kTile; at += kLanes) {
        VF weight = hn::Zero(F32());
        if (at < seen) {
            const VF below = hn::Sub(hn::LoadU(F32(), scores + at), highest);
            weight = hn::IfThenElse(hn::FirstN(F32(), seen - at), hn::Exp(F32(), below), weight);
            total = hn::Add(total, weight);
        }
        hn::StoreU(weight, F32(), scores + at);
    }
    const float correction = std::exp(before - running.highest);
    running.total = std::fma(running.total, correction, hn::GetLane(hn::SumOfLanes(F32(), total)));
    return correction;
}

// output = output · correction + weights · values, over the tile's first `positions`.
template <class Cache, std::size_t kQueries>
HWY_INLINE void addValues(const CachePage& page, std::size_t headDim, const AttendedQuery* queries, std::size_t first,
                          std::size_t positions, const float (*weights)[kTile], const float* corrections) {
    constexpr std::size_t kVectors = kQueries == 1 ? kParts * 2 : kParts;  // at once
    const std::size_t padded = paddedRows(headDim);
    const auto* values = reinterpret_cast<const typename Cache::Value*>(page.values) + first * padded;
    const auto some = [&]<std::size_t kSome>(std::size_t at) HWY_ATTR {
        VF sums[kQueries * kSome];
        for (std::size_t q = 0; q < kQueries; ++q) {
            for (std::size_t i = 0; i < kSome; ++i) {
                sums[q * kSome + i] =
                    hn::Mul(hn::LoadU(F32(), queries[q].output + at + i * kLanes), hn::Set(F32(), corrections[q]));
            }
        }
        for (std::size_t position = 0; position < positions; ++position) {
            for (std::size_t i = 0; i < kSome; ++i) {
                const VF value = Cache::load(values + position * padded + at + i * kLanes);
                for (std::size_t q = 0; q < kQueries; ++q) {
                    VF& sum = sums[q * kSome + i];
                    sum = hn::MulAdd(value, hn::Set(F32(), weights[q][position]), sum);
                }
            }
        }
        for (std::size_t q = 0; q < kQueries; ++q) {
            for (std::size_t i = 0; i < kSome; ++i) {
                hn::StoreU(sums[q * kSome + i], F32(), queries[q].output + at + i * kLanes);
            }
        }
    };
    std::size_t at = 0;
    for (; at + kVectors * kLanes <= padded; at += kVectors * kLanes) {
        some.template operator()<kVectors>(at);
    }
    for (; at < padded; at += kLanes) {
        some.template operator()<1>(at);
    }
}

template <class Cache, std::size_t kQueries>
HWY_NOINLINE void attendTogether(const CachedHead& cached, const AttendedQuery* queries) {
    const std::size_t headDim = cached.headDim;
    const float scale = 1.0F / std::sqrt(static_cast<float>(headDim));
    HWY_ALIGN float scores[kQueries][kTile];
    float corrections[kQueries];
    Running running[kQueries];
    std::size_t most = 0;
    for (std::size_t q = 0; q < kQueries; ++q) {
        most = std::max(most, queries[q].positions);
        std::fill_n(queries[q].output, paddedRows(headDim), 0.0F);
    }
    for (std::size_t first = 0; first < most; first += kTile) {
        const std::size_t positions = std::min(kTile, most - first);
        const CachePage page = cached.page(first / kPagePositions);
        const std::size_t within = first % kPagePositions;
        scoreTile<Cache, kQueries>(page, headDim, queries, within, positions, scores);
        for (std::size_t q = 0; q < kQueries; ++q) {
            const std::size_t limit = queries[q].positions;
            const float* keyScales = page.keyScales == nullptr ? nullptr : page.keyScales + within;
            corrections[q] =
                weigh(scores[q], limit > first ? std::min(limit - first, kTile) : 0, scale, keyScales, running[q]);
            if (page.valueScales != nullptr) {
                for (std::size_t i = 0; i < positions; ++i) {
                    scores[q][i] *= page.valueScales[within + i];
                }
            }
        }
        addValues<Cache, kQueries>(page, headDim, queries, within, positions, scores, corrections);
    }
    for (std::size_t q = 0; q < kQueries; ++q) {
        const VF inverse = hn::Set(F32(), 1.0F / running[q].total);
        for (std::size_t at = 0; at < paddedRows(headDim); at += kLanes) {
            hn::StoreU(hn::Mul(hn::LoadU(F32(), queries[q].output + at), inverse), F32(), queries[q].output + at);
        }
    }
}

template <class Cache>
HWY_INLINE void attendAs(const CachedHead& cached, const AttendedQuery* queries, std::size_t count) {
    for (; count >= 4; count -= 4, queries += 4) {
        attendTogether<Cache, 4>(cached, queries);
    }
    for (; count > 0; --count, ++queries) {
        attendTogether<Cache, 1>(cached, queries);
    }
}

inline void attend(const CachedHead& cached, const AttendedQuery* queries, std::size_t count) {
    if (cached.type == KvType::F16) {
        attendAs<HalfCache>(cached, queries, count);
    } else {
        attendAs<ByteCache>(cached, queries, count);
    }
}

}  // namespace alcove::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
