// A tensor as it lies in a checkpoint file: a name, a shape and a view of mapped bytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace alcove::engine {

// The last five are GGUF's quantised blocks of a row (ggml, MIT): 32 values, or 256 for the K types.
enum class DType : std::uint8_t { F32, F16, BF16, Q8_0, Q4_0, Q4_K, Q5_K, Q6_K };

inline constexpr std::size_t kDTypeCount = 8;

struct DTypeTraits {
    const char* name;
    std::size_t blockElements;  // consecutive in a row, stored together
    std::size_t blockBytes;
};

inline constexpr std::array<DTypeTraits, kDTypeCount> kDTypes = {{{"F32", 1, 4},
                                                                  {"F16", 1, 2},
                                                                  {"BF16", 1, 2},
                                                                  {"Q8_0", 32, 34},
                                                                  {"Q4_0", 32, 18},
                                                                  {"Q4_K", 256, 144},
                                                                  {"Q5_K", 256, 176},
                                                                  {"Q6_K", 256, 210}}};

[[nodiscard]] constexpr const DTypeTraits& dtypeTraits(DType dtype) {
    return kDTypes[static_cast<std::size_t>(dtype)];
}

[[nodiscard]] constexpr const char* dtypeName(DType dtype) {
    return dtypeTraits(dtype).name;
}

[[nodiscard]] constexpr bool isQuantized(DType dtype) {
    return dtypeTraits(dtype).blockElements > 1;
}

// Bytes of `elements` values, a whole number of blocks.
[[nodiscard]] constexpr std::uint64_t storedBytes(DType dtype, std::uint64_t elements) {
    return elements / dtypeTraits(dtype).blockElements * dtypeTraits(dtype).blockBytes;
}

// Bytes of one element of a type that is not quantised.
[[nodiscard]] constexpr std::size_t dtypeSize(DType dtype) {
    return dtypeTraits(dtype).blockBytes;
}

// Row-major and contiguous; little-endian elements. `bytes` may be unaligned and stays valid as long
// as the Checkpoint it came from. bytes.size() == storedBytes(dtype, product(shape)), and a row of a quantised
// type is a whole number of blocks: always checked by the reader that made the view.
struct TensorView {
    std::string name;
    DType dtype = DType::F32;
    std::vector<std::uint64_t> shape;
    std::span<const std::byte> bytes;
};

}  // namespace alcove::engine
