// Matrix times tokens. Included once per vector unit.
//
// Every (row, token) has one accumulator that runs through the columns in order, whatever else is in flight.
#if defined(ALCOVE_ENGINE_CPU_PRODUCT_INL_H) == defined(HWY_TARGET_TOGGLE)
#ifdef ALCOVE_ENGINE_CPU_PRODUCT_INL_H
#undef ALCOVE_ENGINE_CPU_PRODUCT_INL_H
#else
#define ALCOVE_ENGINE_CPU_PRODUCT_INL_H
#endif

#include "engine/cpu/dot-inl.h"
#include "engine/cpu/kernels.h"

HWY_BEFORE_NAMESPACE();
namespace alcove::engine::cpu::HWY_NAMESPACE {

// Tokens that share a decoded weight: as many as there are registers for.
inline constexpr std::size_t kMostTokens = HWY_MAX_BYTES >= 64 ? 8 : 4;

inline constexpr std::size_t kPrefetchDistance = 2048;  // bytes
inline constexpr std::size_t kCacheLine = 64;

template <Reading kReading>
HWY_INLINE void prefetch(const std::byte* from, std::size_t bytes) {
    if constexpr (kReading != Reading::Plain) {
        for (std::size_t at = 0; at < bytes; at += kCacheLine) {
            __builtin_prefetch(from + kPrefetchDistance + at, 0, kReading == Reading::Around ? 0 : 3);
        }
    }
}

template <class Vector>
HWY_INLINE void deliver(const Vector& sum, float* out, bool add) {
    hn::StoreU(add ? hn::Add(hn::LoadU(F32(), out), sum) : sum, F32(), out);
}

struct Target {
    float* out;
    std::size_t stride;
    bool add;
};

// One group of a quantised matrix with kTokens tokens from `token` on.
template <class Block, std::size_t kBlockBytes, std::size_t kTokens, std::size_t kPartsAtOnce, Reading kReading>
HWY_INLINE void quantizedTile(const std::byte* group, std::size_t firstPart, const Rows& rows, std::size_t token,
                              const Target& target) {
    VF sums[kTokens * kPartsAtOnce];
    for (VF& sum : sums) {
        sum = hn::Zero(F32());
    }
    const std::int8_t* values = rows.values + token * rows.blocks * kBlockColumns;
    const float* scales = rows.scales + token * rows.blocks;
    const std::int32_t* offsets = rows.offsets + token * rows.blocks;
    constexpr std::size_t kScales = 2 * kGroupRows;  // bytes of a block's
    for (std::size_t block = 0; block < rows.blocks; ++block) {
        const std::size_t second = block % 2;
        const std::byte* pair = group + block / 2 * 2 * (kScales + kBlockBytes);
        const std::byte* weights = pair + 2 * kScales + second * kBlockBytes;
        prefetch<kReading>(second == 0 ? pair : weights, kBlockBytes + (second == 0 ? 2 * kScales : 0));
        for (std::size_t part = 0; part < kPartsAtOnce; ++part) {
            const std::size_t place = (firstPart + part) * kLanes;
            const Block decoded(weights + place * 4);
            const VF rowScales = halves(pair + second * kScales + place * 2);
            for (std::size_t t = 0; t < kTokens; ++t) {
                const VI dots =
                    decoded.dot(values + (t * rows.blocks + block) * kBlockColumns, offsets[t * rows.blocks + block]);
                const VF scale = hn::Mul(rowScales, hn::Set(F32(), scales[t * rows.blocks + block]));
                VF& sum = sums[t * kPartsAtOnce + part];
                sum = hn::MulAdd(hn::ConvertTo(F32(), dots), scale, sum);
            }
        }
    }
    for (std::size_t t = 0; t < kTokens; ++t) {
        for (std::size_t part = 0; part < kPartsAtOnce; ++part) {
            deliver(sums[t * kPartsAtOnce + part],
                    target.out + (token + t) * target.stride + (firstPart + part) * kLanes, target.add);
        }
    }
}

template <class Block, std::size_t kBlockBytes, std::size_t kTokens, Reading kReading>
HWY_INLINE std::size_t quantizedTiles(const std::byte* group, const Rows& rows, std::size_t token, std::size_t n,
                                      const Target& target) {
    // One token is limited by memory: all 16 rows go through it at once. More tokens need the registers.
    constexpr std::size_t kAtOnce = kTokens == 1 ? kParts : 1;
    for (; token + kTokens <= n; token += kTokens) {
        for (std::size_t part = 0; part < kParts; part += kAtOnce) {
            quantizedTile<Block, kBlockBytes, kTokens, kAtOnce, kReading>(group, part, rows, token, target);
        }
    }
    return token;
}

template <class Block, std::size_t kBlockBytes, Reading kReading>
HWY_NOINLINE void quantizedProduct(const PackedMatrix& matrix, std::size_t first, std::size_t groups, const Rows& rows,
                                   std::size_t n, const Target& target) {
    for (std::size_t g = 0; g < groups; ++g) {
        const std::byte* group = matrix.group(first + g);
        const Target to = {target.out + g * kGroupRows, target.stride, target.add};
        std::size_t token = 0;
        if constexpr (kMostTokens == 8) {
            token = quantizedTiles<Block, kBlockBytes, 8, Reading::Plain>(group, rows, token, n, to);
        }
        token = quantizedTiles<Block, kBlockBytes, 4, Reading::Plain>(group, rows, token, n, to);
        token = quantizedTiles<Block, kBlockBytes, 2, Reading::Plain>(group, rows, token, n, to);
        if (n == 1) {
            token = quantizedTiles<Block, kBlockBytes, 1, kReading>(group, rows, token, n, to);
        } else {
            token = quantizedTiles<Block, kBlockBytes, 1, Reading::Plain>(group, rows, token, n, to);
        }
    }
}

// Sixteen rows' weights of one column.
struct LoadF32 {
    static constexpr std::size_t kBytes = 4;
    static HWY_INLINE VF at(const std::byte* from) { return hn::Load(F32(), reinterpret_cast<const float*>(from)); }
};
struct LoadF16 {
    static constexpr std::size_t kBytes = 2;
    static HWY_INLINE VF at(const std::byte* from) { return halves(from); }
};
struct LoadBF16 {
    static constexpr std::size_t kBytes = 2;
    static HWY_INLINE VF at(const std::byte* from) {
        const hn::Rebind<std::uint16_t, I32> u16;
        const hn::RebindToUnsigned<I32> u32;
        const auto bits = hn::Load(u16, reinterpret_cast<const std::uint16_t*>(from));
        return hn::BitCast(F32(), hn::ShiftLeft<16>(hn::PromoteTo(u32, bits)));
    }
};

// kGroups groups with kTokens tokens, one vector of rows of each group.
template <class Load, std::size_t kGroups, std::size_t kTokens, Reading kReading>
HWY_INLINE void floatTile(const std::byte* groups, std::size_t groupStride, std::size_t columns, std::size_t part,
                          const Rows& rows, std::size_t token, const Target& target) {
    VF sums[kGroups * kTokens];
    for (VF& sum : sums) {
        sum = hn::Zero(F32());
    }
    const float* x = rows.floats + token * rows.floatStride;
    const std::byte* from = groups + part * kLanes * Load::kBytes;
    for (std::size_t column = 0; column < columns; ++column) {
        for (std::size_t g = 0; g < kGroups; ++g) {
            const std::byte* weights = from + g * groupStride + column * kGroupRows * Load::kBytes;
            prefetch<kReading>(weights, 1);
            const VF w = Load::at(weights);
            for (std::size_t t = 0; t < kTokens; ++t) {
                VF& sum = sums[g * kTokens + t];
                sum = hn::MulAdd(w, hn::Set(F32(), x[t * rows.floatStride + column]), sum);
            }
        }
    }
    for (std::size_t g = 0; g < kGroups; ++g) {
        for (std::size_t t = 0; t < kTokens; ++t) {
            deliver(sums[g * kTokens + t], target.out + (token + t) * target.stride + g * kGroupRows + part * kLanes,
                    target.add);
        }
    }
}

template <class Load, std::size_t kGroups, Reading kReading>
HWY_INLINE void floatGroups(const std::byte* groups, std::size_t groupStride, std::size_t columns, const Rows& rows,
                            std::size_t n, const Target& target) {
    for (std::size_t part = 0; part < kParts; ++part) {
        std::size_t token = 0;
        for (; token + 4 <= n; token += 4) {
            floatTile<Load, kGroups, 4, Reading::Plain>(groups, groupStride, columns, part, rows, token, target);
        }
        for (; token + 2 <= n; token += 2) {
            floatTile<Load, kGroups, 2, Reading::Plain>(groups, groupStride, columns, part, rows, token, target);
        }
        for (; token < n; ++token) {
            floatTile<Load, kGroups, 1, kReading>(groups, groupStride, columns, part, rows, token, target);
        }
    }
}

template <class Load, Reading kReading>
HWY_NOINLINE void floatProduct(const PackedMatrix& matrix, std::size_t first, std::size_t groups, const Rows& rows,
                               std::size_t n, const Target& target) {
    constexpr std::size_t kAtOnce = HWY_MAX_BYTES >= 64 ? 4 : 2;
    std::size_t g = 0;
    for (; g + kAtOnce <= groups; g += kAtOnce) {
        floatGroups<Load, kAtOnce, kReading>(matrix.group(first + g), matrix.stride, matrix.columns, rows, n,
                                             {target.out + g * kGroupRows, target.stride, target.add});
    }
    for (; g < groups; ++g) {
        floatGroups<Load, 1, kReading>(matrix.group(first + g), matrix.stride, matrix.columns, rows, n,
                                       {target.out + g * kGroupRows, target.stride, target.add});
    }
}

template <Reading kReading>
void productReading(const PackedMatrix& matrix, std::size_t first, std::size_t groups, const Rows& rows, std::size_t n,
                    const Target& target) {
    switch (matrix.dtype) {
        case DType::F32:
            return floatProduct<LoadF32, kReading>(matrix, first, groups, rows, n, target);
        case DType::F16:
            return floatProduct<LoadF16, kReading>(matrix, first, groups, rows, n, target);
        case DType::BF16:
            return floatProduct<LoadBF16, kReading>(matrix, first, groups, rows, n, target);
        case DType::Q4_0:
            return quantizedProduct<FourBitBlock, 256, kReading>(matrix, first, groups, rows, n, target);
        default:
            return quantizedProduct<EightBitBlock, 512, kReading>(matrix, first, groups, rows, n, target);
    }
}

inline void product(const PackedMatrix& matrix, std::size_t first, std::size_t groups, const Rows& rows, std::size_t n,
                    float* out, std::size_t outStride, bool add, Reading reading) {
    const Target target = {out, outStride, add};
    switch (reading) {
        case Reading::Plain:
            return productReading<Reading::Plain>(matrix, first, groups, rows, n, target);
        case Reading::Ahead:
            return productReading<Reading::Ahead>(matrix, first, groups, rows, n, target);
        case Reading::Around:
            return productReading<Reading::Around>(matrix, first, groups, rows, n, target);
    }
}

}  // namespace alcove::engine::cpu::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard
