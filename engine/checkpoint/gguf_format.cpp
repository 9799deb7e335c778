#include "engine/checkpoint/gguf_format.h"

#include <algorithm>
#include <array>

namespace alcove::engine {

namespace {

struct GgmlType {
    DType dtype;
    std::uint32_t number;
};

constexpr std::array<GgmlType, kDTypeCount> kGgmlTypes = {{{DType::F32, 0},
                                                           {DType::F16, 1},
                                                           {DType::Q4_0, 2},
                                                           {DType::Q8_0, 8},
                                                           {DType::Q4_K, 12},
                                                           {DType::Q5_K, 13},
                                                           {DType::Q6_K, 14},
                                                           {DType::BF16, 30}}};

}  // namespace

std::optional<std::uint64_t> ggufFixedSize(GgufType type) {
    switch (type) {
        case GgufType::UInt8:
        case GgufType::Int8:
        case GgufType::Bool:
            return 1;
        case GgufType::UInt16:
        case GgufType::Int16:
            return 2;
        case GgufType::UInt32:
        case GgufType::Int32:
        case GgufType::Float32:
            return 4;
        case GgufType::UInt64:
        case GgufType::Int64:
        case GgufType::Float64:
            return 8;
        case GgufType::String:
        case GgufType::Array:
            break;
    }
    return std::nullopt;
}

std::uint32_t ggmlNumber(DType dtype) {
    return std::find_if(kGgmlTypes.begin(), kGgmlTypes.end(),
                        [dtype](const GgmlType& type) { return type.dtype == dtype; })
        ->number;
}

std::optional<DType> dtypeOfGgmlNumber(std::uint32_t number) {
    const auto known = std::find_if(kGgmlTypes.begin(), kGgmlTypes.end(),
                                    [number](const GgmlType& type) { return type.number == number; });
    return known == kGgmlTypes.end() ? std::nullopt : std::optional(known->dtype);
}

}  // namespace alcove::engine
